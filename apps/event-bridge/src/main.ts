import "effect/schema/SchemaJITCompiler/enable"
import { NatsBus } from "@kanau/nats"
import { Database, Migrations } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { Runner } from "@kanau/runner"
import { Effect, Layer } from "effect"
import { bridging } from "./bridging.ts"
import { settings } from "./settings.ts"

Runner.run({
  name: "event-bridge",
  layer: Layer.unwrap(Effect.map(settings, (options) =>
    Layer.provide(
      bridging(options),
      Layer.mergeAll(
        Layer.provideMerge(
          Layer.effectDiscard(Migrations.run(Migrations.kanau)),
          Database.layer({ url: options.database, applicationName: "event-bridge" })
        ),
        options.bus.kind === "nats" ? NatsBus.layer(options.bus) : RabbitBus.layer(options.bus)
      )
    )))
})
