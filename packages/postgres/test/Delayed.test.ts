import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer } from "effect"
import { Database, Delayed, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"
import { eventually, Moved, recording, reset } from "./relaying.ts"

const source = "/test"

/** Delays moves of one piece by so many milliseconds from now, in one transaction; gives their ids. */
const delay = (piece: string, ...moves: ReadonlyArray<readonly [turn: number, millis: number]>) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Database.transaction(
      Effect.forEach(moves, ([turn, millis]) =>
        Delayed.send(new Moved({ piece, turn }), { deliverAt: new Date(now + millis), source }))
    ))

const sent = (n: number) =>
  eventually(`(select count(*) from kanau.events) = ${n} and not exists (select from kanau.pending)`)

for (const database of databases) {
  describe(`delayed messages on ${database.name}`, () => {
    const test = (
      title: string,
      body: (bus: ReturnType<typeof recording>) => Effect.Effect<void, unknown, Layer.Success<typeof database.layer>>,
      relays = 1
    ) => {
      const bus = recording()
      it.live(title, () =>
        Effect.gen(function*() {
          yield* reset
          yield* Delayed.cancel({})
          const running = yield* Effect.forEach(Array.from({ length: relays }), () => Effect.forkChild(Relay.run))
          yield* body(bus)
          yield* Fiber.interruptAll(running)
        }).pipe(Effect.provide(Layer.merge(database.layer, bus.layer))), 60_000)
    }

    test("a delayed message is sent at its time, not before, those of one subject in order of their times", (bus) =>
      Effect.gen(function*() {
        const began = yield* Clock.currentTimeMillis
        const ids = yield* delay("a", [2, 400], [1, 200], [0, -5000])
        yield* sent(3)
        assert.deepStrictEqual(bus.confirmed.map(({ id }) => id), ids.toReversed())
        const times = bus.confirmed.map(({ time }) => Date.parse(time) - began)
        assert.isBelow(times[0] ?? 0, 0)
        assert.isAtLeast(times[2] ?? 0, 400)
        assert.isAtLeast((yield* Clock.currentTimeMillis) - began, 400)
      }))

    test("what waits is listed, soonest first, and can be cancelled by id, type or subject", (bus) =>
      Effect.gen(function*() {
        const [late = "", soon = ""] = yield* delay("a", [1, 80_000_000], [2, 70_000_000])
        const [other = ""] = yield* delay("b", [1, 75_000_000])
        const listed = Effect.map(Delayed.list({}, { limit: 10 }), (rows) => rows.map(({ id }) => id))
        assert.deepStrictEqual(yield* listed, [soon, other, late])
        assert.deepStrictEqual((yield* Delayed.list({}, { limit: 1 })).map(({ subject }) => subject), ["a"])
        assert.strictEqual(yield* Delayed.cancel({ id: soon }), 1)
        assert.strictEqual(yield* Delayed.cancel({ id: soon }), 0)
        assert.strictEqual(yield* Delayed.cancel({ subject: "a", type: "test.moved" }), 1)
        assert.deepStrictEqual(yield* listed, [other])
        assert.strictEqual(yield* Delayed.cancel({ type: "test.other" }), 0)
        assert.deepStrictEqual(bus.confirmed, [])
      }))

    test("NB-11 a delayed message is rolled back with its transaction, and refused outside one", () =>
      Effect.gen(function*() {
        yield* Effect.ignore(Database.transaction(Effect.andThen(
          Delayed.send(new Moved({ piece: "a", turn: 1 }), { deliverAt: new Date(0), source }),
          Effect.fail("no")
        )))
        assert.deepStrictEqual(yield* Delayed.list({}, { limit: 1 }), [])
        const move = new Moved({ piece: "a", turn: 1 })
        const outside = yield* Effect.flip(Delayed.send(move, { deliverAt: new Date(0), source }))
        assert.strictEqual(outside._tag, "Invariant")
        for (const deliverAt of [new Date(Number.NaN), new Date(8.64e15)]) {
          const fault = yield* Effect.flip(Database.transaction(Delayed.send(move, { deliverAt, source })))
          assert.strictEqual(fault._tag, "TooLate")
        }
      }))

    test("several relays send each delayed message once, in order", (bus) =>
      Effect.gen(function*() {
        const moves = Array.from({ length: 1200 }, (_, at) => [at, -10_000 + at] as const)
        const ids = yield* delay("a", ...moves)
        yield* sent(1200)
        assert.deepStrictEqual(bus.confirmed.map(({ id }) => id), ids)
      }), 3)
  })
}
