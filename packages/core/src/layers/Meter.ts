/** Counts of calls by outcome. */
import { Effect, Metric } from "effect"
import * as Fault from "../Fault.ts"
import type { Passthrough } from "../Processor.ts"

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
