import { assert, describe, layer } from "@effect/vitest"
import { Inbox } from "@kanau/messaging"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { PgInbox } from "../src/index.ts"
import { databases } from "./databases.ts"

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
              Array.from({ length: 10 }, () =>
                inbox.once("counter", "m-1", Effect.asVoid(sql`insert into counted values (1)`))),
              { concurrency: "unbounded" }
            )
            assert.strictEqual(
              results.filter((result) =>
                result === "processed"
              ).length,
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
