/** Chains of random processors against the plainest model of a sequence: outcome and trace. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, pipe, Schema } from "effect"
import { Processor } from "../../src/index.ts"
import { expectedSequence, Input, type Numbers, observe, processorOf, Stage, type Trace } from "./support.ts"

const named = (stages: ReadonlyArray<Stage>) => stages.map((stage, at) => [`p${at}`, stage] as const)
const built = (trace: Trace, stages: ReadonlyArray<Stage>): ReadonlyArray<Numbers> =>
  named(stages).map(([name, stage]) => processorOf(trace, name, stage))

/** All these processors have one type, which the signatures of `chain` cannot say for a list of unknown length. */
const chainAll = Processor.chain as unknown as (...stages: ReadonlyArray<Numbers>) => Numbers

/** Joins neighbours, chosen at random, until one is left. */
const grouped = (stages: ReadonlyArray<Numbers>, choices: ReadonlyArray<number>): Numbers => {
  let left = stages
  for (let turn = 0; left.length > 1; turn++) {
    const choice = choices[turn % choices.length] ?? 0
    const at = choice % (left.length - 1)
    const width = 2 + Math.floor(choice / 7) % (left.length - at - 1)
    const group = left.slice(at, at + width)
    const [first, second] = group
    const joined = choice % 2 === 0 && group.length === 2 && first !== undefined && second !== undefined
      ? pipe(first, Processor.andThen(second))
      : chainAll(...group)
    left = [...left.slice(0, at), joined, ...left.slice(at + width)]
  }
  return chainAll(...left)
}

const stages = Schema.Array(Stage).check(Schema.isMinLength(1), Schema.isMaxLength(8))
const choices = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200 })))
  .check(Schema.isMinLength(1), Schema.isMaxLength(8))
const runs = { arbitrary: { runs: 300, size: 40 } }

describe("laws of chains", () => {
  it.effect.prop(
    "KN-2 the second runs after the success of the first only, with its output; a failure comes out unchanged",
    { first: Stage, second: Stage, input: Input },
    ({ first, second, input }) =>
      Effect.gen(function*() {
        const seen = yield* observe(
          input,
          (trace) => Processor.chain(processorOf(trace, "p0", first), processorOf(trace, "p1", second))
        )
        assert.deepStrictEqual(seen, expectedSequence(named([first, second]), input))
        if (first.ends !== "succeed") {
          assert.deepStrictEqual(seen, yield* observe(input, (trace) => processorOf(trace, "p0", first)))
        }
      }),
    runs
  )

  it.effect.prop(
    "KN-3 identity on either side changes nothing",
    { stage: Stage, input: Input },
    ({ stage, input }) =>
      Effect.gen(function*() {
        const alone = yield* observe(input, (trace) => processorOf(trace, "p", stage))
        const before = yield* observe(
          input,
          (trace) => Processor.chain(Processor.identity<number>(), processorOf(trace, "p", stage))
        )
        const after = yield* observe(
          input,
          (trace) => Processor.chain(processorOf(trace, "p", stage), Processor.identity<number>())
        )
        assert.deepStrictEqual(before, alone)
        assert.deepStrictEqual(after, alone)
      }),
    runs
  )

  it.effect.prop(
    "KN-3 up to eight stages come to the same however they are grouped",
    { stages, choices, input: Input },
    ({ stages, choices, input }) =>
      Effect.gen(function*() {
        const expected = expectedSequence(named(stages), input)
        assert.deepStrictEqual(yield* observe(input, (trace) => chainAll(...built(trace, stages))), expected)
        assert.deepStrictEqual(yield* observe(input, (trace) => grouped(built(trace, stages), choices)), expected)
      }),
    runs
  )
})
