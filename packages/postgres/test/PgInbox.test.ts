import { assert, describe, layer } from "@effect/vitest"
import { Envelope, Fault } from "@kanau/core"
import { Bus, Consumer, EmbeddedBus, Inbox } from "@kanau/messaging"
import { Array, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Database, PgInbox } from "../src/index.ts"
import { databases } from "./databases.ts"
import { Moved } from "./relaying.ts"

for (const database of databases) {
  describe(`PgInbox on ${database.name}`, () => {
    layer(PgInbox.layer.pipe(Layer.provideMerge(database.layer)), { timeout: "60 seconds", excludeTestServices: true })(
      (it) => {
        it.effect("NB-16 ten parallel deliveries of one message have one effect", () =>
          Effect.gen(function*() {
            const inbox = yield* Inbox.Inbox
            const sql = yield* SqlClient.SqlClient
            yield* sql`create table if not exists counted (n integer not null)`
            yield* sql`delete from counted`
            const results = yield* Effect.all(
              Array.makeBy(10, () => inbox.once("counter", "m-1", Effect.asVoid(sql`insert into counted values (1)`))),
              { concurrency: "unbounded" }
            )
            assert.strictEqual(
              results.filter((result) => result === "processed").length,
              1
            )
            assert.deepStrictEqual(yield* sql`select count(*)::int as n from counted`, [{ n: 1 }])
          }))

        it.effect("NB-16 a failed effect leaves the message unprocessed", () =>
          Effect.gen(function*() {
            const inbox = yield* Inbox.Inbox
            assert.strictEqual(
              yield* Effect.flip(inbox.once("counter", "m-2", Effect.fail("not now" as const))),
              "not now"
            )
            assert.strictEqual(yield* inbox.once("counter", "m-2", Effect.void), "processed")
            assert.strictEqual(yield* inbox.once("another", "m-2", Effect.void), "processed")
            assert.strictEqual(yield* inbox.once("counter", "m-2", Effect.void), "duplicate")
          }))

        it.effect("NB-16 trimming forgets what was processed long ago, and only that", () =>
          Effect.gen(function*() {
            const inbox = yield* Inbox.Inbox
            const sql = yield* SqlClient.SqlClient
            yield* sql`delete from kanau.inbox`
            yield* sql`insert into kanau.inbox (consumer, message_id, processed_at)
              select 'counter', 'old ' || n, now() - interval '31 days' from generate_series(1, 10001) n`
            yield* inbox.once("counter", "new", Effect.void)
            assert.strictEqual(yield* PgInbox.trim({ keep: "30 days" }), 10_001)
            assert.strictEqual(yield* inbox.once("counter", "new", Effect.void), "duplicate")
          }))

        it.effect("NB-16 a batch has one effect for what is new in it, in one transaction with the records", () =>
          Effect.gen(function*() {
            const inbox = yield* Inbox.Inbox
            yield* inbox.once("batch", "b-2", Effect.void)
            const ran: Array<ReadonlyArray<number>> = []
            const note = (fresh: ReadonlyArray<number>) => Effect.sync(() => void ran.push(fresh))
            assert.strictEqual(
              yield* Effect.flip(inbox.onceEach("batch", ["b-1"], () => Effect.fail("not now" as const))),
              "not now"
            )
            yield* inbox.onceEach("batch", ["b-3", "b-2", "b-1", "b-3"], note)
            yield* inbox.onceEach("batch", ["b-1", "b-3"], note)
            assert.deepStrictEqual(ran, [[0, 2]])
            const fault = yield* Effect.flip(inbox.onceEach("batch", ["b-4", ""], note))
            assert.strictEqual(fault.kind, "invariant")
            assert.strictEqual(yield* inbox.once("batch", "b-4", Effect.void), "processed")
          }))

        it.effect("NB-16 parallel batches with the same messages in any order have one effect for each", () =>
          Effect.gen(function*() {
            const inbox = yield* Inbox.Inbox
            const ids = Array.makeBy(50, (n) => `p-${n}`)
            const done: Array<string> = []
            const batch = (order: ReadonlyArray<string>) =>
              inbox.onceEach("parallel", order, (fresh) =>
                Effect.andThen(
                  Effect.yieldNow,
                  Effect.sync(() => void done.push(...fresh.map((at) => order[at] ?? "none")))
                ))
            yield* Effect.all([batch(ids), batch(ids.toReversed()), batch(ids.slice(20)), batch(ids)], {
              concurrency: "unbounded"
            })
            assert.deepStrictEqual(done.toSorted(), ids.toSorted())
          }))

        it.effect("NB-16 a consumer in batches: one message to blame fails alone, redelivered ones have no effect", () =>
          Effect.gen(function*() {
            const bus = yield* Bus.Bus
            const sql = yield* SqlClient.SqlClient
            yield* sql`create table if not exists moves (piece text not null)`
            yield* sql`delete from moves`
            const sizes: Array<number> = []
            const store = (moves: Array.NonEmptyReadonlyArray<Moved>) =>
              Effect.gen(function*() {
                sizes.push(moves.length)
                yield* sql`insert into moves ${sql.insert(Array.map(moves, ({ piece }) => ({ piece })))}`
                if (moves.some(({ piece }) => piece === "bad")) return yield* new Fault.Invariant({ reason: "bad" })
              }).pipe(Database.faults)
            yield* Consumer.run(
              Consumer.make({
                queue: "batches",
                handlers: [Consumer.on(Moved, Inbox.deduplicateBatch("batches", { size: 10, age: "50 millis" })(store))]
              }),
              { prefetch: 20 }
            )
            const pieces = ["bad", ...Array.makeBy(24, (n) => `p${n}`)]
            const envelopes = yield* Effect.forEach(
              pieces,
              (piece) => Envelope.make(new Moved({ piece, turn: 1 }), { source: "/test" })
            )
            for (const envelope of [...envelopes, ...envelopes.slice(1)]) yield* bus.publish(envelope)
            const settled = Effect.gen(function*() {
              const status = yield* bus.status("batches")
              return status?.ready === 0 && status.deadLetters === 1
            })
            yield* Effect.repeat(Effect.delay(settled, "10 millis"), { until: (so) => so }).pipe(
              Effect.timeout("20 seconds")
            )
            const rows = yield* sql<{ piece: string }>`select piece from moves order by piece`
            assert.deepStrictEqual(rows.map(({ piece }) => piece), pieces.slice(1).toSorted())
            assert.isTrue(sizes.includes(10), "full batches")
            assert.isTrue(sizes.includes(1), "the one to blame alone")
          }).pipe(Effect.scoped, Effect.provide(EmbeddedBus.layer({ file: ":memory:" }))))

        it.effect("NB-16 an empty or overlong message id is refused", () =>
          Effect.gen(function*() {
            const inbox = yield* Inbox.Inbox
            for (const id of ["", "x".repeat(256)]) {
              const fault = yield* Effect.flip(inbox.once("counter", id, Effect.void))
              assert.strictEqual(fault.kind, "invariant")
            }
          }))
      }
    )
  })
}
