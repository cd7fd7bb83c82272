/** Spans. */
import { Effect } from "effect"
import type { Passthrough, Processor } from "../Processor.ts"

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
