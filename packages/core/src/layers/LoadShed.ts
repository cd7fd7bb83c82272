/**
 * Refuses early when a dependency slows down, instead of letting calls pile up: a limit on calls at a time that finds
 * its own height, as TCP does (additive increase, multiplicative decrease; Netflix's concurrency-limits call it AIMD).
 *
 * - A call that answers within `target` while the limit is in use raises the limit, by one for every limit-full of calls.
 * - A call that takes longer, or ends with a fault of a transient kind, lowers it by a tenth; once for all the calls that
 *   were under way then, because they tell the same news.
 * - Defects and interrupted calls say nothing.
 *
 * Nothing waits here: a call that finds the limit reached is refused with `Overloaded` (kind `unavailable`). Where the
 * right limit is known, `bulkhead` is simpler; this is for where it is not, or changes with the neighbours' load. Put it
 * outside `retry` and the circuit breaker, as the bulkhead.
 */
import { Duration, Effect, type Exit } from "effect"
import * as Fault from "../Fault.ts"
import { invoke } from "../internal/invoke.ts"
import { monotonicMillisIn } from "../internal/monotonic.ts"
import { atLeast } from "../internal/settings.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough, Processor } from "../Processor.ts"
import { Overloaded } from "./Bulkhead.ts"
import type { Readiness } from "./Readiness.ts"

/** Settings of {@link loadShed}. */
export interface LoadShedOptions {
  /** The longest a call may take while all is well; two or three times the usual is a good choice. */
  readonly target: Duration.Input
  /** The limit to begin with; 20 when absent. */
  readonly initial?: number
  /** The limit never goes below; 1 when absent. */
  readonly minimum?: number
  /** The limit never goes above; 1000 when absent. */
  readonly maximum?: number
}

/** One limit: its layer may go around many processors, which then share it. */
export interface LoadShed extends Readiness {
  /** Calls allowed at a time now. */
  readonly limit: Effect.Effect<number>
  /** The layer. */
  readonly layer: Passthrough<Overloaded>
}

/**
 * Makes a limit. Ready means that a call would be taken now.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const shed = Effect.runSync(Layers.loadShed({ target: "20 millis", initial: 10 }))
 * const slow = shed.layer((_: string) => Effect.sleep("30 millis"))
 * await Effect.runPromise(Effect.andThen(slow("cats"), shed.limit)) // => 9
 * ```
 */
export const loadShed = (options: LoadShedOptions): Effect.Effect<LoadShed> =>
  Effect.sync(() => {
    const targetMillis = Duration.toMillis(options.target)
    const minimum = atLeast(1, "loadShed: minimum", options.minimum ?? 1)
    const maximum = atLeast(minimum, "loadShed: maximum", options.maximum ?? 1000)
    const initial = Math.min(maximum, atLeast(minimum, "loadShed: initial", options.initial ?? Math.max(20, minimum)))
    let limit = initial
    let inside = 0
    /** When the limit was lowered last; calls that began before have been heard. */
    let loweredAt = -Infinity

    const learn = (exit: Exit.Exit<unknown, unknown>, began: number, now: number, wereInside: number) => {
      const kind = exit._tag === "Success" ? "ok" : Fault.kindOf(exit.cause)
      if (kind === "interrupted" || kind === "defect") return
      const isSlow = now - began > targetMillis || (kind !== "ok" && Fault.isTransient(kind))
      if (!isSlow) {
        // A limit that is not in use is not tested by what goes well under it.
        if (wereInside * 2 >= limit) limit = Math.min(maximum, limit + 1 / limit)
      } else if (began >= loweredAt) {
        limit = Math.max(minimum, limit * 0.9)
        loweredAt = now
      }
    }

    const layer = <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err | Overloaded, Req> =>
      layered("loadShed", { targetMillis, initial, minimum, maximum }, next, (input) =>
        Effect.withFiber(({ context }) => {
          let began: number | undefined
          const enter = Effect.suspend((): Effect.Effect<Out, Err | Overloaded, Req> => {
            if (inside + 1 > limit) {
              return Effect.fail(new Overloaded())
            }
            inside++
            began = monotonicMillisIn(context)
            return invoke(next, input)
          })
          // The way out is laid before the place is taken, so no interruption can come between the two.
          return Effect.onExitPrimitive(enter, (exit) => {
            if (began !== undefined) {
              learn(exit, began, monotonicMillisIn(context), inside--)
            }
            return undefined
          })
        }))
    return {
      isReady: Effect.sync(() =>
        inside + 1 <= limit
      ),
      limit: Effect.sync(() =>
        Math.floor(limit)
      ),
      layer
    }
  })
