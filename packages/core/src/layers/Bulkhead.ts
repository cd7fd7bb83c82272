/**
 * Keeps one dependency from taking everything: at most `concurrent` calls at a time, at most `queued` more waiting in
 * order of arrival, the rest refused at once.
 *
 * The fault is of kind `unavailable`, not `rate-limited`: nobody used up a quota, this process has no room. So HTTP says
 * 503, and a consumer that keeps meeting it pauses instead of using up the attempts of its messages.
 * Put it outside a circuit breaker, which would otherwise take a full house for a failing dependency.
 */
import { Effect, Semaphore } from "effect"
import * as Fault from "../Fault.ts"
import { atLeast } from "../internal/settings.ts"
import type { Passthrough, Processor } from "../Processor.ts"

/** As many calls as are allowed are running and waiting. */
export class Overloaded extends Fault.define<Overloaded>()(
  "Overloaded",
  "unavailable",
  {},
  () => "Too many calls at once; try again later."
) {}

export interface BulkheadOptions {
  /** Most calls at a time. */
  readonly concurrent: number
  /** Most calls that wait for their turn; 0 when absent. */
  readonly queued?: number
}

/** One bulkhead: its layer may go around many processors, which then share the room. */
export interface Bulkhead {
  /** Whether the next call would be taken or queued. */
  readonly isReady: Effect.Effect<boolean>
  readonly layer: Passthrough<Overloaded>
}

/** Makes an empty bulkhead. */
export const bulkhead = (options: BulkheadOptions): Effect.Effect<Bulkhead> =>
  Effect.sync(() => {
    const concurrent = atLeast(1, "bulkhead: concurrent", options.concurrent)
    const room = concurrent + atLeast(0, "bulkhead: queued", options.queued ?? 0)
    const turns = Semaphore.makeUnsafe(concurrent)
    let inside = 0
    const leave = () => {
      inside--
      return Effect.void
    }
    const layer =
      <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err | Overloaded, Req> => (input) =>
        Effect.uninterruptibleMask((restore): Effect.Effect<Out, Err | Overloaded, Req> => {
          if (inside >= room) return Effect.fail(new Overloaded())
          inside++
          return Effect.onExit(restore(turns.withPermit(Effect.suspend(() => next(input)))), leave)
        })
    return { isReady: Effect.sync(() => inside < room), layer }
  })
