import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Random, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Fault, Layers } from "../../src/index.ts"
import { makeControlled, settle, start, unavailable } from "./support.ts"

/** A processor that always fails, and the times at which it was called. */
const makeFailing = (fault: Fault.Fault = unavailable) => {
  const at: Array<number> = []
  const process = (_: void) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      at.push(now)
      return Effect.fail(fault)
    })
  return { at, process }
}

/** Random numbers that are always the same: with 1 every wait is the longest it can be. */
const always = (share: number) => Random.Random.of({ nextDoubleUnsafe: () => share, nextIntUnsafe: () => 0 })

/** Runs a call that fails through an hour of virtual time. */
const exhaust = <E>(call: Effect.Effect<unknown, E>, jitter = 1) =>
  Effect.gen(function*() {
    const running = yield* start(Effect.provideService(Effect.flip(call), Random.Random, always(jitter)))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(running)
  })

class Busy extends Fault.define<Busy>()("Busy", "rate-limited", { retryAfterMillis: Schema.Number }, () => "busy") {}

describe("Layers.retry", () => {
  it.effect("NB-18 waits double up to the cap, with full jitter", () =>
    Effect.gen(function*() {
      const longest = makeFailing()
      yield* exhaust(Layers.retry({ times: 5, base: 100, cap: 500 })(longest.process)())
      assert.deepStrictEqual(longest.at, [0, 100, 300, 700, 1200, 1700])
      const shortest = makeFailing()
      yield* exhaust(Layers.retry({ times: 3, base: 100 })(shortest.process)(), 0)
      assert.strictEqual(new Set(shortest.at).size, 1)
      assert.strictEqual(shortest.at.length, 4)
    }))

  it.effect("NB-18 no retry begins after the overall deadline, and the call ends with its fault", () =>
    Effect.gen(function*() {
      const failing = makeFailing()
      const call = Layers.retry({ times: 9, base: 100, deadline: 700 })(failing.process)
      const running = yield* start(Effect.provideService(Effect.flip(call()), Random.Random, always(1)))
      yield* TestClock.adjust(100)
      assert.isUndefined(running.pollUnsafe())
      // The next retry would begin at the deadline, so there is nothing to wait for.
      yield* TestClock.adjust(200)
      assert.strictEqual(yield* Fiber.join(running), unavailable)
      assert.deepStrictEqual(failing.at, [0, 100, 300])
    }))

  it.effect("NB-18 a retry that runs when the deadline comes is interrupted", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const call = Layers.retry({ times: 3, base: 100, deadline: 1000 })(dependency.process)
      const running = yield* start(Effect.flip(call("x")))
      yield* dependency.end(0, Effect.fail(unavailable))
      yield* TestClock.adjust(999)
      assert.strictEqual(dependency.begun(), 2)
      assert.isFalse(dependency.hasEnded(1))
      yield* TestClock.adjust(1)
      yield* settle
      assert.isTrue(dependency.hasEnded(1))
      assert.strictEqual(yield* Fiber.join(running), unavailable)
    }))

  it.effect("NB-18 waits as long as the fault asks, and gives up when that is longer than the cap", () =>
    Effect.gen(function*() {
      const patient = makeFailing(new Busy({ retryAfterMillis: 2000 }))
      yield* exhaust(Layers.retry({ times: 1, cap: 2000 })(patient.process)())
      assert.deepStrictEqual(patient.at, [0, 2000])
      const hasty = makeFailing(new Busy({ retryAfterMillis: 2001 }))
      yield* exhaust(Layers.retry({ times: 1, cap: 2000 })(hasty.process)())
      assert.strictEqual(hasty.at.length, 1)
    }))

  it.effect("NB-18 a budget keeps retries a share of the calls of its window", () =>
    Effect.gen(function*() {
      const failing = makeFailing()
      const layer = Layers.retry({ times: 1, base: 0, budget: { share: 0.2, window: "10 seconds", minimum: 2 } })
      const call = layer(failing.process)
      const retriesIn = (calls: number) =>
        Effect.gen(function*() {
          const before = failing.at.length
          yield* Effect.forEach(Array.from({ length: calls }), () => start(Effect.flip(call())))
          yield* TestClock.adjust(0)
          return failing.at.length - before - calls
        })
      assert.strictEqual(yield* retriesIn(50), 12)
      yield* TestClock.adjust("8 seconds")
      assert.strictEqual(yield* retriesIn(5), 1)
      yield* TestClock.adjust("11 seconds")
      assert.strictEqual(yield* retriesIn(5), 3)
    }))

  it.effect("NB-18 faults that are not transient, and defects, are not retried", () =>
    Effect.gen(function*() {
      for (const kind of Object.keys(Fault.rules) as Array<Fault.Kind>) {
        const failing = makeFailing({ _tag: "Some", kind, message: kind })
        yield* exhaust(Layers.retry({ times: 1 })(failing.process)())
        assert.strictEqual(failing.at.length, ["unavailable", "timeout", "rate-limited"].includes(kind) ? 2 : 1, kind)
      }
    }))
})
