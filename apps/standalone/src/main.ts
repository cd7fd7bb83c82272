/**
 * Every role of Nova VNDB in one process, on embedded adapters: no server, no configuration. Data live in `.kanau/`.
 *
 *   npm start                 start; the first time, import the bundled dump
 *   npm start -- --reset      forget everything and start anew
 *
 * `PUBLIC_PORT` (8080), `MUTATION_PORT` (8081), `DATA_FOLDER` (.kanau), `LOG_LEVEL` (warn) may be set.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { KeyValue } from "@kanau/core"
import { HttpServer } from "@kanau/http"
import { EmbeddedBus } from "@kanau/messaging"
import { Migrations, Outbox, PgInbox, PgScheduleStore, PgViewStore } from "@kanau/postgres"
import * as EmbeddedDatabase from "@kanau/postgres/EmbeddedDatabase"
import { Runner } from "@kanau/runner"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { ApiGateway, Community, EventHandler, Scheduler, UserRequestHandler, ViewManager, Wiki } from "@kanau/vndb"
import { Config, Context, Effect, Layer, Redacted } from "effect"
import * as path from "node:path"
import { parseArgs } from "node:util"
import { openDataFolder } from "./dataFolder.ts"
import { fillSearch, importSampleDump } from "./firstStart.ts"
import { welcomeText } from "./welcome.ts"

const help = `Usage: npm start [-- --reset]

  --reset   delete the data in .kanau/ and import the bundled dump again
  --help    this text

Environment: PUBLIC_PORT (8080), MUTATION_PORT (8081), DATA_FOLDER (.kanau), LOG_LEVEL (warn)
`

const { values } = parseArgs({ options: { reset: { type: "boolean" }, help: { type: "boolean" } } })
if (values.help === true) {
  process.stdout.write(help)
  process.exit(0)
}
// One person watches one terminal: probes need no port of their own, and good news need no log line.
process.env["HEALTH_PORT"] ??= "0"
process.env["HEALTH_HOST"] ??= "127.0.0.1"
process.env["LOG_LEVEL"] ??= "warn"

const settings = Config.all({
  publicPort: Config.Int("PUBLIC_PORT").pipe(Config.withDefault(8080)),
  mutationPort: Config.Int("MUTATION_PORT").pipe(Config.withDefault(8081)),
  folder: Config.String("DATA_FOLDER").pipe(Config.withDefault(".kanau"))
})

const standalone = Effect.gen(function*() {
  const { publicPort, mutationPort, folder } = yield* settings
  const data = yield* openDataFolder({ folder, reset: values.reset === true })

  const database = Layer.provideMerge(
    Layer.effectDiscard(Migrations.run(Migrations.kanau, Wiki.migrations)),
    EmbeddedDatabase.layer({ folder: path.join(data.folder, "postgres") })
  ).pipe(
    // The bus locks its file: a second process on this folder ends here, before it can touch the database.
    Layer.provideMerge(EmbeddedBus.layer({ file: path.join(data.folder, "bus.sqlite") }))
  )
  const infrastructure = Layer.mergeAll(
    Layer.provideMerge(
      PgScheduleStore.layer({ process: "standalone" }),
      Outbox.layer({ source: UserRequestHandler.source })
    ),
    PgInbox.layer,
    PgViewStore.layer,
    EmbeddedSearchIndex.layer,
    KeyValue.layerMemory()
  ).pipe(Layer.provideMerge(database))

  const host = "127.0.0.1"
  const everyRole = Effect.gen(function*() {
    const mutations = yield* Layer.build(UserRequestHandler.layer({
      host,
      port: mutationPort,
      credentials: [{ name: "you", token: Redacted.make(data.token) }]
    }))
    yield* Layer.build(Layer.mergeAll(ViewManager.layer, EventHandler.layer, Scheduler.layer))
    const pages = yield* Layer.build(ApiGateway.layer({ host, port: publicPort }))
    // One person has it all.
    yield* Community.service.process(new Community.SetAttributes({ name: "you", administration: "owner" }))
    yield* importSampleDump
    yield* fillSearch
    const urlOf = Context.get(HttpServer.HttpServer)
    process.stdout.write(welcomeText({ data, pages: urlOf(pages).url, mutations: urlOf(mutations).url }))
  })
  return Layer.provide(Layer.effectDiscard(everyRole), infrastructure)
})

Runner.run({ name: "standalone", layer: Layer.unwrap(standalone) })
