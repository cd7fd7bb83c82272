/**
 * A rate limit that many processes share: one token bucket for each key, kept in a store. `Layers.sharedRateLimit` is
 * built on it.
 *
 * A bucket holds `burst` calls and gains `limit` calls every `per`, evenly; a key nobody used has a full one. So in
 * any stretch of time of length `t` no more than `burst + limit * t / per` calls are allowed, whoever takes them.
 */
import { Clock, Context, Effect, Layer } from "effect"
import type * as Fault from "./Fault.ts"
import * as Bucket from "./internal/bucket.ts"

/** How often something is allowed. All who take from one key must say the same. */
export type Rate = Bucket.RateOptions

/**
 * Whether a call is allowed; if so, how many more would be allowed at once, and if not, when it will be if nobody else
 * takes it.
 */
export type Taken =
  | { readonly isAllowed: true; readonly remaining: number }
  | { readonly isAllowed: false; readonly retryAfterMillis: number }

/**
 * The port. Taking is atomic on its key. A refused call takes nothing. A bucket that is full again needs no memory.
 * Time is the store's, so that the clocks of those who take do not matter. Fractions of milliseconds may be rounded
 * against the one who takes. A store that does not answer within its time-out fails with {@link Fault.Unavailable};
 * whether the call was counted is then unknown.
 */
export interface TokenBucketService {
  /** Takes one call out of the bucket of `key`, which is text without white space. */
  readonly take: (key: string, rate: Rate) => Effect.Effect<Taken, Fault.Unavailable>
}

/**
 * The service.
 *
 * @example
 * ```ts
 * import { TokenBucket } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const rate = { limit: 1, per: "1 hour" } as const
 * const program = TokenBucket.TokenBucket.use((buckets) => Effect.all([buckets.take("ada", rate), buckets.take("ada", rate)]))
 * const taken = Effect.runSync(Effect.provide(program, TokenBucket.layerMemory()))
 * taken.map(({ isAllowed }) => isAllowed) // => [true, false]
 * ```
 */
export class TokenBucket extends Context.Service<TokenBucket, TokenBucketService>()("@kanau/core/TokenBucket") {}

/**
 * The embedded adapter: a map in this process, gone with it. With more than `capacity` keys it forgets those that were
 * not used for the longest time, full ones first.
 *
 * @example
 * ```ts
 * import { TokenBucket } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const take = TokenBucket.TokenBucket.use((buckets) => buckets.take("ada", { limit: 5, per: "1 second" }))
 * Effect.runSync(Effect.provide(take, TokenBucket.layerMemory({ capacity: 1000 }))) // => { isAllowed: true, remaining: 4 }
 * ```
 */
export const layerMemory = (
  options: { readonly capacity: number } = { capacity: 100_000 }
): Layer.Layer<TokenBucket> =>
  Layer.effect(
    TokenBucket,
    Effect.map(Clock.Clock, (clock) => {
      const buckets = new Map<string, Bucket.Bucket & { fullAt: number }>()
      /** Looks at a few of those that were not used for the longest time: all of them would be too many for one call. */
      const forget = (now: number) => {
        let looked = 0
        for (const [key, { fullAt }] of buckets) {
          if (fullAt <= now) buckets.delete(key)
          if (++looked === 16) break
        }
        if (buckets.size > options.capacity) buckets.delete(buckets.keys().next().value as string)
      }
      return TokenBucket.of({
        take: (key, rateOptions) =>
          Effect.sync(() => {
            const rate = Bucket.rateOf("TokenBucket", rateOptions)
            const now = Number(clock.monotonicTimeNanosUnsafe()) / 1e6
            const bucket = buckets.get(key) ?? { credit: rate.full, countedAt: now, fullAt: now }
            const retryAfterMillis = Bucket.take(bucket, rate, now)
            bucket.fullAt = now + Bucket.millisToFull(bucket, rate)
            buckets.delete(key)
            buckets.set(key, bucket)
            if (buckets.size > options.capacity) forget(now)
            return retryAfterMillis === 0
              ? { isAllowed: true, remaining: Math.floor(bucket.credit / rate.price) }
              : { isAllowed: false, retryAfterMillis }
          })
      })
    })
  )
