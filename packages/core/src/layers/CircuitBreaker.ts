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
 * Seen from outside: `state`, `isReady`, the list in `Breakers`, and the metrics `kanau_breaker_state{breaker}`
 * (0 closed, 1 half-open, 2 open), `kanau_breaker_calls_total{breaker,result}` (`success`, `failure`, `refused`) and
 * `kanau_breaker_transitions_total{breaker,from,to}`.
 *
 * Effect's own breaker (`effect/persistence`) is not used: it admits one probe and closes on its first success, trips by
 * one policy at a time, keeps its state behind a store (some 10 µs a call), and is experimental.
 */
import { Context, Duration, Effect, Exit, Metric, Schema, Scope } from "effect"
import * as Breakers from "../Breakers.ts"
import * as Fault from "../Fault.ts"
import * as Machine from "../internal/breaker.ts"
import { invoke } from "../internal/invoke.ts"
import { labelled } from "../internal/labelled.ts"
import { monotonicMillisIn } from "../internal/monotonic.ts"
import { atLeast, share } from "../internal/settings.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough, Processor } from "../Processor.ts"
import type { Readiness } from "./Readiness.ts"

/** Where a breaker stands. */
export type CircuitState = Breakers.State

/**
 * The breaker of a dependency is open. `retryAfterMillis` is 0 while probes are deciding.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 *
 * const fault = new Layers.CircuitOpen({ dependency: "search", retryAfterMillis: 1500 })
 * fault.message // => "search failed too often and is not called for now"
 * ```
 */
export class CircuitOpen extends Fault.define<CircuitOpen>()("CircuitOpen", "unavailable", {
  dependency: Schema.String,
  retryAfterMillis: Schema.Number
}, (fault) => `${fault.dependency} failed too often and is not called for now`) {}

/** Settings of {@link circuitBreaker}. */
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
export interface CircuitBreaker<out Added = CircuitOpen> extends Readiness {
  /** Where it stands now. Ready is everything but open. */
  readonly state: Effect.Effect<CircuitState>
  /** The layer. */
  readonly layer: Passthrough<Added>
}

/**
 * Makes a closed breaker and lists it in `Breakers`. `dependency` names it in faults, metrics and on the health server.
 *
 * @example
 * ```ts
 * import { Fault, Layers } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const breaker = Effect.runSync(Layers.circuitBreaker("search", { failures: 1 }))
 * const call = breaker.layer((_: string) => Effect.fail(new Fault.Unavailable({ dependency: "search", reason: "down" })))
 * const tags = Effect.all([Effect.flip(call("a")), Effect.flip(call("b"))])
 * Effect.runSync(tags).map(({ _tag }) => _tag) // => ["Unavailable", "CircuitOpen"]
 * Effect.runSync(breaker.isReady) // => false
 * ```
 */
export const circuitBreaker = (
  dependency: string,
  options: CircuitBreakerOptions = {}
): Effect.Effect<CircuitBreaker> =>
  Effect.contextWith((context: Context.Context<never>) => {
    const machine = Machine.make(rulesOf(options))
    const state = Effect.contextWith((context: Context.Context<never>) =>
      Effect.succeed(Machine.stateAt(machine, monotonicMillisIn(context)))
    )
    const breaker = {
      state,
      isReady: Effect.map(state, (state) => state !== "open"),
      layer: layerOf(dependency, machine)
    }
    const breakers = Context.get(context, Breakers.Breakers)
    const listed: Breakers.Breaker = { name: dependency, state }
    breakers.add(listed)
    const gauge = Metric.registerUnsafe(Metric.withAttributes(states, { breaker: dependency }), context, {
      get: (context) => ({ value: codes[Machine.stateAt(machine, monotonicMillisIn(context))] }),
      update: () => undefined,
      modify: () => undefined
    })
    const scope = Context.getOption(context, Scope.Scope)
    return scope._tag === "None" ? Effect.succeed(breaker) : Effect.as(
      Scope.addFinalizer(
        scope.value,
        Effect.sync(() => {
          breakers.delete(listed)
          gauge.remove()
        })
      ),
      breaker
    )
  })

