/**
 * Keeps one dependency from taking everything: at most `concurrent` calls at a time, at most `queued` more waiting in
 * order of arrival, the rest refused at once.
 *
 * The fault is of kind `unavailable`, not `rate-limited`: nobody used up a quota, this process has no room. So HTTP says
 * 503, and a consumer that keeps meeting it pauses instead of using up the attempts of its messages.
 * Put it outside a circuit breaker, which would otherwise take a full house for a failing dependency.
 *
 * Effect's `Semaphore` is not used: it has no bound on those who wait, and costs twice as much.
 */
import { Effect } from "effect"
import * as Fault from "../Fault.ts"
import { invoke } from "../internal/invoke.ts"
import { atLeast } from "../internal/settings.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough, Processor } from "../Processor.ts"
import type { Readiness } from "./Readiness.ts"

/**
 * As many calls as are allowed are running and waiting.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * const fault = new Layers.Overloaded()
 * fault.kind // => "unavailable"
 * ```
 */
export class Overloaded extends Fault.define<Overloaded>()(
  "Overloaded",
  "unavailable",
  {},
  () => "Too many calls at once; try again later."
) {}

/** Settings of {@link bulkhead}. */
export interface BulkheadOptions {
  /** Most calls at a time. */
  readonly concurrent: number
  /** Most calls that wait for their turn; 0 when absent. */
  readonly queued?: number
}

/** One bulkhead: its layer may go around many processors, which then share the room. */
export interface Bulkhead extends Readiness {
  /** The layer. */
  readonly layer: Passthrough<Overloaded>
}

/**
 * Makes an empty bulkhead. Ready means that the next call would be taken or queued.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const room = Effect.runSync(Layers.bulkhead({ concurrent: 1 }))
 * const inside = room.layer((_: void) => room.isReady)
 * Effect.runSync(inside()) // => false
 * Effect.runSync(room.isReady) // => true
 * ```
 */
export const bulkhead = (options: BulkheadOptions): Effect.Effect<Bulkhead> =>
  Effect.sync(() => {
    const concurrent = atLeast(1, "bulkhead: concurrent", options.concurrent)
    const queued = atLeast(0, "bulkhead: queued", options.queued ?? 0)
    let running = 0
    /** In order of arrival. */
    const waiting = new Set<() => void>()

    /** Hands the place to the one who waited longest. */
    const leave = () => {
      const [first] = waiting
      if (first === undefined) running--
      else {
        waiting.delete(first)
        first()
      }
      return undefined
    }

    const layer = <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err | Overloaded, Req> =>
      layered("bulkhead", { concurrent, queued }, next, (input) =>
        Effect.withFiber((fiber) => {
          let hasPlace = false
          let turn: (() => void) | undefined
          const enter = Effect.suspend((): Effect.Effect<Out, Err | Overloaded, Req> => {
            if (running < concurrent) {
              running++
              hasPlace = true
              return invoke(next, input)
            }
            if (waiting.size >= queued) return Effect.fail(new Overloaded())
            return Effect.flatMap(
              Effect.callback<void>((resume) => {
                turn = () => {
                  hasPlace = true
                  // Not on the stack of the one who leaves: a long queue of short calls would overflow it.
                  fiber.currentDispatcher.scheduleTask(() => resume(Effect.void), 0)
                }
                waiting.add(turn)
              }),
              () => invoke(next, input)
            )
          })
          // The way out is laid before the place is taken, so no interruption can come between the two.
          return Effect.onExitPrimitive(enter, () => {
            if (hasPlace) return leave()
            if (turn !== undefined) waiting.delete(turn)
            return undefined
          })
        }))
    return { isReady: Effect.sync(() => running < concurrent || waiting.size < queued), layer }
  })
