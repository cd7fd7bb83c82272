/** How measured processes of ours reach their servers. */
import { type Bus, RetryLadder } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { Database, Outbox, PgBus, PgInbox } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { Layer, Redacted, References } from "effect"

const quiet = Layer.succeed(References.MinimumLogLevel, "Warn")

/** The bus a URL leads to. */
export const busAt = (url: string): Layer.Layer<Bus.Bus> =>
  (url.startsWith("nats:")
    ? NatsBus.layer({ url: Redacted.make(url) })
    : url.startsWith("postgres:")
    ? Layer.orDie(Layer.provide(PgBus.layer(), Database.layer({ url: Redacted.make(url), applicationName: "bus" })))
    : RabbitBus.layer({ url: Redacted.make(url), delays: RetryLadder.steps(RetryLadder.standard) })).pipe(
      Layer.provideMerge(quiet)
    )

/** The database a URL leads to, with outbox and inbox. */
export const databaseAt = (url: string) =>
  Layer.mergeAll(PgInbox.layer, Outbox.layer({ source: "/bench" })).pipe(
    Layer.provideMerge(Database.layer({ url: Redacted.make(url), applicationName: "bench" })),
    Layer.provideMerge(quiet),
    Layer.orDie
  )

/** A variable a measured process cannot do without. */
export const environment = (name: "DATABASE_URL" | "BUS_URL" | "REDIS_URL"): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
