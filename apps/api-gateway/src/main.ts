import "effect/schema/SchemaJITCompiler/enable"
import { ClientLimit, HttpServer } from "@kanau/http"
import { MongoViewStore } from "@kanau/mongodb"
import { RabbitBus } from "@kanau/rabbitmq"
import { Runner } from "@kanau/runner"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import * as ApiGateway from "@kanau/vndb/roles/ApiGateway"
import { Config, Effect, Layer } from "effect"

const settings = Config.all({
  mongodb: Config.Redacted("MONGODB_URL"),
  database: Config.String("MONGODB_DATABASE").pipe(Config.withDefault("nova-vndb")),
  bus: Config.Redacted("AMQP_URL"),
  search: MeiliSearchIndex.config,
  server: HttpServer.config,
  limit: ClientLimit.config
})

Runner.run({
  name: "api-gateway",
  layer: Layer.unwrap(Effect.map(settings, ({ mongodb, database, bus, search, server, limit }) =>
    Layer.provide(
      ApiGateway.layer({ ...server, limit }),
      Layer.mergeAll(
        MongoViewStore.layer({ url: mongodb, database }),
        RabbitBus.layer({ url: bus }),
        MeiliSearchIndex.layer(search)
      )
    )))
})
