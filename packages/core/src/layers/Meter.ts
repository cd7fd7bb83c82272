/** Counts of calls by outcome. */
import { Effect, Exit, Metric } from "effect"
import * as Fault from "../Fault.ts"
import { invoke } from "../internal/invoke.ts"
import { byLabel, labelled } from "../internal/labelled.ts"
import { layered } from "../internal/shape.ts"
import type { Passthrough } from "../Processor.ts"

/**
 * Counts calls by outcome (`ok`, a fault kind, `defect`, `interrupted`) in `kanau_processed_total{operation,outcome}`.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, Metric, pipe } from "effect"
 *
 * const counted = pipe((n: number) => Effect.succeed(n), Layers.meter("CountNotes"))
 * const counts = Effect.map(Metric.snapshot, (series) =>
 *   series.filter(({ attributes }) => attributes?.["operation"] === "CountNotes").map(({ attributes }) => attributes)
 * )
 * Effect.runSync(Effect.andThen(counted(1), counts)) // => [{ operation: "CountNotes", outcome: "ok" }]
 * ```
 */
export const meter = (operation: string): Passthrough => {
  const counter = byLabel((outcome) => labelled(processed, { operation, outcome }))
  const outcomeOf = (exit: Exit.Exit<unknown, unknown>) => exit._tag === "Success" ? "ok" : Fault.kindOf(exit.cause)
  return (next) =>
    layered("meter", { operation }, next, (input) =>
      Effect.withFiber(({ context }) => {
        const call = invoke(next, input)
        if (Exit.isExit(call)) {
          counter(outcomeOf(call)).updateUnsafe(1, context)
          return call
        }
        return Effect.onExitPrimitive(call, (exit) => {
          counter(outcomeOf(exit)).updateUnsafe(1, context)
          return undefined
        })
      }))
}

const processed = Metric.counter("kanau_processed_total", {
  description: "Operations and messages processed, by outcome",
  incremental: true
})
