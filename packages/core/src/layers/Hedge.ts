/** A second attempt beside a slow first one. */
import type { Duration } from "effect"
import { Effect, Exit } from "effect"
import type { Passthrough, Processor } from "../Processor.ts"

/**
 * Starts a second call when the first has not answered within `after`; the first success wins and the other call is
 * interrupted. A first call that fails before `after` fails at once (trying again is for `retry`); later, the
 * one that still runs may succeed.
 *
 * Only for work that may run twice at the same time. Choose `after` near the 95th percentile, so that one call in twenty
 * is doubled. Each call runs in fibers of its own and costs microseconds more.
 */
export const hedge =
  (options: { readonly after: Duration.Input }): Passthrough =>
  <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Req> => {
    const pause = Effect.sleep(options.after)
    return (input) =>
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
      })
  }
