import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { Correlation, Layers } from "../../src/index.ts"
import { settle, start, unavailable } from "./support.ts"

/** Doubles; refuses 13; remembers its batches. */
const makeDoubling = (options: Layers.BatchOptions) => {
  const batches: Array<ReadonlyArray<number>> = []
  const double = Layers.batch(options)((inputs: ReadonlyArray<number>) =>
    Effect.sync(() => {
      batches.push(inputs)
      return inputs.map((n) => n === 13 ? Result.fail("unlucky" as const) : Result.succeed(n * 2))
    })
  )
  return { batches, double }
}

describe("batch", () => {
  it.effect("KN-4 a batch is closed when it is full; each call has its own outcome, in the order of the calls", () =>
    Effect.gen(function*() {
      const { batches, double } = makeDoubling({ size: 3, age: "1 hour" })
      const exits = yield* Effect.forEach([1, 13, 3], (n) => Effect.exit(double(n)), { concurrency: "unbounded" })
      assert.deepStrictEqual<ReadonlyArray<unknown>>(exits, [Exit.succeed(2), Exit.fail("unlucky"), Exit.succeed(6)])
      assert.deepStrictEqual(batches, [[1, 13, 3]])
    }))

  it.effect("KN-4 a batch is closed when it is old enough, however few are in it; its age counts from the first (Wolverine, a debounce of 5.8 s)", () =>
    Effect.gen(function*() {
      const { batches, double } = makeDoubling({ size: 100, age: 50 })
      const first = yield* start(double(1))
      yield* TestClock.adjust(40)
      const second = yield* start(double(2))
      yield* TestClock.adjust(9)
      assert.deepStrictEqual(batches, [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(second)], [2, 4])
      const third = yield* start(double(3))
      yield* TestClock.adjust(50)
      assert.strictEqual(yield* Fiber.join(third), 6)
      assert.deepStrictEqual(batches, [[1, 2], [3]])
    }))

  it.effect("KN-4 what the whole batch fails or dies with is the outcome of each", () =>
    Effect.gen(function*() {
      const failing = Layers.batch({ size: 2, age: 1 })((_: ReadonlyArray<number>) =>
        Effect.as(Effect.fail(unavailable), [Result.succeed(1)])
      )
      const throwing = Layers.batch({ size: 1, age: 1 })((_: ReadonlyArray<number>): Effect.Effect<Array<never>> => {
        throw new Error("a bug")
      })
      const short = Layers.batch({ size: 2, age: 1 })((_: ReadonlyArray<number>) => Effect.succeed([Result.succeed(1)]))
      const both = <E>(process: (n: number) => Effect.Effect<number, E>) =>
        Effect.forEach([1, 2], (n) => Effect.exit(process(n)), { concurrency: "unbounded" })
      assert.deepStrictEqual(yield* both(failing), [Exit.fail(unavailable), Exit.fail(unavailable)])
      const thrown = yield* Effect.exit(throwing(1))
      assert.isTrue(Exit.isFailure(thrown) && Cause.hasDies(thrown.cause))
      for (const exit of yield* both(short)) {
        assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes("A batch of 2 was answered with 1"))
      }
    }))

  it.effect("KN-4 an interrupted call leaves its batch; one that everybody left never runs, or is interrupted", () =>
    Effect.gen(function*() {
      const { batches, double } = makeDoubling({ size: 100, age: 50 })
      const left = yield* start(double(1))
      const stays = yield* start(double(2))
      yield* Fiber.interrupt(left)
      yield* TestClock.adjust(50)
      assert.strictEqual(yield* Fiber.join(stays), 4)
      const alone = yield* start(double(3))
      yield* Fiber.interrupt(alone)
      yield* TestClock.adjust(50)
      assert.deepStrictEqual(batches, [[2]])
      let interrupted = 0
      const endless = Layers.batch({ size: 2, age: 50 })((_: ReadonlyArray<number>) =>
        Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
      )
      const calls = [yield* start(endless(1)), yield* start(endless(2))]
      for (const [at, call] of calls.entries()) {
        yield* Fiber.interrupt(call)
        assert.strictEqual(interrupted, at)
      }
    }))

  it.effect("KN-4 batches run side by side, with the context of the call that opened each", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const process = Layers.batch({ size: 2, age: 50 })((inputs: ReadonlyArray<number>) =>
        Effect.flatMap(Correlation.Correlation, ({ correlationId }) =>
          Effect.andThen(
            Effect.sync(() => seen.push(`${correlationId}: ${inputs.join(" ")}`)),
            Effect.as(Effect.sleep(10), inputs.map((n) => Result.succeed(n)))
          ))
      )
      const as = (correlationId: string, n: number) =>
        start(Effect.provideService(process(n), Correlation.Correlation, { correlationId, traceparent: "" }))
      const calls = [yield* as("a", 1), yield* as("b", 2), yield* as("c", 3), yield* as("d", 4)]
      yield* settle
      assert.deepStrictEqual(seen, ["a: 1 2", "c: 3 4"])
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(yield* Fiber.joinAll(calls), [1, 2, 3, 4])
    }))
})
