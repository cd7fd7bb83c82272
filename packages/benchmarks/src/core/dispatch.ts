/** Finding the processor of an operation among a hundred by the class of the input, beside calling it directly. */
import { Operation, Processor } from "@kanau/core"
import { Effect, Schema } from "effect"
import { report } from "../report.ts"
import type { Run } from "./measure.ts"

const operations = 100
const calls = 5_000_000

export const dispatch = (run: Run): void => {
  const numbered = Array.from({ length: operations }, (_, at) => operationNumber(at))
  const handlers = numbered.map(({ handler }) => handler)
  const service = Processor.serve(...handlers)
  const inputs = numbered.map(({ input }) => input)
  const direct = handlers.map(({ process }) => process)
  const count = Math.ceil(calls * run.share)
  const byClass = () => nanosPerCall(count, (at) => service.process(inputs[at] as (typeof inputs)[number]))
  const directly = () =>
    nanosPerCall(count, (at) => (direct[at] as (typeof direct)[number])(inputs[at] as (typeof inputs)[number]))
  byClass()
  directly()
  const differences = Array.from({ length: run.rounds }, (_, round) => {
    // Who goes first alternates.
    if (round % 2 === 0) return byClass() - directly()
    const first = directly()
    return byClass() - first
  })
  report({
    bench: run.bench,
    case: `dispatch among ${operations} operations, over a direct call`,
    unit: "ns/call",
    ours: differences,
    goal: { atMost: 100 }
  })
}

const operationNumber = (at: number) => {
  class Numbered extends Operation.define<Numbered>()(`Numbered${at}`, {
    input: { n: Schema.Number },
    output: Schema.Number
  }) {}
  return { handler: Processor.on(Numbered, ({ n }) => Effect.succeed(n)), input: new Numbered({ n: at }) }
}

/** Calls with the inputs in turn; what comes back is looked at, so that no call can be left out. */
const nanosPerCall = (count: number, call: (at: number) => unknown): number => {
  const began = performance.now()
  let answers = 0
  for (let made = 0; made < count; made++) if (call(made % operations) !== undefined) answers++
  if (answers !== count) throw new Error("A call gave no effect")
  return (performance.now() - began) * 1e6 / count
}
