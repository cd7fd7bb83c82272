import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, pipe } from "effect"
import { TestClock } from "effect/testing"
import { Layers } from "../../src/index.ts"
import { invariant, makeControlled, settle, start, unavailable } from "./support.ts"

describe("Layers.fallback", () => {
  it.effect("KN-4 answers transient faults in another way, from the input and the fault", () =>
    Effect.gen(function*() {
      const failing = (_: number) => Effect.fail(unavailable)
      const other = (input: number, fault: { readonly kind: string }) => Effect.succeed(`${input} ${fault.kind}`)
      assert.strictEqual(yield* pipe(failing, Layers.fallback(other))(7), "7 unavailable")
      const answer = pipe((_: number) => Effect.fail(invariant), Layers.fallback(other))
      assert.strictEqual(yield* Effect.flip(answer(7)), invariant)
      const chosen = pipe(
        (_: number) => Effect.fail(invariant),
        Layers.fallback(other, (fault) => fault.kind === "invariant")
      )
      assert.strictEqual(yield* chosen(7), "7 invariant")
    }))

  it.effect("KN-4 fallback leaves defects alone and does not run when all is well", () =>
    Effect.gen(function*() {
      let used = 0
      const other = () => Effect.sync(() => ++used)
      const dying = pipe((_: void): Effect.Effect<number> => Effect.die("boom"), Layers.fallback(other))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(dying())))
      assert.strictEqual(yield* pipe((_: void) => Effect.succeed(41), Layers.fallback(other))(), 41)
      assert.strictEqual(used, 0)
    }))
})

describe("Layers.hedge", () => {
  const hedged = () => {
    const dependency = makeControlled()
    return { dependency, call: Layers.hedge({ after: "1 second" })(dependency.process) }
  }

  it.effect("KN-4 a slow call gets a second one; the first success wins and the other is interrupted", () =>
    Effect.gen(function*() {
      const { call, dependency } = hedged()
      const running = yield* start(call("x"))
      yield* TestClock.adjust(999)
      assert.strictEqual(dependency.begun(), 1)
      yield* TestClock.adjust(1)
      assert.strictEqual(dependency.begun(), 2)
      yield* dependency.end(1, Effect.succeed("second"))
      assert.strictEqual(yield* Fiber.join(running), "second")
      assert.isTrue(dependency.hasEnded(0))
    }))

  it.effect("KN-4 hedge: an early failure is the answer, a late one leaves it to the other call", () =>
    Effect.gen(function*() {
      const early = hedged()
      const failing = yield* start(Effect.flip(early.call("x")))
      yield* early.dependency.end(0, Effect.fail(unavailable))
      assert.strictEqual(yield* Fiber.join(failing), unavailable)
      assert.strictEqual(early.dependency.begun(), 1)

      const late = hedged()
      const running = yield* start(late.call("x"))
      yield* TestClock.adjust("1 second")
      yield* late.dependency.end(0, Effect.fail(unavailable))
      yield* late.dependency.end(1, Effect.succeed("second"))
      assert.strictEqual(yield* Fiber.join(running), "second")

      const lost = hedged()
      const both = yield* start(Effect.flip(lost.call("x")))
      yield* TestClock.adjust("1 second")
      yield* lost.dependency.end(1, Effect.fail(invariant))
      yield* lost.dependency.end(0, Effect.fail(unavailable))
      assert.include([invariant, unavailable], yield* Fiber.join(both))
    }))

  it.effect("KN-4 hedge: a fast call is made once", () =>
    Effect.gen(function*() {
      const { call, dependency } = hedged()
      const running = yield* start(call("x"))
      yield* dependency.end(0, Effect.succeed("first"))
      assert.strictEqual(yield* Fiber.join(running), "first")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(dependency.begun(), 1)
    }))
})

