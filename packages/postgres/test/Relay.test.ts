import { assert, describe, it } from "@effect/vitest"
import { Message } from "@kanau/core"
import { messagePack } from "@kanau/core/codecs/MessagePack"
import { Effect, Fiber, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Outbox, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"
import { append, Moved, parkedReaches, pendingReaches, recording, reset, turnsOf, unroutable } from "./relaying.ts"

class Packed extends Message.event<Packed>()("test.packed", {
  version: 2,
  format: messagePack,
  fields: { piece: Schema.String },
  subject: ({ piece }) => piece
}) {}

for (const database of databases) {
  describe(`Relay on ${database.name}`, () => {
    const withDatabase = Layer.provideMerge(Outbox.layer({ source: "/test" }), database.layer)

    it.live("NB-11 publishes what was committed, in order per subject, and empties the pending list", () => {
      const bus = recording()
      return Effect.gen(function*() {
        yield* reset
        const relay = yield* Effect.forkChild(Relay.run)
        const moves = Array.from({ length: 300 }, (_, at) => [`piece ${at % 7}`, at] as const)
        for (let at = 0; at < moves.length; at += 50) yield* append(moves.slice(at, at + 50))
        yield* pendingReaches(0)
        assert.strictEqual(bus.confirmed.length, moves.length)
        for (const piece of new Set(moves.map(([name]) => name))) {
          assert.deepStrictEqual(
            turnsOf(bus.confirmed, piece),
            moves.filter(([name]) => name === piece).map(([, turn]) => turn)
          )
        }
        assert.match(bus.confirmed[0]?.position ?? "", /^\d+$/)
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    })

    it.live("KN-8 the wire format of a message survives the outbox and the relay", () => {
      const bus = recording()
      return Effect.gen(function*() {
        yield* reset
        const relay = yield* Effect.forkChild(Relay.run)
        const messages = [new Moved({ piece: "p", turn: 1 }), new Packed({ piece: "p" })] as const
        yield* Effect.flatMap(Outbox.Outbox, (outbox) => Database.transaction(outbox.appendAll(messages)))
        yield* pendingReaches(0)
        const [moved, packed] = bus.confirmed
        if (moved === undefined || packed === undefined) return assert.fail("two events are expected")
        assert.strictEqual(moved.datacontenttype, "application/json")
        assert.strictEqual(packed.datacontenttype, "application/vnd.msgpack")
        assert.deepStrictEqual(yield* Message.decoder(Moved)(moved), messages[0])
        assert.deepStrictEqual(yield* Message.decoder(Packed)(packed), messages[1])
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NB-13 NF-4 a returned event is parked with its reason and holds back only its own subject", () => {
      const bus = recording()
      let refusing = true
      bus.refuse = ({ subject }) => subject === "stuck" && refusing ? unroutable : undefined
      return Effect.gen(function*() {
        yield* reset
        const sql = yield* SqlClient.SqlClient
        const relay = yield* Effect.forkChild(Relay.run)
        yield* append([["stuck", 1], ["free", 1], ["stuck", 2], ["free", 2]])
        yield* pendingReaches(0)
        assert.deepStrictEqual(turnsOf(bus.confirmed, "free"), [1, 2])
        assert.deepStrictEqual(turnsOf(bus.confirmed, "stuck"), [])
        const [first, second] = yield* sql<{ attempts: number; reason: string; state: string }>`
          select attempts, reason, state from kanau.parked order by position`
        assert.isAbove(first?.attempts ?? 0, 0)
        assert.include(first?.reason, "test.moved")
        assert.strictEqual(second?.state, "waiting")
        refusing = false
        yield* parkedReaches(0)
        assert.deepStrictEqual(turnsOf(bus.confirmed, "stuck"), [1, 2])
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live(
      "NB-11 a relay that stops between publish and delete publishes again: at least once, same id (MassTransit #6145)",
      () => {
        const bus = recording()
        return Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          yield* append([["pawn", 1]])
          const relay = yield* Effect.forkChild(Relay.run)
          yield* pendingReaches(0)
          yield* Fiber.interrupt(relay)
          // What a crash before the delete leaves behind: the pointer is still there.
          yield* sql`insert into kanau.pending (position, subject) select position, subject from kanau.events`
          const next = yield* Effect.forkChild(Relay.run)
          yield* pendingReaches(0)
          yield* Fiber.interrupt(next)
          assert.strictEqual(bus.confirmed.length, 2)
          assert.strictEqual(bus.confirmed[0]?.id, bus.confirmed[1]?.id)
        }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
      },
      60_000
    )
  })
}
