/**
 * The key-value port on Redis (6.2 or newer). Every operation is one command or one script, so it is atomic on its key.
 *
 * Redis may be down, also at the start: operations then fail at once with `Unavailable`, nothing queues up, and the
 * connection comes back by itself. A command that Redis does not answer within the time-out fails too, and whether it
 * was carried out is unknown. After three failures in a row a circuit breaker, `redis`, sends nothing for 15 s. What is
 * stored is as lasting as Redis is configured to be.
 */
import { KeyValue } from "@kanau/core"
import { Effect, Layer, Option } from "effect"
import { connect, expiry, type Options, script } from "./internal/client.ts"

export type { Options } from "./internal/client.ts"

/**
 * The store. Building it waits a moment for the connection, and succeeds without one.
 *
 * @example
 * ```ts
 * import { RedisKeyValue } from "@kanau/redis"
 * import { Layer, Redacted } from "effect"
 *
 * const store = RedisKeyValue.layer({ url: Redacted.make("redis://127.0.0.1:6379"), prefix: "notes:" })
 * Layer.isLayer(store) // => true
 * ```
 */
export const layer = (options: Options): Layer.Layer<KeyValue.KeyValue> =>
  Layer.effect(
    KeyValue.KeyValue,
    Effect.map(connect("redis", options), ({ ask, keyOf, run }) =>
      KeyValue.KeyValue.of({
        get: (key) => Effect.map(ask((redis) => redis.get(keyOf(key))), Option.fromNullishOr),
        set: (key, value, ttlMillis) =>
          Effect.asVoid(ask((redis) => redis.set(keyOf(key), value, "PX", expiry(ttlMillis)))),
        setIfAbsent: (key, value, ttlMillis) =>
          Effect.map(
            ask((redis) => redis.set(keyOf(key), value, "PX", expiry(ttlMillis), "NX")),
            (reply) => reply === "OK"
          ),
        take: (key) => Effect.map(ask((redis) => redis.getdel(keyOf(key))), Option.fromNullishOr),
        remove: (key) => Effect.asVoid(ask((redis) => redis.del(keyOf(key)))),
        replaceIf: (key, expected, value, ttlMillis) =>
          Effect.map(run(replaceIf, key, expected, value, expiry(ttlMillis)), (reply) => reply === 1),
        removeIf: (key, expected) => Effect.map(run(removeIf, key, expected), (reply) => reply === 1)
      }))
  )

const replaceIf = script(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`)

const removeIf = script(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])`)
