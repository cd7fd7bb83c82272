/** What the bridge is told by its environment. */
import { Fault } from "@kanau/core"
import { ChangeBridge } from "@kanau/postgres"
import { Config, Effect, Option, Schema } from "effect"
import { readFile } from "node:fs/promises"

const Tables = Schema.fromJsonString(Schema.NonEmptyArray(ChangeBridge.Table))

const inFile = (file: string) =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.mapError(() => new Fault.Invariant({ reason: `${file}, named in BRIDGE_TABLES_FILE, cannot be read` })),
    Effect.flatMap((text) => Effect.mapError(Schema.decodeUnknownEffect(Tables)(text), Fault.issuesOf)),
    Effect.mapError((error) =>
      error instanceof Fault.Invariant ? error : new Fault.InvalidInput({
        issues: error.map(({ message, path }) => ({ path: `${file}: ${path}`, message }))
      })
    )
  )

/** The tables as JSON, in the environment or in a file. */
const tables = Effect.gen(function*() {
  const file = yield* Config.option(Config.NonEmptyString("BRIDGE_TABLES_FILE"))
  return Option.isSome(file) ? yield* inFile(file.value) : yield* Config.schema(Tables, "BRIDGE_TABLES")
})

/** NATS when its address is given, else RabbitMQ. */
const bus = Effect.gen(function*() {
  const nats = yield* Config.option(Config.Redacted("NATS_URL"))
  return Option.isSome(nats)
    ? { kind: "nats" as const, url: nats.value }
    : { kind: "rabbitmq" as const, url: yield* Config.Redacted("AMQP_URL") }
})

export const settings = Effect.all({
  tables,
  name: Config.String("BRIDGE_NAME").pipe(Config.withDefault("bridge")),
  source: Config.Literals(["triggers", "replication"], "BRIDGE_SOURCE").pipe(Config.withDefault("triggers" as const)),
  database: Config.Redacted("DATABASE_URL"),
  bus
})
