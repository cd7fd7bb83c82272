/** Spans. */
import { Effect } from "effect"
import { layered } from "../internal/shape.ts"
import type { Passthrough, Processor } from "../Processor.ts"

/**
 * Opens one span per call, named after the operation. Costs one branch when tracing is off.
 * `kind` is the OpenTelemetry span kind. Inputs, outputs and the fields of errors are not put on the span.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const traced = pipe((_: string) => Effect.currentSpan, Layers.trace("FindNote", "server"))
 * Effect.runSync(Effect.map(traced("n1"), ({ name, kind }) => [name, kind])) // => ["FindNote", "server"]
 * ```
 */
export const trace = (name: string, kind: "server" | "consumer" | "internal" = "internal"): Passthrough => {
  const span = Effect.withSpan(name, { kind }, { captureStackTrace: false })
  return <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, Out, Err, Req> =>
    layered(
      "trace",
      { name, kind },
      next,
      (input) =>
        Effect.withFiber((fiber) =>
          fiber.cache.tracerEnabled ? span(next(input)) as Effect.Effect<Out, Err, Req> : next(input)
        )
    )
}
