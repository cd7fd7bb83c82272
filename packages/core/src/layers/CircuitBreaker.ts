/**
 * Stops calling a dependency that is down, and finds out when it is back.
 *
 * - **closed**: calls go through. It opens after `failures` failures in a row, or when at least `errorRate` of the last
 *   `window` calls failed and there were at least `minimumCalls`.
 * - **open**: calls fail at once with {@link CircuitOpen}; the dependency is not touched. After `openFor` it is
 * - **half-open**: at most `probes` calls at a time go through, the others are refused. `successes` of them close it
 *   with an empty window; the first failure opens it again.
 *
 * Failures are faults of transient kinds, and defects. Any other fault is an answer: the dependency works. Interrupted
 * calls count as nothing, and so does a call that ends after the breaker moved on since it began. A probe that never
 * ends keeps its place: put a time-out inside. State is kept in this process; every process finds out by itself.
 *
 * Effect's own breaker (`effect/persistence`) is not used: it admits one probe and closes on its first success, trips by
 * one policy at a time, keeps its state behind a store (some 10 µs a call), and is experimental.
 */
import type { Exit, Fiber } from "effect"
import { Duration, Effect, Metric, Schema } from "effect"
import * as Fault from "../Fault.ts"
import { monotonicMillis } from "../internal/monotonic.ts"
import * as OutcomeWindow from "../internal/outcomeWindow.ts"
import { atLeast, share } from "../internal/settings.ts"
import type { Passthrough, Processor } from "../Processor.ts"

/** Where a breaker stands. */
export type CircuitState = "closed" | "open" | "half-open"

/** The breaker of a dependency is open. `retryAfterMillis` is 0 while probes are deciding. */
export class CircuitOpen extends Fault.define<CircuitOpen>()("CircuitOpen", "unavailable", {
  dependency: Schema.String,
  retryAfterMillis: Schema.Number
}, (fault) => `${fault.dependency} failed too often and is not called for now`) {}

export interface CircuitBreakerOptions {
  /** Failures in a row that open it; 5 when absent. */
  readonly failures?: number
  /** Share of failed calls in the window that opens it; 0.5 when absent. */
  readonly errorRate?: number
  /** How many calls the error rate looks back; 100 when absent. */
  readonly window?: number
  /** Calls in the window below which the rate says nothing; 20 when absent, or the window if that is smaller. */
  readonly minimumCalls?: number
  /** How long it stays open; 60 s when absent. */
  readonly openFor?: Duration.Input
  /** Most calls at a time while it is half-open; 1 when absent. */
  readonly probes?: number
  /** Probes that must succeed to close it; 2 when absent. */
  readonly successes?: number
}

/** One breaker: make it once for each dependency, put its layer around everything that calls it. */
export interface CircuitBreaker<out Added = CircuitOpen> {
  readonly state: Effect.Effect<CircuitState>
  /** False while it is open; half-open counts as ready. */
  readonly isReady: Effect.Effect<boolean>
  readonly layer: Passthrough<Added>
}

/** Makes a closed breaker. `dependency` names it in faults and in `kanau_breaker_transitions_total`. */
export const circuitBreaker = (
  dependency: string,
  options: CircuitBreakerOptions = {}
): Effect.Effect<CircuitBreaker> =>
  Effect.sync(() => {
    const breaker = make(dependency, options)
    const state = Effect.withFiber<CircuitState>((fiber) => Effect.succeed(breaker.state(fiber)))
    return { state, isReady: Effect.map(state, (state) => state !== "open"), layer: breaker.layer }
  })

type AnyFiber = Fiber.Fiber<unknown, unknown>

const make = (dependency: string, options: CircuitBreakerOptions) => {
  const failures = atLeast(1, "circuitBreaker: failures", options.failures ?? 5)
  const errorRate = share("circuitBreaker: errorRate", options.errorRate ?? 0.5)
  const window = OutcomeWindow.make(atLeast(1, "circuitBreaker: window", options.window ?? 100))
  const minimumCalls = atLeast(1, "circuitBreaker: minimumCalls", options.minimumCalls ?? Math.min(20, window.size))
  const openMillis = Duration.toMillis(options.openFor ?? "60 seconds")
  const probes = atLeast(1, "circuitBreaker: probes", options.probes ?? 1)
  const successes = atLeast(1, "circuitBreaker: successes", options.successes ?? 2)

  let state: CircuitState = "closed"
  /** Grows with every move; what began in an earlier period no longer counts. */
  let period = 0
  let inARow = 0
  let opensUntil = 0
  let probing = 0
  let succeeded = 0

  const move = (to: CircuitState, fiber: AnyFiber) => {
    const from = state
    Metric.withAttributes(transitions, { breaker: dependency, from, to }).updateUnsafe(1, fiber.context)
    state = to
    period++
    inARow = probing = succeeded = 0
    window.clear()
    if (to === "open") opensUntil = monotonicMillis(fiber) + openMillis
  }

  const current = (fiber: AnyFiber): CircuitState => {
    if (state === "open" && monotonicMillis(fiber) >= opensUntil) move("half-open", fiber)
    return state
  }

  const record = (exit: Exit.Exit<unknown, unknown>, began: number, fiber: AnyFiber) => {
    if (began !== period) return
    const kind = exit._tag === "Success" ? "ok" : Fault.kindOf(exit.cause)
    if (kind === "interrupted") return
    const failed = kind === "defect" || (kind !== "ok" && Fault.isTransient(kind))
    if (state === "half-open") {
      if (failed) move("open", fiber)
      else if (++succeeded >= successes) move("closed", fiber)
      return
    }
    inARow = failed ? inARow + 1 : 0
    window.add(failed)
    const isRateReached = window.calls() >= minimumCalls && window.failures() >= errorRate * window.calls()
    if (inARow >= failures || isRateReached) move("open", fiber)
  }

  const layer = <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err | CircuitOpen, Req> => {
    const call = (input: In, fiber: AnyFiber) => {
      const began = period
      return Effect.onExit(Effect.suspend(() => next(input)), (exit) => {
        record(exit, began, fiber)
        return Effect.void
      })
    }
    // The place of a probe is given back whatever happens, so it is taken where interruption cannot come between.
    const probe = (input: In, fiber: AnyFiber): Effect.Effect<Out, Err | CircuitOpen, Req> =>
      Effect.uninterruptibleMask((restore): Effect.Effect<Out, Err | CircuitOpen, Req> => {
        const now = current(fiber)
        if (now === "closed") return restore(call(input, fiber))
        if (now === "open") {
          const retryAfterMillis = Math.ceil(opensUntil - monotonicMillis(fiber))
          return Effect.fail(new CircuitOpen({ dependency, retryAfterMillis }))
        }
        if (probing >= probes) return Effect.fail(new CircuitOpen({ dependency, retryAfterMillis: 0 }))
        probing++
        const began = period
        return Effect.onExit(restore(Effect.suspend(() => next(input))), (exit) => {
          if (began === period) probing--
          record(exit, began, fiber)
          return Effect.void
        })
      })
    return (input) => Effect.withFiber((fiber) => state === "closed" ? call(input, fiber) : probe(input, fiber))
  }

  return { state: current, layer }
}

const transitions = Metric.counter("kanau_breaker_transitions_total", {
  description: "Moves of circuit breakers from one state to another",
  incremental: true
})
