import { assert, describe, it } from "@effect/vitest"
import { type Envelope, Message } from "@kanau/core"
import { messagePack } from "@kanau/core/codecs/MessagePack"
import { Bus } from "@kanau/messaging"
import { Effect, Fiber, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Outbox, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"

class Moved extends Message.event<Moved>()("test.moved", {
  fields: { piece: Schema.String, turn: Schema.Int },
  subject: ({ piece }) => piece
}) {}

class Packed extends Message.event<Packed>()("test.packed", {
  version: 2,
  format: messagePack,
  fields: { piece: Schema.String },
  subject: ({ piece }) => piece
}) {}

/** A bus whose publishing the test decides, and that remembers what was confirmed. */
const recording = () => {
  const confirmed: Array<Envelope.Envelope> = []
  const bus = {
    confirmed,
    refuse: (_: Envelope.Envelope): boolean => false,
    layer: Layer.mock(Bus.Bus, {
      publish: (envelope) =>
        Effect.suspend((): Effect.Effect<void, Bus.Unroutable> => {
          if (bus.refuse(envelope)) return Effect.fail(new Bus.Unroutable({ type: envelope.type }))
          confirmed.push(envelope)
          return Effect.void
        })
    })
  }
  return bus
}

const append = (moves: ReadonlyArray<readonly [piece: string, turn: number]>) =>
  Effect.flatMap(
    Outbox.Outbox,
    (outbox) => Database.transaction(outbox.appendAll(moves.map(([piece, turn]) => new Moved({ piece, turn }))))
  )

const pendingCount = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ n: number }>`select count(*)::int as n from kanau.pending`
  return rows[0]?.n
})

/** Waits, bounded, until the pending list has this many entries. */
const pendingReaches = (count: number) =>
  pendingCount.pipe(
    Effect.delay("10 millis"),
    Effect.repeat({ until: (n) => n === count }),
    Effect.timeout("20 seconds")
  )

/** Waits, bounded, until so many events are parked. */
const parkedReaches = (count: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ n: number }>`select count(*)::int as n from kanau.parked`).pipe(
    Effect.delay("10 millis"),
    Effect.repeat({ until: ([row]) => row?.n === count }),
    Effect.timeout("20 seconds")
  )

const reset = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`truncate kanau.pending, kanau.parked, kanau.events, kanau.leases restart identity`
)

const turnsOf = (bus: ReturnType<typeof recording>, piece: string) =>
  bus.confirmed.filter(({ subject }) => subject === piece).map(({ data }) =>
    (JSON.parse(new TextDecoder().decode(data)) as { turn: number }).turn
  )

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
          assert.deepStrictEqual(turnsOf(bus, piece), moves.filter(([name]) => name === piece).map(([, turn]) => turn))
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
      bus.refuse = ({ subject }) => subject === "stuck" && refusing
      return Effect.gen(function*() {
        yield* reset
        const sql = yield* SqlClient.SqlClient
        const relay = yield* Effect.forkChild(Relay.run)
        yield* append([["stuck", 1], ["free", 1], ["stuck", 2], ["free", 2]])
        yield* pendingReaches(0)
        assert.deepStrictEqual(turnsOf(bus, "free"), [1, 2])
        assert.deepStrictEqual(turnsOf(bus, "stuck"), [])
        const [first, second] = yield* sql<{ attempts: number; reason: string; state: string }>`
          select attempts, reason, state from kanau.parked order by position`
        assert.isAbove(first?.attempts ?? 0, 0)
        assert.include(first?.reason, "test.moved")
        assert.strictEqual(second?.state, "waiting")
        refusing = false
        yield* parkedReaches(0)
        assert.deepStrictEqual(turnsOf(bus, "stuck"), [1, 2])
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NB-11 a relay that stops between publish and delete publishes again: at least once, same id", () => {
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
    }, 60_000)
  })
}
