/**
 * Limits how often something is called in this process: a token bucket that holds `burst` calls and gains `limit` calls
 * every `per`, evenly. Refused calls cost nothing and take no token.
 *
 * Effect's `RateLimiter` is not used: it works through a store, which a limit in one process does not need. A limit over
 * many processes belongs to a store.
 */
import { Duration, Effect, Schema } from "effect"
import * as Fault from "../Fault.ts"
import { monotonicMillis } from "../internal/monotonic.ts"
import { atLeast } from "../internal/settings.ts"
import type { Passthrough, Processor } from "../Processor.ts"

/** Called too often. */
export class RateLimited extends Fault.define<RateLimited>()(
  "RateLimited",
  "rate-limited",
  { retryAfterMillis: Schema.Number },
  (fault) => `Too many calls; try again in ${fault.retryAfterMillis} ms.`
) {}

export interface RateLimitOptions {
  /** Calls allowed every `per` in the long run. */
  readonly limit: number
  readonly per: Duration.Input
  /** Calls allowed at once after a quiet time; `limit` when absent. */
  readonly burst?: number
}

/** Refuses calls beyond the rate with {@link RateLimited}. Everything the layer is put around shares one bucket. */
export const rateLimit = (options: RateLimitOptions): Passthrough<RateLimited> => {
  const limit = atLeast(1, "rateLimit: limit", options.limit)
  // Counted in millisecond-calls, so that whole milliseconds give whole numbers: a call costs `per`, a millisecond
  // brings `limit`.
  const price = atLeast(1, "rateLimit: milliseconds of per", Duration.toMillis(options.per))
  const full = price * atLeast(1, "rateLimit: burst", options.burst ?? limit)
  let credit = full
  let countedAt = 0
  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err | RateLimited, Req> =>
  (input) =>
    Effect.withFiber((fiber): Effect.Effect<Out, Err | RateLimited, Req> => {
      const now = monotonicMillis(fiber)
      credit = Math.min(full, credit + Math.max(0, now - countedAt) * limit)
      countedAt = now
      if (credit < price) {
        return Effect.fail(new RateLimited({ retryAfterMillis: Math.ceil((price - credit) / limit) }))
      }
      credit -= price
      return next(input)
    })
}
