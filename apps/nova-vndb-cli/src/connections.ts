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

const mongodb = (url: Redacted.Redacted) =>
  Effect.gen(function*() {
    const database = yield* Config.String("MONGODB_DATABASE").pipe(Config.withDefault("nova-vndb"))
    const { MongoViewStore } = yield* Effect.promise(() => import("@kanau/mongodb"))
    return { MongoViewStore, database, url }
  })

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
  views: named(
    "MONGODB_URL",
    (url) => Effect.map(mongodb(url), ({ MongoViewStore, ...options }) => MongoViewStore.layer(options))
  ),
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
        ({ RedisKeyValue }) => RedisKeyValue.layer({ url, prefix: "nova-vndb:", timeout: "2 seconds" })
      )
  )
}

/** What is missing of the collections and indexes in MongoDB. */
export const missing: Operate.Inspecting = (collections) =>
  Effect.flatMap(Config.Redacted("MONGODB_URL"), mongodb).pipe(
    Effect.mapError(() => new Operate.NotSet({ setting: "MONGODB_URL" })),
    Effect.flatMap(({ MongoViewStore, ...options }) => MongoViewStore.missing(options, collections))
  )
