/**
 * A limit on the time of one call.
 *
 * The call runs in a fiber of its own, because only a fiber can be interrupted; time counts from when the call has to
 * wait for something, and one timer serves all calls of the layer. When the limit is reached the call is interrupted, and the
 * fault comes when it has cleaned up: work that cannot be interrupted takes as long as it takes.
 */
import type { Context } from "effect"
import { Duration, Effect, Exit, Fiber, Metric } from "effect"
import * as Fault from "../Fault.ts"
import * as Deadlines from "../internal/deadlines.ts"
import { labelled } from "../internal/labelled.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough } from "../Processor.ts"

/**
 * Fails with {@link Fault.TimedOut} and interrupts the call when it takes longer than `limit`. Counted in
 * `kanau_timeouts_total{operation}`.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const slow = pipe((_: string) => Effect.never, Layers.timeout("search", "10 millis"))
 * const fault = Effect.flip(slow("cats"))
 * await Effect.runPromise(Effect.map(fault, ({ message }) => message)) // => "search took longer than 10 ms"
 * ```
 */
export const timeout = (operation: string, limit: Duration.Input): Passthrough<Fault.TimedOut> => {
  const millis = Duration.toMillis(limit)
  const deadlines = Deadlines.make(millis)
  const counter = labelled(timeouts, { operation })

  const limited = <Out, Err, Req>(
    call: Effect.Effect<Out, Err, Req>,
    fiber: Fiber.Fiber<unknown, unknown>
  ): Effect.Effect<Out, Err | Fault.TimedOut, Req> =>
    // Everything begins inside the callback: there is no moment at which an interruption leaves a fiber behind.
    Effect.callback<Out, Err | Fault.TimedOut, Req>((resume) => {
      // The fiber runs an effect that needs `Req`, so its context has it; the type of a fiber does not say so.
      const work = Effect.runForkWith(fiber.context as Context.Context<Req>)(call)
      const outcome = work.pollUnsafe()
      if (outcome !== undefined) {
        resume(outcome)
        return
      }
      let isLate = false
      const deadline = deadlines.set(fiber, () => {
        isLate = true
        counter.updateUnsafe(1, fiber.context)
        work.interruptUnsafe(fiber.id)
      })
      work.addObserver((exit) => {
        deadlines.clear(fiber, deadline)
        resume(isLate ? Effect.fail(new Fault.TimedOut({ operation, millis })) : exit)
      })
      return Fiber.interrupt(work)
    })

  return (next) =>
    layered("timeout", { operation, limitMillis: millis }, next, (input) => {
      const call = next(input)
      return Exit.isExit(call) ? call : Effect.withFiber((fiber) => limited(call, fiber))
    })
}

const timeouts = Metric.counter("kanau_timeouts_total", {
  description: "Calls that took longer than their limit",
  incremental: true
})