const rulesOf = (options: CircuitBreakerOptions): Machine.Rules => {
  const window = atLeast(1, "circuitBreaker: window", options.window ?? 100)
  return {
    failures: atLeast(1, "circuitBreaker: failures", options.failures ?? 5),
    errorRate: share("circuitBreaker: errorRate", options.errorRate ?? 0.5),
    window,
    minimumCalls: atLeast(1, "circuitBreaker: minimumCalls", options.minimumCalls ?? Math.min(20, window)),
    openMillis: Duration.toMillis(options.openFor ?? "60 seconds"),
    probes: atLeast(1, "circuitBreaker: probes", options.probes ?? 1),
    successes: atLeast(1, "circuitBreaker: successes", options.successes ?? 2)
  }
}

type AnyContext = Context.Context<never>

const layerOf = (dependency: string, machine: Machine.Machine): Passthrough<CircuitOpen> => {
  const succeeded = labelled(calls, { breaker: dependency, result: "success" })
  const failed = labelled(calls, { breaker: dependency, result: "failure" })
  const refused = labelled(calls, { breaker: dependency, result: "refused" })

  const move = (to: CircuitState, context: AnyContext) => {
    const from = machine.state
    Metric.withAttributes(transitions, { breaker: dependency, from, to }).updateUnsafe(1, context)
    Machine.move(machine, to, monotonicMillisIn(context))
  }

  const record = (exit: Exit.Exit<unknown, unknown>, began: number, context: AnyContext) => {
    const kind = exit._tag === "Success" ? "ok" : Fault.kindOf(exit.cause)
    if (kind === "interrupted") return
    const isFailure = kind === "defect" || (kind !== "ok" && Fault.isTransient(kind))
    const counter = isFailure ? failed : succeeded
    counter.updateUnsafe(1, context)
    if (began !== machine.period) return
    const next = Machine.record(machine, isFailure)
    if (next !== undefined) move(next, context)
  }

  const refuse = (retryAfterMillis: number, context: AnyContext) => {
    refused.updateUnsafe(1, context)
    return Effect.fail(new CircuitOpen({ dependency, retryAfterMillis }))
  }

  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>) => {
    const pass = (input: In, context: AnyContext): Effect.Effect<Out, Err, Req> => {
      const began = machine.period
      const call = invoke(next, input)
      if (Exit.isExit(call)) {
        record(call, began, context)
        return call
      }
      return Effect.onExitPrimitive(call, (exit) => {
        record(exit, began, context)
        return undefined
      })
    }
    const probe = (input: In, context: AnyContext): Effect.Effect<Out, Err | CircuitOpen, Req> => {
      const now = monotonicMillisIn(context)
      if (machine.state === "open") {
        if (now < machine.opensUntil) return refuse(Math.ceil(machine.opensUntil - now), context)
        move("half-open", context)
      }
      let began: number | undefined
      const enter = Effect.suspend((): Effect.Effect<Out, Err | CircuitOpen, Req> => {
        if (machine.state !== "half-open") return guarded(input)
        if (machine.probing >= machine.rules.probes) return refuse(0, context)
        machine.probing++
        began = machine.period
        return invoke(next, input)
      })
      // The way out is laid before the place is taken: whatever happens the place of a probe is given back.
      return Effect.onExitPrimitive(enter, (exit) => {
        if (began === undefined) return undefined
        if (began === machine.period) machine.probing--
        record(exit, began, context)
        return undefined
      })
    }
    const guarded = (input: In): Effect.Effect<Out, Err | CircuitOpen, Req> =>
      Effect.withFiber(({ context }) => machine.state === "closed" ? pass(input, context) : probe(input, context))
    return layered("circuitBreaker", { dependency, ...machine.rules }, next, guarded)
  }
}

const codes = { closed: 0, "half-open": 1, open: 2 } as const

const states = Metric.gauge("kanau_breaker_state", {
  description: "Where circuit breakers stand: 0 closed, 1 half-open, 2 open"
})
const calls = Metric.counter("kanau_breaker_calls_total", {
  description: "Calls that circuit breakers counted or refused, by result",
  incremental: true
})
const transitions = Metric.counter("kanau_breaker_transitions_total", {
  description: "Moves of circuit breakers from one state to another",
  incremental: true
})
