/**
 * The shared rate limit on Redis (6.2 or newer): one script takes a call, so it is atomic on its key. Time is that of
 * Redis, in whole milliseconds; a key expires when its bucket is full again.
 *
 * Redis may be down, also at the start: calls then fail at once with `Unavailable`, and the connection comes back by
 * itself. After three failures in a row a circuit breaker, `redis token buckets`, sends nothing for 15 s. What a restart
 * of Redis loses is forgotten: buckets are full afterwards.
 */
import { TokenBucket } from "@kanau/core"
import { Duration, Effect, Layer } from "effect"
import { connect, type Options, script } from "./internal/client.ts"

export type { Options } from "./internal/client.ts"

/**
 * The buckets. Building them waits a moment for the connection, and succeeds without one.
 *
 * @example
 * ```ts
 * import { RedisTokenBucket } from "@kanau/redis"
 * import { Layer, Redacted } from "effect"
 *
 * const buckets = RedisTokenBucket.layer({ url: Redacted.make("redis://127.0.0.1:6379"), prefix: "notes:limit:" })
 * Layer.isLayer(buckets) // => true
 * ```
 */
export const layer = (options: Options): Layer.Layer<TokenBucket.TokenBucket> =>
  Layer.effect(
    TokenBucket.TokenBucket,
    Effect.map(connect("redis token buckets", options), ({ run }) =>
      TokenBucket.TokenBucket.of({
        take: (key, { burst, limit, per }) => {
          const price = Duration.toMillis(per)
          return Effect.map(run(take, key, limit, price, price * (burst ?? limit)), (reply): TokenBucket.Taken => {
            const [retryAfterMillis = 0, remaining = 0] = (reply as ReadonlyArray<unknown>).map(Number)
            return retryAfterMillis === 0 ? { isAllowed: true, remaining } : { isAllowed: false, retryAfterMillis }
          })
        }
      }))
  )

/**
 * The bucket of `@kanau/core`, counted in millisecond-calls: a call costs `price`, a millisecond brings `limit`. A key
 * that is not there is a full bucket. `%.0f`, because Lua writes large numbers in a way that loses digits.
 */
const take = script(`
local limit, price, full = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call("HMGET", KEYS[1], "credit", "at")
local credit = full
if kept[1] then
  credit = math.min(full, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * limit)
end
if credit < price then return {math.ceil((price - credit) / limit), 0} end
credit = credit - price
redis.call("HSET", KEYS[1], "credit", string.format("%.0f", credit), "at", string.format("%.0f", now))
redis.call("PEXPIRE", KEYS[1], math.ceil((full - credit) / limit))
return {0, math.floor(credit / price)}`)