describe("Layers.cache", () => {
  const cached = (staleWhileRevalidate?: number) => {
    const dependency = makeControlled()
    const layer = Layers.cache({
      capacity: 2,
      timeToLive: 1000,
      key: (input: string) => input,
      ...(staleWhileRevalidate === undefined ? {} : { staleWhileRevalidate })
    })
    const call = layer(dependency.process)
    /** Calls, and answers the dependency if it was asked. */
    const ask = (key: string, answer: string) =>
      Effect.gen(function*() {
        const before = dependency.begun()
        const running = yield* start(call(key))
        if (dependency.begun() > before) yield* dependency.end(before, Effect.succeed(answer))
        return yield* Fiber.join(running)
      })
    return { ask, call, dependency }
  }

  it.effect("KN-4 cache answers from memory until the time is over", () =>
    Effect.gen(function*() {
      const { ask } = cached()
      assert.strictEqual(yield* ask("a", "one"), "one")
      yield* TestClock.adjust(999)
      assert.strictEqual(yield* ask("a", "two"), "one")
      assert.strictEqual(yield* ask("b", "other"), "other")
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* ask("a", "two"), "two")
    }))

  it.effect("KN-4 cache makes one call for many at a time; one who leaves does not end it for the others", () =>
    Effect.gen(function*() {
      const { call, dependency } = cached()
      const first = yield* start(call("a"))
      const second = yield* start(call("a"))
      assert.strictEqual(dependency.begun(), 1)
      yield* Fiber.interrupt(first)
      assert.isFalse(dependency.hasEnded(0))
      yield* dependency.end(0, Effect.succeed("one"))
      assert.strictEqual(yield* Fiber.join(second), "one")
      assert.strictEqual(yield* call("a"), "one")
    }))

  it.effect("KN-4 cache interrupts a call nobody waits for, and asks anew next time", () =>
    Effect.gen(function*() {
      const { ask, call, dependency } = cached()
      yield* Fiber.interrupt(yield* start(call("a")))
      assert.isTrue(dependency.hasEnded(0))
      assert.strictEqual(yield* ask("a", "one"), "one")
    }))

  it.effect("KN-4 cache: a call that was given up and ends late does not replace the answer of a newer one", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const layer = Layers.cache({ capacity: 2, timeToLive: "1 minute", key: (input: string) => input })
      const call = layer((input) => Effect.uninterruptible(dependency.process(input)))
      const leaving = yield* start(Fiber.interrupt(yield* start(call("a"))))
      const second = yield* start(call("a"))
      assert.strictEqual(dependency.begun(), 2)
      yield* dependency.end(0, Effect.succeed("old"))
      yield* Fiber.join(leaving)
      yield* start(call("a"))
      assert.strictEqual(dependency.begun(), 2)
      yield* dependency.end(1, Effect.succeed("new"))
      assert.strictEqual(yield* Fiber.join(second), "new")
      assert.strictEqual(yield* call("a"), "new")
    }))

  it.effect("KN-4 cache hands failures to those who waited and does not keep them", () =>
    Effect.gen(function*() {
      const { ask, call, dependency } = cached()
      const both = [yield* start(Effect.flip(call("a"))), yield* start(Effect.flip(call("a")))]
      yield* dependency.end(0, Effect.fail(unavailable))
      assert.deepStrictEqual(yield* Effect.forEach(both, Fiber.join), [unavailable, unavailable])
      assert.strictEqual(yield* ask("a", "one"), "one")
    }))

  it.effect("KN-4 cache: a fetch in the background goes on when one who joined it leaves", () =>
    Effect.gen(function*() {
      const { ask, call, dependency } = cached(500)
      yield* ask("a", "one")
      yield* TestClock.adjust(1000)
      assert.strictEqual(yield* call("a"), "one")
      yield* TestClock.adjust(500)
      const joined = yield* start(call("a"))
      yield* Fiber.interrupt(joined)
      assert.isFalse(dependency.hasEnded(1))
      yield* dependency.end(1, Effect.succeed("two"))
      assert.strictEqual(yield* call("a"), "two")
      assert.strictEqual(dependency.begun(), 2)
    }))

  it.effect("KN-4 cache drops the least recently used answer", () =>
    Effect.gen(function*() {
      const { ask } = cached()
      yield* ask("a", "a1")
      yield* ask("b", "b1")
      yield* ask("a", "a2")
      yield* ask("c", "c1")
      assert.strictEqual(yield* ask("a", "a3"), "a1")
      assert.strictEqual(yield* ask("b", "b2"), "b2")
    }))

  it.effect("KN-4 cache gives the old answer while one call fetches the new one, and survives its failure", () =>
    Effect.gen(function*() {
      const { ask, call, dependency } = cached(500)
      yield* ask("a", "one")
      yield* TestClock.adjust(1000)
      assert.strictEqual(yield* call("a"), "one")
      assert.strictEqual(yield* call("a"), "one")
      assert.strictEqual(dependency.begun(), 2)
      yield* dependency.end(1, Effect.fail(unavailable))
      assert.strictEqual(yield* call("a"), "one")
      assert.strictEqual(dependency.begun(), 3)
      yield* dependency.end(2, Effect.succeed("two"))
      yield* settle
      assert.strictEqual(yield* call("a"), "two")
      yield* TestClock.adjust(1500)
      assert.strictEqual(yield* ask("a", "three"), "three")
    }))
})
