/**
 * Imports an unpacked VNDB dump into PostgreSQL. A second run of the same dump writes and publishes nothing; an
 * interrupted run is simply started again. The outbox relay of the user-request-handler publishes what changed.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Correlation } from "@kanau/core"
import { Database, Migrations, Outbox } from "@kanau/postgres"
import { ImportService, Wiki } from "@kanau/vndb"
import { Config, Console, Effect, Layer } from "effect"
import { Argument, Command, Flag } from "effect/cli"

const dump = Argument.Directory("dump").pipe(
  Argument.withDescription("The unpacked dump: the folder that holds db/")
)
const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print the report as JSON, without progress")
)

const migrate = Effect.fnUntraced(function*(input: { readonly dump: string; readonly json: boolean }) {
  const url = yield* Config.Redacted("DATABASE_URL")
  const database = Layer.provideMerge(
    Outbox.layer({ source: "/vndb-migrator" }),
    Database.layer({ url, applicationName: "vndb-migrator" })
  )
  const report = yield* Effect.gen(function*() {
    yield* Migrations.run(Migrations.kanau, Wiki.migrations)
    return yield* ImportService.importDump({
      folder: input.dump,
      onProgress: input.json ? () => Effect.void : showProgress
    })
  }).pipe(Effect.provideServiceEffect(Correlation.Correlation, Correlation.start), Effect.provide(database))
  yield* Console.log(input.json ? JSON.stringify(report) : describe(report))
})

const showProgress = ({ step, what, done, total }: ImportService.Progress) =>
  Effect.sync(() => {
    const text = total === undefined ? `${done} rows` : `${done}/${total} entries`
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${step} ${what}: ${text}`)
    else if (done === total) process.stderr.write(`${step} ${what}: ${text}\n`)
  })

const describe = (report: ImportService.Report): string =>
  [
    `${report.created} entries created, ${report.changed} changed, ${report.unchanged} as they were`,
    ...report.unknownColumns.map((column) => `left out: column ${column}, which is not known here`),
    ...report.rejected.map(({ table, rule, rows }) => `left out: ${rows} rows of ${table}, because ${rule}`)
  ].join("\n")

Command.make("vndb-migrator", { dump, json }, migrate).pipe(
  Command.withDescription("Import an unpacked VNDB dump into the database named by DATABASE_URL"),
  Command.run({ version: "0.1.0" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
