/** What every source of the bridge has to survive, on a real server. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { bridging, firsts, inOrder, orders, prepared, type Source, tester, until } from "./bridging.ts"
import { eventually, unavailable, unroutable } from "./relaying.ts"

export const faults = (
  source: Source,
  layer: Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, unknown>
): void => {
  const test = tester(layer)

  describe(`Order and faults of the bridge by ${source.name}`, () => {
    test("SH-12 many writers: each row's changes are published in the order they were committed", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        yield* sql`insert into orders select id from generate_series(1, 5) id`
        yield* Effect.forEach(
          Array.from({ length: 200 }, (_, at) => at),
          (at) => sql`update orders set n = n + 1 where id = ${at % 5 + 1}`,
          { concurrency: 10 }
        )
        yield* until(() => firsts(bus.confirmed).length === 205)
        inOrder(firsts(bus.confirmed), 5, 40)
      }))

    test("SH-12 Watermill #311: a row that commits late is not skipped", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        const written = yield* Deferred.make<void>()
        const commit = yield* Deferred.make<void>()
        const late = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
          yield* sql`insert into orders values (0)`
          yield* Deferred.succeed(written, undefined)
          yield* Deferred.await(commit)
        })))
        yield* Deferred.await(written)
        for (let round = 0; round < 30; round++) {
          yield* sql`insert into orders select ${round * 100}::integer + id from generate_series(1, 100) id`
        }
        yield* until(() => firsts(bus.confirmed).length === 3000)
        yield* Deferred.succeed(commit, undefined)
        yield* Fiber.join(late)
        yield* until(() => firsts(bus.confirmed).length === 3001)
        assert.strictEqual(firsts(bus.confirmed).at(-1)?.subject, "public.orders/0")
      }))

    test("SH-12 Marten #5108: nothing stalls behind a rollback and a session idle in a transaction", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        const done = yield* Deferred.make<void>()
        const written = yield* Deferred.make<void>()
        yield* Effect.ignore(sql.withTransaction(Effect.andThen(sql`insert into orders values (1)`, Effect.fail("no"))))
        const idle = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
          yield* sql`insert into orders values (2)`
          yield* Deferred.succeed(written, undefined)
          yield* Deferred.await(done)
        })))
        yield* Deferred.await(written)
        yield* sql`insert into orders values (3)`
        yield* until(() => bus.confirmed.length > 0)
        assert.deepStrictEqual(firsts(bus.confirmed).map(({ subject }) => subject), ["public.orders/3"])
        yield* Deferred.succeed(done, undefined)
        yield* Fiber.join(idle)
      }))

    test("SH-12 a transaction of 10 000 rows is published whole, with few messages in flight", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        yield* sql.withTransaction(Effect.andThen(
          sql`insert into orders select id, 0, repeat('x', 1000) from generate_series(1, 10000) id`,
          sql`update orders set n = 1`
        ))
        yield* until(() => bus.confirmed.length >= 20_000)
        inOrder(firsts(bus.confirmed), 10_000, 1)
        assert.ok(bus.mostInFlight <= 256, `${bus.mostInFlight} in flight`)
      }))

    test(
      "SH-12 every change is published in order though sessions are killed and the bus goes away",
      (bus) =>
        Effect.gen(function*() {
          const sql = yield* prepared
          yield* bridging(source, { tables: [orders] })
          yield* sql`insert into orders select id, 0, repeat('é', 10000) from generate_series(1, 10) id`
          let seed = 20_261_121
          const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
          for (let round = 1; round <= 100; round++) {
            // A killed writer is tried again; whether it had committed is asked.
            yield* Effect.retry(sql`update orders set n = ${round} where n = ${round - 1}`, { times: 20 })
            if (round % 10 === 5) bus.refuse = random(2) === 0 ? () => unavailable : () => undefined
            if (round % 4 === 0) {
              yield* Effect.ignore(sql`select pg_terminate_backend(pid) from (
              select pid, row_number() over (order by pid) as n, count(*) over () as total from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()
            ) session where n % 3 = ${random(3)} % least(3, total)`)
            }
          }
          bus.refuse = () => undefined
          yield* until(() => firsts(bus.confirmed).length >= 1010)
          inOrder(firsts(bus.confirmed), 10, 100)
        }),
      120_000
    )

    test("SH-12 NB-13 a change the bus refuses waits with the later ones of its row, other rows go on", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        bus.refuse = ({ subject }) => subject === "public.orders/1" ? unroutable : undefined
        for (let n = 0; n < 3; n++) {
          yield* sql`insert into orders values (1, ${n}), (2, ${n}) on conflict (id) do update set n = excluded.n`
        }
        yield* until(() => firsts(bus.confirmed).length === 3)
        yield* eventually("(select count(*) from kanau.parked) = 3 and not exists (select 1 from kanau.pending)")
        bus.refuse = () => undefined
        yield* sql`update orders set n = 3`
        yield* until(() => firsts(bus.confirmed).length === 8)
        inOrder(firsts(bus.confirmed), 2, 3)
        yield* eventually("not exists (select 1 from kanau.parked)")
        // And then directly again.
        yield* sql`update orders set n = 4`
        yield* until(() => firsts(bus.confirmed).length === 10)
        inOrder(firsts(bus.confirmed), 2, 4)
      }))

    test("SH-12 columns are added, renamed, retyped and dropped while it runs", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        yield* sql`insert into orders values (1, 0, 'a')`
        yield* sql`alter table orders add column total numeric default 1.5`
        yield* sql`update orders set n = 1`
        yield* sql`alter table orders rename column note to remark`
        yield* sql`update orders set n = 2`
        yield* sql`alter table orders alter column total type text using total || ' €'`
        yield* sql`update orders set n = 3`
        yield* sql`alter table orders drop column remark`
        yield* sql`update orders set n = 4`
        yield* until(() => firsts(bus.confirmed).length === 5)
        assert.deepStrictEqual(firsts(bus.confirmed).map((change) => change.new), [
          { id: 1, n: 0, note: "a" },
          { id: 1, n: 1, note: "a", total: 1.5 },
          { id: 1, n: 2, remark: "a", total: 1.5 },
          { id: 1, n: 3, remark: "a", total: "1.5 €" },
          { id: 1, n: 4, total: "1.5 €" }
        ])
      }))

    test("SH-12 a bridge that was away publishes what happened meanwhile", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        const fiber = yield* bridging(source, { tables: [orders] })
        yield* sql`insert into orders values (1)`
        yield* until(() => bus.confirmed.length === 1)
        yield* Fiber.interrupt(fiber)
        for (let n = 1; n <= 10; n++) yield* sql`update orders set n = ${n}`
        yield* Effect.forkScoped(source.start({ tables: [orders] }).run)
        yield* until(() => firsts(bus.confirmed).length === 11)
        inOrder(firsts(bus.confirmed), 1, 10)
      }))

    test("SH-12 Eventuous #224: an idle bridge costs next to nothing", () =>
      Effect.gen(function*() {
        yield* prepared
        yield* bridging(source, { tables: [orders] })
        const before = process.cpuUsage()
        // What is measured is a stretch of time.
        yield* Effect.sleep("5 seconds")
        const { system, user } = process.cpuUsage(before)
        assert.isBelow((system + user) / 5_000_000, 0.1)
      }))
  })
}
