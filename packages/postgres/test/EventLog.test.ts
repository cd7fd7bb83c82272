import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Database, EventLog, Outbox, Relay } from "../src/index.ts"
import { databases } from "./databases.ts"
import { append, Moved, parkedReaches, pendingReaches, recording, reset, turnsOf, unroutable } from "./relaying.ts"

const subjects = (filter: EventLog.Filter) =>
  Effect.map(Stream.runCollect(EventLog.read(filter)), (events) => events.map(({ subject }) => subject))

/** Names of the partitions, in order. */
const partitions = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ name: string }>`select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = 'kanau.events'::regclass order by 1`,
    (rows) => rows.map(({ name }) => name)
  ))

/** Makes all events so far older. */
const age = (interval: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`update kanau.events set time = time - ${interval}::interval`)

for (const database of databases) {
  describe(`Event log on ${database.name}`, () => {
    const withDatabase = Layer.provideMerge(Outbox.layer({ source: "/test" }), database.layer)

    it.live("NB-14 events are read and counted by id, range, time, type and subject", () =>
      Effect.gen(function*() {
        yield* reset
        yield* append(Array.from({ length: 1200 }, (_, at) => [`piece ${at}`, at]))
        yield* age("1 hour")
        const [first = "", , last = ""] = yield* append([["a", 1], ["b", 2], ["c", 3]])
        assert.lengthOf(yield* subjects({}), 1203)
        assert.deepStrictEqual(yield* subjects({ from: first, to: String(BigInt(last) - 1n) }), ["a", "b"])
        assert.deepStrictEqual(yield* subjects({ since: new Date(Date.now() - 60_000) }), ["a", "b", "c"])
        assert.deepStrictEqual(yield* subjects({ subject: "piece 7", type: "test.moved" }), ["piece 7"])
        const [envelope] = yield* Stream.runCollect(EventLog.read({ from: last }))
        assert.deepStrictEqual(yield* subjects({ ids: [envelope?.id ?? ""] }), ["c"])
        assert.deepStrictEqual(yield* subjects({ ids: [] }), [])
        assert.strictEqual(yield* EventLog.count({ type: "test.moved" }), 1203)
        assert.strictEqual(yield* EventLog.count({ type: "test.other" }), 0)
      }).pipe(Effect.provide(withDatabase)), 60_000)

    it.live("NB-14 a replay publishes again with the same ids, once per replay id", () => {
      const bus = recording()
      return Effect.gen(function*() {
        yield* reset
        const sql = yield* SqlClient.SqlClient
        yield* sql`delete from kanau.replays`
        const relay = yield* Effect.forkChild(Relay.run)
        yield* append(Array.from({ length: 2500 }, (_, at) => [`piece ${at % 5}`, at]))
        yield* pendingReaches(0)
        const pages: Array<number> = []
        const replayed = yield* EventLog.replay("first", { subject: "piece 1" }, {
          onPage: (enqueued) => Effect.sync(() => pages.push(enqueued))
        })
        assert.deepStrictEqual(replayed, { enqueued: 500, repeated: false })
        assert.deepStrictEqual(pages, [500])
        yield* pendingReaches(0)
        assert.deepStrictEqual(yield* EventLog.replay("first", { subject: "piece 1" }), {
          enqueued: 500,
          repeated: true
        })
        yield* pendingReaches(0)
        assert.strictEqual(bus.confirmed.length, 3000)
        assert.strictEqual(new Set(bus.confirmed.map(({ id }) => id)).size, 2500)
        const turns = turnsOf(bus.confirmed, "piece 1")
        assert.deepStrictEqual(turns, [...turns.slice(0, 500), ...turns.slice(0, 500)])
        const fault = yield* Effect.flip(EventLog.replay("first", { subject: "piece 2" }))
        assert.strictEqual(fault.kind, "invariant")
        assert.strictEqual((yield* EventLog.replay("all", {})).enqueued, 2500)
        yield* pendingReaches(0)
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live("NB-14 a replay that was interrupted goes on where it was; what waits anyway is left alone", () => {
      const bus = recording()
      bus.refuse = ({ subject }) => subject === "stuck" ? unroutable : undefined
      return Effect.gen(function*() {
        yield* reset
        const sql = yield* SqlClient.SqlClient
        yield* sql`delete from kanau.replays`
        const relay = yield* Effect.forkChild(Relay.run)
        yield* append([["stuck", 0], ...Array.from({ length: 1500 }, (_, at) => ["free", at] as const)])
        yield* parkedReaches(1)
        yield* pendingReaches(0)
        yield* Fiber.interrupt(relay)
        yield* Effect.exit(EventLog.replay("twice", {}, { onPage: () => Effect.interrupt }))
        assert.deepStrictEqual(yield* EventLog.replay("twice", {}), { enqueued: 1500, repeated: false })
        yield* pendingReaches(1500)
      }).pipe(Effect.provide(Layer.merge(withDatabase, bus.layer)))
    }, 60_000)

    it.live(
      "NB-14 old partitions are dropped, but not while one of their events is pending",
      () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          const outbox = yield* Outbox.Outbox
          const once = Database.transaction(
            outbox.append(new Moved({ piece: "first", turn: 0 }), { idempotencyKey: "only once" })
          )
          const position = yield* once
          const keep = "30 days"
          assert.deepStrictEqual(yield* EventLog.maintain({ keep }), {
            created: ["events_1", "events_2"],
            dropped: [],
            movedOn: false
          })
          yield* age("2 days")
          assert.isTrue((yield* EventLog.maintain({ keep })).movedOn)
          const [later = ""] = yield* append([["second", 1]])
          assert.isTrue(BigInt(later) >= 1_000_000_000n)
          assert.strictEqual(yield* once, position)
          yield* age("40 days")
          yield* append([["third", 2]])
          // The first event is still to be published.
          assert.deepStrictEqual((yield* EventLog.maintain({ keep })).dropped, [])
          yield* sql`delete from kanau.pending`
          yield* EventLog.maintain({ keep })
          assert.notInclude(yield* partitions, "events_0")
          assert.include(yield* partitions, "events_3")
          assert.deepStrictEqual(yield* subjects({}), ["second", "third"])
          assert.notStrictEqual(yield* once, position)
          assert.deepStrictEqual(yield* sql`select idempotency_key from kanau.event_keys`, [
            { idempotency_key: "only once" }
          ])
        }).pipe(Effect.provide(withDatabase)),
      60_000
    )
  })
}
