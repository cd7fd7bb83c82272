/** Random inputs of random duration and ending, over random widths, under a virtual clock. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Exit, Fiber, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Processor } from "../../src/index.ts"
import { expectedOutcome, makeTrace, plain, processorOf, settle, Stage } from "./support.ts"

const Item = Schema.Struct({
  stage: Stage,
  millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))
})
type Item = typeof Item.Type
const Items = Schema.Array(Item).check(Schema.isMaxLength(16))
const Width = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
const runs = { arbitrary: { runs: 150, size: 40 } }

interface Numbered extends Item {
  readonly id: number
}
const numbered = (items: ReadonlyArray<Item>): ReadonlyArray<Numbered> =>
  // Hanging is for the test of interruption.
  items.map((item, id) => ({
    ...item,
    id,
    stage: item.stage.ends === "hang" ? { ...item.stage, ends: "fail" } : item.stage
  }))

/** A processor of such items that counts who runs, and notes who began and who ended. */
const makeWork = () => {
  const trace = makeTrace()
  const seen = { running: 0, most: 0, began: [] as Array<number>, ended: [] as Array<number> }
  const process = ({ id, millis, stage }: Numbered): Effect.Effect<number, string> => {
    if (stage.ends === "throw at the call") {
      seen.began.push(id)
      seen.most = Math.max(seen.most, seen.running + 1)
      seen.ended.push(id)
    }
    const call = stage.ends === "throw at the call" ? processorOf(trace, `p${id}`, stage)(id) : Effect.suspend(() => {
      seen.began.push(id)
      seen.most = Math.max(seen.most, ++seen.running)
      return Effect.andThen(
        millis === 0 ? Effect.void : Effect.sleep(millis),
        Effect.suspend(() => processorOf(trace, `p${id}`, stage)(id))
      )
    })
    return Effect.onExit(call, () =>
      Effect.sync(() => {
        seen.running--
        seen.ended.push(id)
      }))
  }
  return { seen, process }
}

const outcomes = (items: ReadonlyArray<Numbered>) => items.map(({ id, stage }) => expectedOutcome(`p${id}`, stage, id))
const plainExit = (exit: Exit.Exit<number, string>) => plain(exit)

/** Runs a stream to its end, with as much time as it takes. */
const drained = <A>(stream: Stream.Stream<A>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Stream.runCollect(stream))
    yield* settle
    yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

const sorted = (values: ReadonlyArray<unknown>) => values.map((value) => JSON.stringify(value)).sort()

describe("laws of parallel maps", () => {
  it.effect.prop(
    "KN-6 each result comes once, as it completes; what fails stops nothing; no more than the bound run, and as many",
    { items: Items, concurrency: Width },
    ({ items, concurrency }) =>
      Effect.gen(function*() {
        const inputs = numbered(items)
        const { process, seen } = makeWork()
        const order: Array<number> = []
        const results = yield* drained(Processor.parallelMap(
          inputs,
          (input: Numbered) =>
            Effect.onExit(Effect.suspend(() => process(input)), () => Effect.sync(() => order.push(input.id))),
          { concurrency }
        ))
        assert.deepStrictEqual(sorted(results.map(plainExit)), sorted(outcomes(inputs)))
        // The order in which they came is the order in which they ended.
        assert.deepStrictEqual(
          results.map(plainExit),
          outcomes(order.map((id) => inputs[id]).filter((input) => input !== undefined))
        )
        assert.deepStrictEqual(seen.began, inputs.map(({ id }) => id))
        assert.isAtMost(seen.most, concurrency)
        const slow = inputs.filter(({ millis, stage }) => millis > 0 && stage.ends !== "throw at the call").length
        if (slow === inputs.length) assert.strictEqual(seen.most, Math.min(concurrency, inputs.length))
      }),
    runs
  )

  it.effect.prop(
    "KN-6 the ordered variant gives the same results in the order of the inputs, within the same bound",
    { items: Items, concurrency: Width },
    ({ items, concurrency }) =>
      Effect.gen(function*() {
        const inputs = numbered(items)
        const { process, seen } = makeWork()
        const results = yield* drained(Processor.parallelMapOrdered(inputs, process, { concurrency }))
        assert.deepStrictEqual(results.map(plainExit), outcomes(inputs))
        assert.isAtMost(seen.most, concurrency)
      }),
    runs
  )

  it.effect.prop(
    "KN-6 the batched variant puts each input into one batch, of the size asked for, and a failed batch stops nothing",
    { items: Items, concurrency: Width, size: Width },
    ({ items, concurrency, size }) =>
      Effect.gen(function*() {
        const inputs = numbered(items)
        const { process, seen } = makeWork()
        const results = yield* drained(Processor.parallelMapBatched(
          inputs,
          // A batch is as its first input.
          ([first]: ReadonlyArray<Numbered>) => first === undefined ? Effect.succeed(-1) : process(first),
          { concurrency, size }
        ))
        const batches = results.toSorted((a, b) => (a.inputs[0]?.id ?? 0) - (b.inputs[0]?.id ?? 0))
        assert.deepStrictEqual(batches.flatMap((batch) => batch.inputs), [...inputs])
        assert.deepStrictEqual(
          batches.map((batch) => batch.inputs.length),
          Array.from({ length: Math.ceil(inputs.length / size) }, (_, at) => Math.min(size, inputs.length - at * size))
        )
        assert.deepStrictEqual(
          batches.map(({ exit }) => plainExit(exit)),
          outcomes(inputs.filter((_, at) => at % size === 0))
        )
        assert.isAtMost(seen.most, concurrency)
      }),
    runs
  )

  it.effect.prop(
    "KN-6 interrupting the stream stops what runs, and nothing else begins",
    { items: Items, concurrency: Width, after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })) },
    ({ items, concurrency, after }) =>
      Effect.gen(function*() {
        const { process, seen } = makeWork()
        const stream = Processor.parallelMap(numbered(items), process, { concurrency })
        const fiber = yield* Effect.forkChild(Stream.runDrain(stream))
        yield* settle
        yield* TestClock.adjust(after)
        yield* Fiber.interrupt(fiber)
        const began = seen.began.length
        assert.deepStrictEqual([...seen.ended].sort(), [...seen.began].sort())
        yield* TestClock.adjust("1 second")
        assert.strictEqual(seen.began.length, began)
      }),
    runs
  )
})
