import "effect/schema/SchemaJITCompiler/enable"
import { BearerAuth, HttpServer } from "@kanau/http"
import { Database, Migrations, Outbox } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { RedisKeyValue } from "@kanau/redis"
import { Runner } from "@kanau/runner"
import { UserRequestHandler, Wiki } from "@kanau/vndb"
import { Config, Effect, Layer } from "effect"

const settings = Config.all({
  database: Config.Redacted("DATABASE_URL"),
  bus: Config.Redacted("AMQP_URL"),
  redis: Config.Redacted("REDIS_URL"),
  credentials: BearerAuth.config("API_TOKENS"),
  server: HttpServer.config
})

Runner.run({
  name: "user-request-handler",
  layer: Layer.unwrap(Effect.map(settings, ({ database, bus, redis, credentials, server }) => {
    const postgres = Database.layer({ url: database, applicationName: "user-request-handler" })
    const infrastructure = Layer.mergeAll(
      Layer.provideMerge(
        Outbox.layer({ source: UserRequestHandler.source }),
        Layer.provideMerge(Layer.effectDiscard(Migrations.run(Migrations.kanau, Wiki.migrations)), postgres)
      ),
      RabbitBus.layer({ url: bus }),
      RedisKeyValue.layer({ url: redis, prefix: "nova-vndb:" })
    )
    return Layer.provide(UserRequestHandler.layer({ ...server, credentials }), infrastructure)
  }))
})
