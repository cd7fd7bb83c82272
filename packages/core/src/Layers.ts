/**
 * The layers that runners and applications put around processors. Each is built once and costs next to nothing per
 * call when it has nothing to do. Apply with `pipe`, innermost first:
 *
 * @example
 * ```ts
 * const guarded = pipe(processor, Layers.timeout("2 seconds"), Layers.retry({ times: 3 }), Layers.meter("notes"))
 * ```
 */
import { Duration, Effect, Metric, Schedule } from "effect"
import * as Fault from "./Fault.ts"
import type { Passthrough, Processor } from "./Processor.ts"

/** Fails with {@link Fault.TimedOut} and interrupts the call when it takes longer than `limit`. */
export const timeout = (operation: string, limit: Duration.Input): Passthrough<Fault.TimedOut> => {
  const millis = Duration.toMillis(limit)
  return (next) => (input) =>
    Effect.timeoutOrElse(next(input), {
      duration: limit,
      orElse: () => Effect.fail(new Fault.TimedOut({ operation, millis }))
    })
}

/**
 * Calls again after transient faults (unavailable, timeout, rate-limited), with exponential back-off from `base`
 * (default 100 ms) and full jitter. Other errors, defects and interruption pass through at once.
 * Put it outside {@link timeout}, and only around work that may run twice.
 */
export const retry = (options: { readonly times: number; readonly base?: Duration.Input }): Passthrough => {
  const schedule = Schedule.exponential(options.base ?? "100 millis").pipe(
    Schedule.jittered,
    Schedule.upTo({ times: options.times })
  )
  const transient = (error: unknown) => Fault.isFault(error) && Fault.isTransient(error.kind)
  return (next) => (input) => Effect.retry(next(input), { schedule, while: transient })
}

/**
 * Opens one span per call, named after the operation. Costs one branch when tracing is off.
 * `kind` is the OpenTelemetry span kind.
 */
export const trace = (name: string, kind: "server" | "consumer" | "internal" = "internal"): Passthrough => {
  const span = Effect.withSpan(name, { kind }, { captureStackTrace: false })
  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Req> => (input) =>
    Effect.withFiber((fiber) =>
      fiber.cache.tracerEnabled ? span(next(input)) as Effect.Effect<Out, Err, Req> : next(input)
    )
}

/** Counts calls by outcome (`ok`, a fault kind, `defect`, `interrupted`) in `kanau_processed_total{operation,outcome}`. */
export const meter = (operation: string): Passthrough => {
  const counters = new Map<string, Metric.Counter<number>>()
  const counter = (outcome: string) => {
    let labelled = counters.get(outcome)
    if (labelled === undefined) {
      labelled = Metric.withAttributes(processed, { operation, outcome })
      counters.set(outcome, labelled)
    }
    return labelled
  }
  return (next) => (input) =>
    Effect.onExit(next(input), (exit) =>
      Effect.withFiber((fiber) => {
        counter(exit._tag === "Success" ? "ok" : Fault.kindOf(exit.cause)).updateUnsafe(1, fiber.context)
        return Effect.void
      }))
}

const processed = Metric.counter("kanau_processed_total", {
  description: "Operations and messages processed, by outcome",
  incremental: true
})
