/** A limit on the time of one call. */
import { Duration, Effect } from "effect"
import * as Fault from "../Fault.ts"
import type { Passthrough } from "../Processor.ts"

/** Fails with {@link Fault.TimedOut} and interrupts the call when it takes longer than `limit`. */
export const timeout = (operation: string, limit: Duration.Input): Passthrough<Fault.TimedOut> => {
  const millis = Duration.toMillis(limit)
  return (next) => (input) =>
    Effect.timeoutOrElse(next(input), {
      duration: limit,
      orElse: () => Effect.fail(new Fault.TimedOut({ operation, millis }))
    })
}
