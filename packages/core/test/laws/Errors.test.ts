/** What services make of random processors: values for business outcomes, defects for everything thrown. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Fault, Operation, Processor } from "../../src/index.ts"
import { expectedSequence, Input, makeTrace, observe, plain, processorOf, Stage } from "./support.ts"

class Refused extends Fault.define<Refused>()(
  "Refused",
  "conflict",
  { why: Schema.String },
  ({ why }) => why
) {}

const fields = { input: { n: Schema.Number }, output: Schema.Number, errors: [Refused] }
class First extends Operation.define<First>()("First", fields) {}
class Second extends Operation.define<Second>()("Second", fields) {}
class Third extends Operation.define<Third>()("Third", fields) {}
const operations = [First, Second, Third] as const

const refusing = (p: Processor.Processor<number, number, string>) => ({ n }: { readonly n: number }) =>
  Effect.mapError(p(n), (why) => new Refused({ why }))

const Stages = Schema.Tuple([Stage, Stage, Stage])
const runs = { arbitrary: { runs: 300, size: 40 } }

describe("laws of services", () => {
  it.effect.prop(
    "KN-1 each operation goes to its own handler and to no other, whatever that one does",
    { stages: Stages, input: Input, at: Schema.Literals([0, 1, 2]) },
    ({ stages: [a, b, c], input, at }) =>
      Effect.gen(function*() {
        const seen = yield* observe(input, (trace) => {
          const service = Processor.serve(
            Processor.on(First, refusing(processorOf(trace, "p0", a))),
            Processor.on(Second, refusing(processorOf(trace, "p1", b))),
            Processor.on(Third, refusing(processorOf(trace, "p2", c)))
          )
          return (n) => Effect.mapError(service.process(new operations[at]({ n })), ({ message }) => message)
        })
        const stage = [a, b, c][at]
        assert.deepStrictEqual(seen, stage === undefined ? undefined : expectedSequence([[`p${at}`, stage]], input))
      }),
    runs
  )

  it.effect.prop(
    "KN-9 business outcomes are values with their kind; only what is thrown is a defect, at the edge of the service",
    { stage: Stage, input: Input },
    ({ stage, input }) =>
      Effect.gen(function*() {
        const calm = stage.ends === "hang" ? { ...stage, ends: "succeed" as const } : stage
        const trace = makeTrace()
        const { process } = Processor.serve(Processor.on(First, refusing(processorOf(trace, "p", calm))))
        const exit = yield* Effect.exit(process(new First({ n: input })))
        const kind = Exit.isSuccess(exit) ? "ok" : Fault.kindOf(exit.cause)
        switch (calm.ends) {
          case "succeed":
            return assert.deepStrictEqual([kind, plain(exit)], ["ok", input + calm.add])
          case "fail":
            return assert.strictEqual(kind, "conflict")
          case "interrupt itself":
            return assert.strictEqual(kind, "interrupted")
          default:
            return assert.strictEqual(kind, "defect")
        }
      }),
    runs
  )
})
