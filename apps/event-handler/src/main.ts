import "effect/schema/SchemaJITCompiler/enable"
import { Database, Outbox, PgInbox } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { Runner } from "@kanau/runner"
import { EventHandler } from "@kanau/vndb"
import { Config, Effect, Layer } from "effect"

const settings = Config.all({ database: Config.Redacted("DATABASE_URL"), bus: Config.Redacted("AMQP_URL") })

Runner.run({
  name: "event-handler",
  layer: Layer.unwrap(Effect.map(settings, ({ database, bus }) =>
    Layer.provide(
      EventHandler.layer,
      Layer.mergeAll(
        Layer.provideMerge(
          Layer.merge(PgInbox.layer, Outbox.layer({ source: EventHandler.source })),
          Database.layer({ url: database, applicationName: "event-handler" })
        ),
        RabbitBus.layer({ url: bus })
      )
    )))
})
