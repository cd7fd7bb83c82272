import { assert, describe, it } from "@effect/vitest"
import { Bus, Consumer, EmbeddedBus, ScheduleRunner } from "@kanau/messaging"
import { PgScheduleStore, Relay } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { housekeeping, timetable } from "../src/roles/housekeeping.ts"
import { databases } from "./databases.ts"

const queue = housekeeping.queue.name

for (const database of databases) {
  describe(`Housekeeping on ${database.name}`, () => {
    const world = Layer.mergeAll(
      Layer.provideMerge(PgScheduleStore.layer(), database.layer),
      EmbeddedBus.layer({ file: ":memory:" })
    )

    it.live(
      "NV-11 its signal goes through outbox, relay and queue, and what it asks for may be done twice",
      () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const bus = yield* Bus.Bus
          yield* sql`insert into kanau.inbox (consumer, message_id, processed_at)
          values ('test', 'old', now() - interval '91 days'), ('test', 'new', now() - interval '89 days')`
          yield* bus.declare(housekeeping.queue)
          yield* ScheduleRunner.fire(timetable, "housekeeping")
          yield* Effect.delay(ScheduleRunner.fire(timetable, "housekeeping"), "2 millis")
          yield* Effect.forkScoped(Relay.run)
          const open = Effect.gen(function*() {
            const [pending] = yield* sql<{ n: number }>`select count(*)::int as n from kanau.pending`
            const status = yield* bus.status(queue)
            return (pending?.n ?? 0) + (status?.ready ?? 0) + (status?.delayed ?? 0)
          })
          // Closing the scope waits for what is being handled.
          yield* Effect.scoped(Effect.andThen(
            Consumer.run(housekeeping),
            open.pipe(
              Effect.delay("10 millis"),
              Effect.repeat({ until: (left) => left === 0 }),
              Effect.timeout("20 seconds")
            )
          ))
          assert.deepStrictEqual([yield* open, yield* bus.deadLetters(queue, 10)], [0, []])
          assert.deepStrictEqual(yield* sql`select message_id from kanau.inbox where consumer = 'test'`, [
            { message_id: "new" }
          ])
          const partitions = yield* sql`select 1 from pg_inherits where inhparent = 'kanau.events'::regclass`
          assert.strictEqual(partitions.length, 3)
          const fired = yield* sql`select 1 from kanau.events where type = 'vndb.housekeeping.due'`
          assert.strictEqual(fired.length, 2)
        }).pipe(Effect.scoped, Effect.provide(world)),
      60_000
    )
  })
}
