import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Logger, Option, pipe, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Fault, Idempotency, KeyValue, Layers, OnceOnly } from "../../src/index.ts"
import { invariant, makeControlled, settle, start, unavailable } from "./support.ts"

interface Order {
  readonly order: string
  readonly cents?: number
}

const options = {
  name: "Charge",
  key: (input: Order) => input.order,
  fingerprint: (input: Order) => JSON.stringify(input),
  output: Schema.String,
  timeToLive: "1 hour",
  lease: "1 minute"
} as const

const inMemory = Effect.provide(KeyValue.layerMemory())

const down = new Fault.Unavailable({ dependency: "store", reason: "stopped" })
/** A store that stops answering when the test says so. */
const failing = (isDown: () => boolean) =>
  Layer.effect(
    KeyValue.KeyValue,
    Effect.map(KeyValue.KeyValue, (store) => {
      const or = <A>(operation: Effect.Effect<A, Fault.Unavailable>) =>
        Effect.suspend(() => isDown() ? Effect.fail(down) : operation)
      return KeyValue.KeyValue.of({
        get: (...args) => or(store.get(...args)),
        set: (...args) => or(store.set(...args)),
        setIfAbsent: (...args) => or(store.setIfAbsent(...args)),
        take: (...args) => or(store.take(...args)),
        remove: (...args) => or(store.remove(...args)),
        replaceIf: (...args) => or(store.replaceIf(...args)),
        removeIf: (...args) => or(store.removeIf(...args))
      })
    })
  ).pipe(Layer.provide(KeyValue.layerMemory()))

