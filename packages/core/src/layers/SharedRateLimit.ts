/**
 * Limits how often something is called by all processes together: the token buckets of the `TokenBucket` port, one for
 * each key. For a limit of this process alone `rateLimit` costs no round trip.
 */
import { Effect } from "effect"
import type * as Fault from "../Fault.ts"
import * as Bucket from "../internal/bucket.ts"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../Processor.ts"
import { TokenBucket } from "../TokenBucket.ts"
import { RateLimited } from "./RateLimit.ts"

/** Settings of {@link sharedRateLimit}. */
export interface SharedRateLimitOptions<in In> extends Bucket.RateOptions {
  /** Stands before every key, so that limits do not share buckets. */
  readonly name: string
  /** Whose bucket a call is taken from, such as the caller's id. Text without white space. */
  readonly key: (input: In) => string
  /**
   * When the store does not answer: `run` makes the call unlimited, `fail` fails with its `Unavailable`. `run` when
   * absent: a limit protects from too much, and an outage of the store should not be an outage of everything.
   */
  readonly whenUnavailable?: "fail" | "run"
}

/**
 * Refuses calls beyond the rate with {@link RateLimited}.
 *
 * @example
 * ```ts
 * import { Layers, TokenBucket } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const limited = pipe(
 *   (user: string) => Effect.succeed(`mail to ${user}`),
 *   Layers.sharedRateLimit({ name: "mail", key: (user: string) => user, limit: 1, per: "1 hour" })
 * )
 * const both = Effect.all([limited("ada"), limited("bob")])
 * Effect.runSync(Effect.provide(both, TokenBucket.layerMemory())) // => ["mail to ada", "mail to bob"]
 * const twice = Effect.flip(Effect.andThen(limited("ada"), limited("ada")))
 * Effect.runSync(Effect.provide(twice, TokenBucket.layerMemory()))._tag // => "RateLimited"
 * ```
 */
export const sharedRateLimit = <In>(options: SharedRateLimitOptions<In>): SharedRateLimit<In> => {
  const { limit, price, full } = Bucket.rateOf("sharedRateLimit", options)
  const rate = { limit, per: price, burst: full / price }
  const whenUnavailable = options.whenUnavailable ?? "run"
  const settings = { name: options.name, limit, perMillis: price, burst: rate.burst, whenUnavailable }
  return <In1 extends In, Out, Err, Req>(next: Processor<In1, Out, Err, Req>) => {
    type Call = Effect.Effect<Out, Err | RateLimited | Fault.Unavailable, Req>
    return layered(
      "sharedRateLimit",
      settings,
      next,
      (input: In1) =>
        TokenBucket.use((buckets) =>
          Effect.matchEffect(buckets.take(`${options.name}:${options.key(input)}`, rate), {
            onSuccess: (taken): Call =>
              taken.isAllowed
                ? next(input)
                : Effect.fail(new RateLimited({ retryAfterMillis: taken.retryAfterMillis })),
            onFailure: (fault): Call => whenUnavailable === "run" ? next(input) : Effect.fail(fault)
          })
        )
    )
  }
}

/** What {@link sharedRateLimit} makes. */
export type SharedRateLimit<In> = <In1 extends In, Out, Err, Req>(
  next: Processor<In1, Out, Err, Req>
) => Processor<In1, Out, Err | RateLimited | Fault.Unavailable, Req | TokenBucket>
