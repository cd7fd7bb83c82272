import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, pipe, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Layers } from "../../src/index.ts"
import { makeControlled, start } from "./support.ts"

describe("Layers.bulkhead", () => {
  it.effect("KN-4 runs so many at a time, queues so many in order, refuses the rest at once", () =>
    Effect.gen(function*() {
      const bulkhead = yield* Layers.bulkhead({ concurrent: 2, queued: 1 })
      const dependency = makeControlled()
      const call = bulkhead.layer(dependency.process)
      yield* start(call("a"))
      const second = yield* start(call("b"))
      assert.isTrue(yield* bulkhead.isReady)
      const queued = yield* start(call("c"))
      assert.strictEqual(dependency.begun(), 2)
      assert.isFalse(yield* bulkhead.isReady)
      const refused = yield* Effect.flip(call("d"))
      assert.deepStrictEqual([refused._tag, refused.kind], ["Overloaded", "unavailable"])
      yield* dependency.end(0, Effect.succeed("done"))
      assert.strictEqual(dependency.begun(), 3)
      yield* dependency.end(2, Effect.succeed("later"))
      assert.strictEqual(yield* Fiber.join(queued), "later")
      yield* Fiber.interrupt(second)
      yield* start(call("e"))
      yield* start(call("f"))
      assert.strictEqual(dependency.begun(), 5)
    }))

  it.effect("KN-4 interrupting a queued call frees its place, and it never runs", () =>
    Effect.gen(function*() {
      const bulkhead = yield* Layers.bulkhead({ concurrent: 1, queued: 1 })
      const dependency = makeControlled()
      const call = bulkhead.layer(dependency.process)
      yield* start(call("a"))
      const queued = yield* start(call("b"))
      yield* Fiber.interrupt(queued)
      assert.isTrue(yield* bulkhead.isReady)
      yield* dependency.end(0, Effect.succeed("done"))
      assert.strictEqual(dependency.begun(), 1)
    }))
})

describe("Layers.timeout", () => {
  it.effect("KN-4 every call has the whole limit, although one timer serves all of them", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const call = pipe(dependency.process, Layers.timeout("search", "1 second"))
      const begin = Effect.map(start(Effect.exit(call("x"))), (fiber) => () => fiber.pollUnsafe() !== undefined)
      const first = yield* begin
      yield* TestClock.adjust(400)
      const second = yield* begin
      yield* TestClock.adjust(200)
      const third = yield* begin
      yield* dependency.end(1, Effect.succeed("in time"))
      const ended = () => [first(), second(), third()]
      yield* TestClock.adjust(399)
      assert.deepStrictEqual(ended(), [false, true, false])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(ended(), [true, true, false])
      assert.deepStrictEqual([dependency.hasEnded(0), dependency.hasEnded(2)], [true, false])
      yield* TestClock.adjust(599)
      assert.deepStrictEqual(ended(), [true, true, false])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(ended(), [true, true, true])
      // After a while without calls the timer is set anew.
      yield* TestClock.adjust("1 minute")
      const later = yield* begin
      yield* TestClock.adjust(999)
      assert.isFalse(later())
      yield* TestClock.adjust(1)
      assert.isTrue(later())
    }))

  it.effect("KN-4 a call that will not be interrupted does not keep the next one from its limit", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const work = (isStubborn: boolean) =>
        isStubborn ? Effect.uninterruptible(dependency.process("x")) : dependency.process("x")
      const call = pipe(work, Layers.timeout("x", "1 second"))
      const stubborn = yield* start(Effect.flip(call(true)))
      yield* TestClock.adjust("1 second")
      const next = yield* start(Effect.flip(call(false)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(next))._tag, "TimedOut")
      assert.isUndefined(stubborn.pollUnsafe())
      yield* dependency.end(0, Effect.succeed("too late"))
      assert.strictEqual((yield* Fiber.join(stubborn))._tag, "TimedOut")
    }))

  it.effect("KN-4 the limit is that of the caller's clock", () =>
    Effect.gen(function*() {
      const call = pipe((_: void) => Effect.never, Layers.timeout("search", "1 second"))
      const here = yield* start(Effect.exit(call()))
      yield* TestClock.withLive(Effect.exit(pipe((_: void) => Effect.never, Layers.timeout("x", "5 millis"))()))
      const elsewhere = yield* Effect.gen(function*() {
        const running = yield* start(Effect.flip(call()))
        yield* TestClock.adjust("1 second")
        return yield* Fiber.join(running)
      }).pipe(Effect.provide(TestClock.layer()))
      assert.strictEqual(elsewhere._tag, "TimedOut")
      assert.isUndefined(here.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.isDefined(here.pollUnsafe())
    }))

  it.effect("KN-4 a limit of nothing lets through what does not wait, and nothing else", () =>
    Effect.gen(function*() {
      const call = pipe((wait: boolean) => wait ? Effect.never : Effect.sync(() => "now"), Layers.timeout("x", 0))
      for (const _ of [1, 2]) {
        assert.strictEqual((yield* Effect.flip(call(true)))._tag, "TimedOut")
        assert.strictEqual(yield* call(false), "now")
      }
    }))

  it.effect("KN-4 timeout waits until the interrupted call has cleaned up, and ends with the fault", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const work = (_: string) => Effect.onInterrupt(Effect.never, () => Effect.exit(dependency.process("cleaning")))
      const call = yield* start(Effect.flip(pipe(work, Layers.timeout("x", "1 second"))("a")))
      yield* TestClock.adjust("1 second")
      assert.isUndefined(call.pollUnsafe())
      yield* dependency.end(0, Effect.succeed("clean"))
      assert.strictEqual((yield* Fiber.join(call))._tag, "TimedOut")
    }))
})

