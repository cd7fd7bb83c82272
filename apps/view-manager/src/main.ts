import "effect/schema/SchemaJITCompiler/enable"
import { MongoViewStore } from "@kanau/mongodb"
import { Database } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { Runner } from "@kanau/runner"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { ViewManager } from "@kanau/vndb"
import { Config, Effect, Layer } from "effect"

const settings = Config.all({
  database: Config.Redacted("DATABASE_URL"),
  mongodb: Config.Redacted("MONGODB_URL"),
  views: Config.String("MONGODB_DATABASE").pipe(Config.withDefault("nova-vndb")),
  bus: Config.Redacted("AMQP_URL"),
  search: MeiliSearchIndex.config
})

Runner.run({
  name: "view-manager",
  layer: Layer.unwrap(Effect.map(settings, ({ database, mongodb, views, bus, search }) =>
    Layer.provide(
      ViewManager.layer,
      Layer.mergeAll(
        Database.layer({ url: database, applicationName: "view-manager" }),
        MongoViewStore.layer({ url: mongodb, database: views }),
        RabbitBus.layer({ url: bus }),
        MeiliSearchIndex.layer(search)
      )
    )))
})
