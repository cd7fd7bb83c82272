/**
 * Waiting for the next attempt. Delayed copies are sorted into classes by the length of their wait, each with a
 * consumer of its own, so that a short wait is never behind many long ones. A copy that comes before it is due is put
 * back with the remaining delay, which the server keeps; up to `window` copies of a class wait so, each to its own
 * moment. Of more, the later ones are looked at as the earlier ones are due, so a wait may then be as long as the
 * longest of its class. No process holds anything, and a million waiting copies are only messages in a stream.
 */
import { Clock, Effect } from "effect"
import type { At, Taken } from "./intake.ts"
import type { QueueNames } from "./names.ts"
import type { Failure, Outgoing } from "./outlet.ts"
import * as Wire from "./wire.ts"

/** Copies of a class that are given to consumers, or wait at the server to be given again. */
export const window = 4096

/** Copies a process looks at together. */
export const prefetch = 256

/** Waits up to `millis`. */
export interface Class {
  readonly token: string
  readonly millis: number
}

/** The steps of the standard ladder each have a class to themselves. */
export const classes: ReadonlyArray<Class> = [
  ...[1, 4, 16, 64, 256, 1024, 16_384].map((seconds) => ({ token: `${seconds}s`, millis: seconds * 1000 })),
  { token: "longer", millis: Infinity }
]

/** The class of a wait. */
export const classOf = (delayMillis: number): string =>
  classes.find(({ millis }) => delayMillis <= millis)?.token ?? "longer"

/** Takes what is due back to its queue, and puts off the rest. */
export const mover = (
  queue: QueueNames,
  store: (message: Outgoing) => Effect.Effect<void, Failure>
) =>
(at: At, message: Taken): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const remaining = Wire.due(message) - now
    if (remaining > 0) return at.putOff(message, remaining)
    return Effect.matchEffect(
      store({
        subject: queue.subject,
        headers: Wire.again(message, `again ${message.place}`),
        data: message.data
      }),
      {
        onSuccess: () => at.confirm(message),
        onFailure: (fault) =>
          Effect.logWarning(`A message that is due stays delayed for a while: ${reasonOf(fault)}`).pipe(
            Effect.annotateLogs({ queue: queue.queue }),
            Effect.andThen(at.putOff(message, 5000))
          )
      }
    )
  })

/** What went wrong, for a log line. */
export const reasonOf = (fault: Failure): string => fault._tag === "NoStream" ? "its stream is gone" : fault.message
