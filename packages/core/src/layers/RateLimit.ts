/**
 * Limits how often something is called in this process: a token bucket that holds `burst` calls and gains `limit` calls
 * every `per`, evenly. Refused calls cost nothing and take no token.
 *
 * Effect's `RateLimiter` is not used: it works through a store, which a limit in one process does not need. For a limit
 * over many processes see `sharedRateLimit`.
 */
import { Effect, Schema } from "effect"
import * as Fault from "../Fault.ts"
import * as Bucket from "../internal/bucket.ts"
import { monotonicMillis } from "../internal/monotonic.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough, Processor } from "../Processor.ts"

/**
 * Called too often.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * const fault = new Layers.RateLimited({ retryAfterMillis: 250 })
 * fault.message // => "Too many calls; try again in 250 ms."
 * ```
 */
export class RateLimited extends Fault.define<RateLimited>()(
  "RateLimited",
  "rate-limited",
  { retryAfterMillis: Schema.Number },
  (fault) => `Too many calls; try again in ${fault.retryAfterMillis} ms.`
) {}

/** Settings of {@link rateLimit}. */
export type RateLimitOptions = Bucket.RateOptions

/**
 * Refuses calls beyond the rate with {@link RateLimited}. Everything the layer is put around shares one bucket.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const twice = pipe((n: number) => Effect.succeed(n), Layers.rateLimit({ limit: 2, per: "1 hour" }))
 * const three = Effect.forEach([1, 2, 3], (n) => Effect.match(twice(n), {
 *   onSuccess: () => "called",
 *   onFailure: ({ _tag }) => _tag
 * }))
 * Effect.runSync(three) // => ["called", "called", "RateLimited"]
 * ```
 */
export const rateLimit = (options: RateLimitOptions): Passthrough<RateLimited> => {
  const rate = Bucket.rateOf("rateLimit", options)
  const bucket = { credit: rate.full, countedAt: 0 }
  const settings = { limit: rate.limit, perMillis: rate.price, burst: rate.full / rate.price }
  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err | RateLimited, Req> =>
    layered(
      "rateLimit",
      settings,
      next,
      (input) =>
        Effect.withFiber((fiber): Effect.Effect<Out, Err | RateLimited, Req> => {
          const retryAfterMillis = Bucket.take(bucket, rate, monotonicMillis(fiber))
          return retryAfterMillis === 0 ? next(input) : Effect.fail(new RateLimited({ retryAfterMillis }))
        })
    )
}
