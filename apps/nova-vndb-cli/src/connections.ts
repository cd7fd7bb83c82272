/**
 * The servers that the environment names. Drivers are loaded when a command connects, because they take longer to load
 * than everything else.
 */
import { Operate } from "@kanau/operator"
import { Config, Effect, Layer, type Redacted } from "effect"

const named = <A>(
  setting: string,
  connect: (url: Redacted.Redacted) => Effect.Effect<Layer.Layer<A, Operate.ConnectFailure>, Config.ConfigError>
): Operate.Connecting<A> =>
  Layer.unwrap(
    Effect.mapError(
      Effect.flatMap(Config.Redacted(setting), connect),
      () => new Operate.NotSet({ setting })
    )
  )

/** The same names as the roles read. */
export const connections: Operate.Connections = {
  postgres: named(
    "DATABASE_URL",
    (url) =>
      Effect.map(
        Effect.promise(() => import("@kanau/postgres/Database")),
        (Database) => Database.layer({ url, applicationName: "nova-vndb-cli", maxConnections: 2 })
      )
  ),
  bus: named(
    "AMQP_URL",
    (url) => Effect.map(Effect.promise(() => import("@kanau/rabbitmq")), ({ RabbitBus }) => RabbitBus.layer({ url }))
  ),
  views: named("MONGODB_URL", (url) =>
    Effect.gen(function*() {
      const database = yield* Config.String("MONGODB_DATABASE").pipe(Config.withDefault("nova-vndb"))
      const { MongoViewStore } = yield* Effect.promise(() => import("@kanau/mongodb"))
      return MongoViewStore.layer({ url, database })
    })),
  search: named("MEILISEARCH_URL", () =>
    Effect.gen(function*() {
      const { MeiliSearchIndex } = yield* Effect.promise(() => import("@kanau/search/meilisearch"))
      return MeiliSearchIndex.layer(yield* MeiliSearchIndex.config)
    })),
  keyValue: named(
    "REDIS_URL",
    (url) =>
      Effect.map(
        Effect.promise(() => import("@kanau/redis")),
        ({ RedisKeyValue }) => RedisKeyValue.layer({ url, prefix: "nova-vndb:" })
      )
  )
}