describe("Layers.idempotency", () => {
  it.effect("KN-4 the same key gets the same answer until the time is over; another key is other work", () =>
    Effect.gen(function*() {
      let calls = 0
      const charge = pipe(
        (input: Order) => Effect.sync(() => `${input.order} ${++calls}`),
        OnceOnly.required,
        Layers.idempotency(options)
      )
      assert.strictEqual(yield* charge({ order: "a" }), "a 1")
      assert.strictEqual(yield* charge({ order: "a" }), "a 1")
      assert.strictEqual(yield* charge({ order: "b" }), "b 2")
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual(yield* charge({ order: "a" }), "a 1")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* charge({ order: "a" }), "a 3")
    }).pipe(inMemory))

  it.effect("KN-4 answers go through their schema, so a replayed one is of the same type", () =>
    Effect.gen(function*() {
      const layer = Layers.idempotency({
        name: "When",
        key: (id: string) => id,
        output: Schema.DateFromString,
        timeToLive: "1 hour"
      })
      const call = layer((_) => Effect.succeed(new Date(7)))
      assert.deepStrictEqual([yield* call("a"), yield* call("a")], [new Date(7), new Date(7)])
    }).pipe(inMemory))

  it.effect("KN-4 while the first runs the second is a conflict; another input is refused; nothing runs twice", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const charge = Layers.idempotency(options)(dependency.process)
      const first = yield* start(charge({ order: "a", cents: 1 }))
      const second = yield* Effect.flip(charge({ order: "a", cents: 1 }))
      assert.deepStrictEqual([second._tag, second.kind], ["InProgress", "conflict"])
      const other = yield* Effect.flip(charge({ order: "a", cents: 2 }))
      assert.deepStrictEqual([other._tag, other.kind], ["KeyReused", "invalid-input"])
      yield* dependency.end(0, Effect.succeed("done"))
      assert.strictEqual(yield* Fiber.join(first), "done")
      assert.strictEqual(yield* charge({ order: "a", cents: 1 }), "done")
      assert.strictEqual((yield* Effect.flip(charge({ order: "a", cents: 2 })))._tag, "KeyReused")
      assert.strictEqual(dependency.begun(), 1)
    }).pipe(inMemory))

  it.effect("KN-4 failures, defects and interruptions are not remembered", () =>
    Effect.gen(function*() {
      const outcomes: ReadonlyArray<Effect.Effect<string, Fault.Unavailable | Fault.Invariant>> = [
        Effect.fail(unavailable),
        Effect.fail(invariant),
        Effect.die("boom"),
        Effect.interrupt,
        Effect.sync((): string => {
          throw new Error("thrown inside")
        })
      ]
      let calls = 0
      const layer = Layers.idempotency(options)
      const charge = layer((_: Order) => {
        if (++calls > 6) return Effect.succeed("at last")
        const outcome = outcomes[calls - 1]
        if (outcome === undefined) throw new Error("thrown, not returned")
        return outcome
      })
      for (let at = 0; at < 6; at++) assert.isTrue(Exit.isFailure(yield* Effect.exit(charge({ order: "a" }))))
      assert.strictEqual(yield* charge({ order: "a" }), "at last")
      assert.strictEqual(yield* charge({ order: "a" }), "at last")
      assert.strictEqual(calls, 7)
    }).pipe(inMemory))

  it.effect("KN-4 an interrupted call gives its key back before it ends", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const charge = Layers.idempotency(options)(dependency.process)
      yield* Fiber.interrupt(yield* start(charge({ order: "a" })))
      const again = yield* start(charge({ order: "a" }))
      yield* dependency.end(1, Effect.succeed("second"))
      assert.strictEqual(yield* Fiber.join(again), "second")
    }).pipe(inMemory))

  it.effect("KN-4 a call that outlives its lease cannot overwrite or free what came after it", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const charge = Layers.idempotency(options)(dependency.process)
      const slow = yield* start(charge({ order: "a" }))
      const slowAndFailing = yield* start(Effect.flip(charge({ order: "b" })))
      yield* TestClock.adjust("1 minute")
      const second = yield* start(charge({ order: "a" }))
      yield* start(charge({ order: "b" }))
      assert.strictEqual(dependency.begun(), 4)
      // The late ones end while the new ones run: those still have their claims.
      yield* dependency.end(0, Effect.succeed("late"))
      yield* dependency.end(1, Effect.fail(unavailable))
      assert.strictEqual(yield* Fiber.join(slow), "late")
      assert.strictEqual(yield* Fiber.join(slowAndFailing), unavailable)
      assert.strictEqual((yield* Effect.flip(charge({ order: "a" })))._tag, "InProgress")
      assert.strictEqual((yield* Effect.flip(charge({ order: "b" })))._tag, "InProgress")
      yield* dependency.end(2, Effect.succeed("second"))
      assert.strictEqual(yield* Fiber.join(second), "second")
      assert.strictEqual(yield* charge({ order: "a" }), "second")
    }).pipe(inMemory))

  it.effect("KN-4 a late answer is kept when nobody claimed the key in between", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const charge = Layers.idempotency(options)(dependency.process)
      const slow = yield* start(charge({ order: "a" }))
      yield* TestClock.adjust("2 minutes")
      yield* dependency.end(0, Effect.succeed("late"))
      yield* Fiber.join(slow)
      assert.strictEqual(yield* charge({ order: "a" }), "late")
      assert.strictEqual(dependency.begun(), 1)
    }).pipe(inMemory))

  it.effect("KN-4 without its store nothing runs, or everything runs unprotected, as was chosen", () =>
    Effect.gen(function*() {
      let calls = 0
      const work = (_: Order) => Effect.sync(() => `done ${++calls}`)
      const careful = pipe(work, Layers.idempotency(options))
      assert.strictEqual(yield* Effect.flip(careful({ order: "a" })), down)
      assert.strictEqual(calls, 0)
      const bold = pipe(work, Layers.idempotency({ ...options, whenUnavailable: "run" }))
      assert.strictEqual(yield* bold({ order: "a" }), "done 1")
      assert.strictEqual(yield* bold({ order: "a" }), "done 2")
    }).pipe(Effect.provide(failing(() => true))))

  it.effect("KN-4 a store that fails after the work does not fail the call; the key is claimed until the lease ends", () =>
    Effect.gen(function*() {
      let calls = 0
      let isDown = false
      const charge = pipe(
        (_: Order) =>
          Effect.sync(() => {
            isDown = true
            return `done ${++calls}`
          }),
        Layers.idempotency(options)
      )
      const lines: Array<unknown> = []
      const logger = Logger.make(({ message }) => void lines.push(message))
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* charge({ order: "a" }), "done 1")
        isDown = false
        assert.strictEqual((yield* Effect.flip(charge({ order: "a" })))._tag, "InProgress")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* charge({ order: "a" }), "done 2")
      }).pipe(Effect.provide(failing(() => isDown)), Effect.provide(Logger.layer([logger])))
      assert.lengthOf(lines, 2)
      assert.include(String(lines[0]), "did not take the outcome")
    }))

  it.effect("KN-4 of a hundred calls at once with one key, one runs", () =>
    Effect.gen(function*() {
      const dependency = makeControlled()
      const charge = Layers.idempotency(options)(dependency.process)
      const all = yield* Effect.forEach(
        Array.from({ length: 100 }),
        () => Effect.forkChild(Effect.exit(charge({ order: "a" })))
      )
      yield* settle
      yield* dependency.end(0, Effect.succeed("once"))
      const exits = yield* Effect.forEach(all, Fiber.join)
      assert.strictEqual(dependency.begun(), 1)
      assert.lengthOf(exits.filter(Exit.isSuccess), 1)
    }).pipe(inMemory))

  it.effect("AR-5 keys and inputs are not stored as they are", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const store = yield* KeyValue.KeyValue
      const charge = pipe((_: Order) => Effect.succeed("done"), Layers.idempotency(options))
      yield* charge({ order: "hunter2" }).pipe(Effect.provideService(KeyValue.KeyValue, {
        ...store,
        setIfAbsent: (key, value, ttl) =>
          Effect.suspend(() => {
            written.push(key, value)
            return store.setIfAbsent(key, value, ttl)
          }),
        replaceIf: (key, expected, value, ttl) =>
          Effect.suspend(() => {
            written.push(key, expected, value)
            return store.replaceIf(key, expected, value, ttl)
          })
      }))
      assert.lengthOf(written, 5)
      assert.notInclude(written.join(), "hunter2")
    }).pipe(inMemory))
})

describe("Idempotency.claim", () => {
  const request = { slot: "slot", fingerprint: "f", leaseMillis: 1000, keepMillis: 60_000 }

  it.effect("KN-4 what is in the slot and cannot be read counts as running", () =>
    Effect.gen(function*() {
      const store = yield* KeyValue.KeyValue
      yield* store.set("slot", "something else", 1000)
      assert.deepStrictEqual(yield* Idempotency.claim(store, request), { _tag: "Running" })
    }).pipe(inMemory))

  it.effect("KN-4 a holder that ends between a refused claim and the look at it leaves the key to the next one", () =>
    Effect.gen(function*() {
      const store = yield* KeyValue.KeyValue
      yield* store.set("slot", "held", 1000)
      const claim = yield* Idempotency.claim(
        { ...store, get: (key) => Effect.as(store.remove(key), Option.none()) },
        request
      )
      assert.strictEqual(claim._tag, "Mine")
    }).pipe(inMemory))
})
