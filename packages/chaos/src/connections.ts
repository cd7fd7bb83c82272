import type { Fault } from "@kanau/core"
import { type Bus, RetryLadder } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { Database, Outbox, PgBus, PgInbox } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { Layer, Redacted } from "effect"
import { ladder } from "./work.ts"

/** The bus a URL leads to. */
export const busAt = (url: string): Layer.Layer<Bus.Bus, Fault.Unavailable> =>
  url.startsWith("nats:")
    ? NatsBus.layer({ url: Redacted.make(url), pingMillis: 500 })
    : url.startsWith("postgres:")
    ? Layer.provide(
      PgBus.layer({ leaseSeconds: 2 }),
      Database.layer({ url: Redacted.make(url), applicationName: "bus", maxConnections: 6 })
    )
    : RabbitBus.layer({ url: Redacted.make(`${url}?heartbeat=1`), delays: RetryLadder.steps(ladder) })

/** The database a URL leads to, with outbox and inbox. */
export const databaseAt = (url: string, applicationName: string) =>
  Layer.mergeAll(PgInbox.layer, Outbox.layer({ source: "/chaos" })).pipe(
    Layer.provideMerge(Database.layer({ url: Redacted.make(url), applicationName, maxConnections: 5 }))
  )
