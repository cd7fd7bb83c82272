import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@kanau/core"
import { Bus, type RetryLadder } from "@kanau/messaging"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Outbox, Parked, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"
import {
  append,
  parkedReaches,
  pendingReaches,
  recording,
  reset,
  turnsOf,
  unavailable,
  unroutable
} from "./relaying.ts"

/** Three attempts, quickly. */
const retry: RetryLadder.RetryLadder = { baseMillis: 20, factor: 1, capMillis: 20, attempts: 3 }
/** One attempt now, the next in an hour or half of it. */
const slow: RetryLadder.RetryLadder = { baseMillis: 3_600_000, factor: 1, capMillis: 3_600_000, attempts: 3 }

for (const database of databases) {
  describe(`Parking on ${database.name}`, () => {
    const withDatabase = Layer.provideMerge(Outbox.layer({ source: "/test" }), database.layer)

    it.live(
      "NB-14 after the last attempt an event is dead with its reason; retried, its subject goes on in order",
      () => {
        const bus = recording()
        bus.refuse = ({ subject }) => subject === "stuck" ? unroutable : undefined
        return Effect.gen(function*() {
          yield* reset
          const relay = yield* Effect.forkChild(Relay.make({ retry }))
          yield* append([["stuck", 1], ["free", 1], ["stuck", 2], ["free", 2]])
          yield* parkedReaches(1, "dead")
          yield* append([["free", 3], ["stuck", 3]])
          yield* pendingReaches(0)
          assert.deepStrictEqual(turnsOf(bus.confirmed, "free"), [1, 2, 3])
          const [entry, ...others] = yield* Parked.list({ limit: 10 })
          assert.deepStrictEqual(others, [])
          assert.include(entry?.reason, "test.moved")
          assert.deepStrictEqual(
            [entry?.state, entry?.subject, entry?.type, entry?.attempts, entry?.waiting, entry?.nextAttemptAt],
            ["dead", "stuck", "test.moved", 3, 2, undefined]
          )
          assert.deepStrictEqual(yield* Parked.list({ limit: 10, state: "retrying" }), [])
          bus.refuse = () => undefined
          assert.strictEqual(yield* Parked.retry({ subject: "another" }), 0)
          assert.strictEqual(yield* Parked.retry(), 1)
          yield* parkedReaches(0)
          yield* append([["stuck", 4]])
          yield* pendingReaches(0)
          assert.deepStrictEqual(turnsOf(bus.confirmed, "stuck"), [1, 2, 3, 4])
          yield* Fiber.interrupt(relay)
        }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
      },
      60_000
    )

    it.live("NB-14 a discarded event is dropped, and what waits behind it is published", () => {
      const bus = recording()
      bus.refuse = ({ subject }) => subject === "stuck" ? unroutable : undefined
      return Effect.gen(function*() {
        yield* reset
        const relay = yield* Effect.forkChild(Relay.make({ retry: slow }))
        // More than one try of a parked subject takes.
        const turns = Array.from({ length: 50 }, (_, at) => at)
        yield* append(turns.map((turn) => ["stuck", turn]))
        yield* parkedReaches(50)
        const [entry] = yield* Parked.list({ limit: 1, state: "retrying" })
        bus.refuse = () => undefined
        assert.isTrue(yield* Parked.discard(entry?.position ?? ""))
        yield* parkedReaches(0)
        assert.deepStrictEqual(turnsOf(bus.confirmed, "stuck"), turns.slice(1))
        assert.isFalse(yield* Parked.discard(entry?.position ?? ""))
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NB-12 while the bus is down nothing is parked and the relay asks ever less; then all is published", () => {
      const bus = recording()
      bus.refuse = () => unavailable
      return Effect.gen(function*() {
        yield* reset
        const moves = Array.from({ length: 200 }, (_, at) => [`piece ${at % 20}`, at] as const)
        yield* append(moves)
        const relay = yield* Effect.forkChild(Relay.make({ retry }))
        yield* Effect.sleep("1500 millis")
        // One event of each subject is tried before a pause, and the pauses double from 100 ms at least.
        assert.isAbove(bus.asked, 0)
        assert.isAtMost(bus.asked, 20 * 5)
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`select position from kanau.parked`, [])
        bus.refuse = () => undefined
        yield* pendingReaches(0)
        assert.strictEqual(bus.confirmed.length, moves.length)
        for (const piece of new Set(moves.map(([name]) => name))) {
          assert.deepStrictEqual(
            turnsOf(bus.confirmed, piece),
            moves.filter(([name]) => name === piece).map(([, turn]) => turn)
          )
        }
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NB-13 an event that can never be sent is parked, even if the adapter says the bus is unavailable", () => {
      const bus = recording()
      bus.refuse = ({ subject }) => subject === "poison" ? unavailable : undefined
      return Effect.gen(function*() {
        yield* reset
        yield* append([["poison", 1]])
        const relay = yield* Effect.forkChild(Relay.make({ retry: slow }))
        let turn = 0
        // Appended and counted, or neither, whenever it is interrupted.
        const other = Effect.uninterruptible(
          Effect.tap(Effect.suspend(() => append([["other", turn]])), () => Effect.sync(() => turn++))
        )
        const others = yield* Effect.forkChild(Effect.forever(Effect.delay(other, "20 millis")))
        yield* parkedReaches(1, "retrying")
        yield* Fiber.interrupt(others)
        yield* pendingReaches(0)
        assert.deepStrictEqual(turnsOf(bus.confirmed, "other"), Array.from({ length: turn }, (_, at) => at))
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NB-13 an event that is too large, or whose publishing dies, is parked with the reason", () => {
      const bus = recording()
      bus.refuse = ({ subject }) => {
        if (subject === "broken") throw new Error("a bug")
        if (subject === "odd") throw { secret: subject }
        return subject === "huge" ? new Fault.Invariant({ reason: "Too large; send a reference" }) : undefined
      }
      return Effect.gen(function*() {
        yield* reset
        yield* append([["huge", 1], ["broken", 1], ["odd", 1], ["fine", 1]])
        const relay = yield* Effect.forkChild(Relay.make({ retry: slow }))
        yield* parkedReaches(3, "retrying")
        yield* pendingReaches(0)
        const parked = yield* Parked.list({ limit: 3 })
        assert.deepStrictEqual(
          new Map(parked.map(({ reason, subject }) => [subject, reason])),
          new Map([
            ["huge", "Too large; send a reference"],
            ["broken", "publishing failed with a defect: Error: a bug"],
            ["odd", "publishing failed with a defect: It threw something that is no Error"]
          ])
        )
        assert.deepStrictEqual(turnsOf(bus.confirmed, "fine"), [1])
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NF-4 an event without a confirm is sent once more, then parked", () => {
      const bus = recording()
      bus.refuse = ({ subject }) =>
        subject === "lost" ? new Bus.Unconfirmed({ type: "test.moved", reason: "refused by the queue" }) : undefined
      return Effect.gen(function*() {
        yield* reset
        yield* append([["lost", 1]])
        const relay = yield* Effect.forkChild(Relay.make({ retry: slow }))
        yield* parkedReaches(1, "retrying")
        assert.strictEqual(bus.asked, 2)
        assert.include((yield* Parked.list({ limit: 1 }))[0]?.reason, "refused by the queue")
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)
  })
}