describe("Layers.rateLimit", () => {
  const settings = { limit: 3, per: 1000, burst: 5 }
  const Gaps = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 900 })))
    .check(Schema.isMinLength(5), Schema.isMaxLength(80))

  it.effect.prop(
    "KN-4 admits exactly the calls that fit: in no stretch of time more than the burst and the rate",
    { gaps: Gaps },
    ({ gaps }) =>
      Effect.gen(function*() {
        const call = pipe((_: void) => Effect.void, Layers.rateLimit(settings))
        const admitted: Array<number> = []
        let now = 0
        // A call fits if every stretch that begins at an admitted call and ends with it stays under the line.
        const fits = (at: number) =>
          [...admitted, at].every((from, index) =>
            (admitted.length + 1 - index) * settings.per <= settings.burst * settings.per + (at - from) * settings.limit
          )
        for (const gap of gaps) {
          // Short gaps are common, so that the bucket really runs dry.
          const millis = gap > 600 ? gap * 3 : gap % 100
          now += millis
          yield* TestClock.adjust(millis)
          const expected = fits(now)
          const refused = yield* Effect.match(call(), { onSuccess: () => undefined, onFailure: (fault) => fault })
          assert.strictEqual(refused === undefined, expected)
          if (refused === undefined) admitted.push(now)
          else {
            assert.strictEqual(refused.kind, "rate-limited")
            assert.isTrue(fits(now + refused.retryAfterMillis))
            assert.isFalse(fits(now + refused.retryAfterMillis - 1))
          }
        }
      }),
    { arbitrary: { runs: 150, size: 80 } }
  )

  it.effect("KN-4 a refused call does not reach the processor", () =>
    Effect.gen(function*() {
      let made = 0
      const call = pipe((_: void) => Effect.sync(() => ++made), Layers.rateLimit({ limit: 1, per: "1 second" }))
      yield* call()
      assert.strictEqual((yield* Effect.flip(call())).retryAfterMillis, 1000)
      assert.strictEqual(made, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* call(), 2)
    }))
})
