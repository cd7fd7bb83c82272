/** A second attempt beside a slow first one. */
import { Duration, Effect, Exit } from "effect"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../Processor.ts"
import type { Repeating } from "./Retry.ts"

/**
 * Starts a second call when the first has not answered within `after`; the first success wins and the other call is
 * interrupted. A first call that fails before `after` fails at once (trying again is for `retry`); later, the
 * one that still runs may succeed.
 *
 * Only for work that may run twice at the same time; work that says it may not (`OnceOnly`) does not compile. Choose
 * `after` near the 95th percentile, so that one call in twenty is doubled. Each call runs in fibers of its own and costs
 * microseconds more.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * let calls = 0
 * const stuckOnce = (_: string) => Effect.suspend(() => ++calls === 1 ? Effect.never : Effect.succeed(`call ${calls}`))
 * const hedged = pipe(stuckOnce, Layers.hedge({ after: "5 millis" }))
 * await Effect.runPromise(hedged("cats")) // => "call 2"
 * ```
 */
export const hedge =
  (options: { readonly after: Duration.Input }): Repeating =>
  <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Req> => {
    const pause = Effect.sleep(options.after)
    return layered("hedge", { afterMillis: Duration.toMillis(options.after) }, next, (input) =>
      Effect.suspend(() => {
        let isHedged = false
        // The outcome as a value ends the race even if it is a failure; a failure lets the other run on.
        const first = Effect.matchCauseEffect(Effect.suspend(() => next(input)), {
          onFailure: (cause) => isHedged ? Effect.failCause(cause) : Effect.succeed(Exit.failCause(cause)),
          onSuccess: (value) => Effect.succeed(Exit.succeed(value))
        })
        const second = Effect.flatMap(pause, () => {
          isHedged = true
          return Effect.map(next(input), Exit.succeed)
        })
        return Effect.flatten(Effect.race(first, second))
      }))
  }
