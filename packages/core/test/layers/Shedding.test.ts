import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, pipe } from "effect"
import { TestClock } from "effect/testing"
import { Fault, Layers, TokenBucket } from "../../src/index.ts"
import { invariant, makeControlled, start, unavailable } from "./support.ts"

describe("Layers.loadShed", () => {
  /** Calls that take as long as their input says. */
  const timed = (millis: number) => Effect.as(Effect.sleep(millis), millis)

  it.effect("KN-4 refuses what is above the limit at once, and says so before", () =>
    Effect.gen(function*() {
      const shed = yield* Layers.loadShed({ target: "1 second", initial: 2 })
      const dependency = makeControlled()
      const call = shed.layer(dependency.process)
      yield* start(call("a"))
      assert.isTrue(yield* shed.isReady)
      const second = yield* start(call("b"))
      assert.isFalse(yield* shed.isReady)
      const refused = yield* Effect.flip(call("c"))
      assert.deepStrictEqual([refused._tag, refused.kind], ["Overloaded", "unavailable"])
      assert.strictEqual(dependency.begun(), 2)
      yield* Fiber.interrupt(second)
      assert.isTrue(yield* shed.isReady)
      // Refusals and interruptions say nothing about the dependency.
      assert.strictEqual(yield* shed.limit, 2)
    }))

  it.effect("KN-4 slow answers lower the limit once for all that were under way, down to the minimum", () =>
    Effect.gen(function*() {
      const shed = yield* Layers.loadShed({ target: "1 second", initial: 10, minimum: 7 })
      const call = shed.layer(timed)
      const round = Effect.gen(function*() {
        const limit = yield* shed.limit
        const calls = yield* Effect.forEach(Array.from({ length: limit }), () => Effect.forkChild(call(1001)))
        yield* TestClock.adjust(1001)
        yield* Effect.forEach(calls, Fiber.join)
        return yield* shed.limit
      })
      assert.deepStrictEqual([yield* round, yield* round, yield* round, yield* round, yield* round], [9, 8, 7, 7, 7])
    }))

  it.effect("KN-4 answers in time raise a limit that is in use, by one a round, up to the maximum", () =>
    Effect.gen(function*() {
      const shed = yield* Layers.loadShed({ target: "1 second", initial: 4, maximum: 6 })
      const call = shed.layer(timed)
      const round = (size: number) =>
        Effect.gen(function*() {
          const calls = yield* Effect.forEach(Array.from({ length: size }), () => Effect.forkChild(call(1000)))
          yield* TestClock.adjust(1000)
          yield* Effect.forEach(calls, Fiber.join)
        })
      // Alone under a limit of four, a call does not test it.
      for (let at = 0; at < 20; at++) yield* round(1)
      assert.strictEqual(yield* shed.limit, 4)
      const limits: Array<number> = []
      for (let at = 0; at < 8; at++) {
        yield* round(yield* shed.limit)
        limits.push(yield* shed.limit)
      }
      assert.deepStrictEqual(limits.filter((limit, at) => at > 0 && limit - (limits[at - 1] ?? 0) > 1), [])
      assert.strictEqual(limits.at(-1), 6)
    }))

  it.effect("KN-4 transient faults lower the limit, other faults are answers, defects say nothing", () =>
    Effect.gen(function*() {
      const after = (outcome: Effect.Effect<string, Fault.Unavailable | Fault.Invariant>) =>
        Effect.gen(function*() {
          const shed = yield* Layers.loadShed({ target: "1 second", initial: 1, maximum: 9 })
          const call = shed.layer((_: void) => outcome)
          for (let at = 0; at < 3; at++) yield* Effect.exit(call())
          return yield* shed.limit
        })
      assert.strictEqual(yield* after(Effect.fail(invariant)), 2)
      assert.strictEqual(yield* after(Effect.die("boom")), 1)
      assert.strictEqual(yield* after(Effect.interrupt), 1)
      const shed = yield* Layers.loadShed({ target: "1 second", initial: 10 })
      yield* Effect.exit(shed.layer(() => Effect.fail(unavailable))(0))
      assert.strictEqual(yield* shed.limit, 9)
    }))

  it.effect("KN-4 under a dependency that slows down with load, the limit settles where it is just fast enough", () =>
    Effect.gen(function*() {
      const shed = yield* Layers.loadShed({ target: "100 millis", initial: 100 })
      let inside = 0
      // Ten at a time in 100 ms; each one more makes all of them slower.
      const call = shed.layer((_: void) =>
        Effect.ensuring(
          Effect.suspend(() => Effect.sleep(10 * ++inside)),
          Effect.sync(() => inside--)
        )
      )
      for (let round = 0; round < 80; round++) {
        const calls = yield* Effect.forEach(Array.from({ length: 120 }), () => Effect.forkChild(Effect.exit(call())))
        yield* TestClock.adjust("10 seconds")
        yield* Effect.forEach(calls, Fiber.join)
      }
      const limit = yield* shed.limit
      assert.isAtLeast(limit, 8)
      assert.isAtMost(limit, 12)
    }))
})

describe("Layers.sharedRateLimit", () => {
  const options = { name: "mail", key: (user: string) => user, limit: 2, per: "1 minute" } as const

  it.effect("KN-4 limits each key, over everything that has the same store and name", () =>
    Effect.gen(function*() {
      let made = 0
      const work = (_: string) => Effect.sync(() => ++made)
      const one = pipe(work, Layers.sharedRateLimit(options))
      const two = pipe(work, Layers.sharedRateLimit(options))
      const apart = pipe(work, Layers.sharedRateLimit({ ...options, name: "search" }))
      yield* one("ada")
      yield* two("ada")
      const refused = yield* Effect.flip(one("ada"))
      assert.deepStrictEqual(
        [refused._tag, refused.kind, "retryAfterMillis" in refused && refused.retryAfterMillis],
        ["RateLimited", "rate-limited", 30_000]
      )
      assert.strictEqual(made, 2)
      yield* one("bob")
      yield* apart("ada")
      yield* TestClock.adjust("30 seconds")
      yield* two("ada")
      assert.strictEqual(made, 5)
    }).pipe(Effect.provide(TokenBucket.layerMemory())))

  it.effect("KN-4 without its store the call is made, or fails, as was chosen", () => {
    const down = new Fault.Unavailable({ dependency: "redis", reason: "stopped" })
    return Effect.gen(function*() {
      const work = (user: string) => Effect.succeed(user)
      assert.strictEqual(yield* pipe(work, Layers.sharedRateLimit(options))("ada"), "ada")
      const strict = pipe(work, Layers.sharedRateLimit({ ...options, whenUnavailable: "fail" }))
      assert.strictEqual(yield* Effect.flip(strict("ada")), down)
    }).pipe(Effect.provide(Layer.succeed(TokenBucket.TokenBucket, { take: () => Effect.fail(down) })))
  })
})
