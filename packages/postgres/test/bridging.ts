/** What every source of the bridge has to pass, on a real server. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import type { Envelope } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Deferred, Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { ChangeBridge } from "../src/index.ts"
import { eventually, recording, reset, unavailable, unroutable } from "./relaying.ts"

/** A change as consumers read it. */
export interface Change {
  readonly id: string
  readonly subject: string
  readonly operation: string
  readonly table: string
  readonly key: Readonly<Record<string, unknown>> | null
  readonly new: Readonly<Record<string, unknown>> | null
  readonly old: Readonly<Record<string, unknown>> | null
  readonly changed: ReadonlyArray<string> | null
  readonly unchanged: ReadonlyArray<string>
  readonly order: string
}

export const changeOf = ({ data, id, subject }: Envelope.Envelope): Change => ({
  id,
  subject,
  ...JSON.parse(new TextDecoder().decode(data)) as Omit<Change, "id" | "subject">
})

/** The changes at their first delivery. */
export const firsts = (confirmed: ReadonlyArray<Envelope.Envelope>): ReadonlyArray<Change> => {
  const seen = new Set<string>()
  return confirmed.filter(({ id }) => !seen.has(id) && seen.add(id)).map(changeOf)
}

/** What became of one row under two keys may have one place in the order. */
const byOrder = (a: Change, b: Change): number =>
  Number(BigInt(a.order) - BigInt(b.order)) || a.operation.localeCompare(b.operation)

type Run = Effect.Effect<never, unknown, Bus.Bus | PgClient.PgClient>

export interface Source {
  readonly name: string
  /** What its bridges are called. */
  readonly bridge: string
  /** Starts the bridge, and succeeds when it captures; it is stopped and removed when the scope closes. */
  readonly start: (bridge: ChangeBridge.Bridge) => {
    readonly run: Run
    readonly ready: Effect.Effect<unknown, unknown, SqlClient.SqlClient>
    readonly remove: Effect.Effect<unknown, unknown, PgClient.PgClient>
  }
}

/** A bridge that runs until the scope closes. */
export const bridging = (source: Source, bridge: ChangeBridge.Bridge) =>
  Effect.gen(function*() {
    const { ready, remove, run } = source.start(bridge)
    const fiber = yield* Effect.acquireRelease(
      Effect.forkChild(run),
      (fiber) => Effect.andThen(Fiber.interrupt(fiber), Effect.orDie(remove))
    )
    yield* Effect.raceFirst(ready, Fiber.join(fiber))
    return fiber
  })

/** Waits, bounded, for a condition on what this process has seen. */
export const until = (condition: () => boolean) =>
  Effect.sync(condition).pipe(
    Effect.delay("10 millis"),
    Effect.repeat({ until: (holds) => holds }),
    Effect.timeout("15 seconds")
  )

const numbered = (changes: ReadonlyArray<Change>): ReadonlyMap<string, ReadonlyArray<unknown>> =>
  new Map(
    [...Map.groupBy(changes, ({ subject }) => subject)].map(([subject, own]) => [
      subject,
      own.map((change) => change.new?.["n"])
    ])
  )

/** `0 … rounds` for each of so many rows. */
const inOrder = (changes: ReadonlyArray<Change>, rows: number, rounds: number) => {
  const seen = numbered(changes)
  assert.strictEqual(seen.size, rows)
  for (const [, values] of seen) assert.deepStrictEqual(values, Array.from({ length: rounds + 1 }, (_, at) => at))
}

export const suite = (source: Source, layer: Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, unknown>): void => {
  const orders = { table: "public.orders", key: ["id"], prefix: "shop.order" } as const

  const prepared = Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* reset
    yield* sql`drop table if exists orders, lines, people, elsewhere, "we""ird"."ta.ble'\\", anything cascade`
    yield* sql`create table orders (id integer primary key, n integer not null default 0, note text)`
    yield* sql`alter table orders replica identity full`
    return sql
  })

  const test = <A, E>(
    title: string,
    body: (
      bus: ReturnType<typeof recording>
    ) => Effect.Effect<A, E, SqlClient.SqlClient | Bus.Bus | PgClient.PgClient | Scope.Scope>,
    millis = 60_000
  ) => {
    const bus = recording()
    it.live(
      title,
      () => body(bus).pipe(Effect.scoped, Effect.provide(Layer.merge(layer, bus.layer))) as Effect.Effect<A, unknown>,
      millis
    )
  }

  describe(`Bridge by ${source.name}`, () => {
    test("SH-12 inserts, updates, deletes and truncates of any writer become messages; what is rolled back does not", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* bridging(source, { tables: [orders] })
        yield* sql`insert into orders values (1, 0, 'first')`
        yield* sql`update orders set n = 1 where id = 1`
        yield* sql.withTransaction(Effect.andThen(sql`update orders set n = 99`, Effect.fail("no"))).pipe(Effect.ignore)
        yield* sql`delete from orders where id = 1`
        yield* sql`truncate orders`
        yield* until(() => bus.confirmed.length >= 4)
        const changes = firsts(bus.confirmed).toSorted(byOrder)
        assert.deepStrictEqual(
          changes.map(({ id: _, order: __, ...change }) => change),
          [
            {
              operation: "insert",
              table: "public.orders",
              subject: "public.orders/1",
              key: { id: 1 },
              new: { id: 1, n: 0, note: "first" },
              old: null,
              changed: null,
              unchanged: []
            },
            {
              operation: "update",
              table: "public.orders",
              subject: "public.orders/1",
              key: { id: 1 },
              new: { id: 1, n: 1, note: "first" },
              old: { n: 0 },
              changed: ["n"],
              unchanged: []
            },
            {
              operation: "delete",
              table: "public.orders",
              subject: "public.orders/1",
              key: { id: 1 },
              new: null,
              old: { id: 1, n: 1, note: "first" },
              changed: null,
              unchanged: []
            },
            {
              operation: "truncate",
              table: "public.orders",
              subject: "public.orders",
              key: null,
              new: null,
              old: null,
              changed: null,
              unchanged: []
            }
          ]
        )
        assert.deepStrictEqual(
          [
            ...new Set(
              bus.confirmed.map(({ datacontenttype, dataschema, source, type }) =>
                [type, source, dataschema, datacontenttype].join(" ")
              )
            )
          ],
          [`shop.order.changed /bridge/${source.bridge} 1 application/json`]
        )
      }))

    test("SH-12 columns that are not listed are never published, the key always is", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* sql`create table people (id integer primary key, name text, password_hash text)`
        yield* sql`alter table people replica identity full`
        yield* bridging(source, {
          tables: [{ table: "public.people", key: ["id"], prefix: "shop.person", columns: ["name"] }]
        })
        yield* sql`insert into people values (1, 'Ann', 'secret')`
        yield* sql`update people set password_hash = 'secret too'`
        yield* sql`delete from people`
        yield* until(() => bus.confirmed.length >= 3)
        assert.ok(bus.confirmed.every(({ data }) => !/secret|password/.test(new TextDecoder().decode(data))))
        assert.deepStrictEqual(firsts(bus.confirmed).map(({ changed, new: now, old }) => ({ changed, now, old })), [
          { changed: null, now: { id: 1, name: "Ann" }, old: null },
          { changed: [], now: { id: 1, name: "Ann" }, old: {} },
          { changed: null, now: null, old: { id: 1, name: "Ann" } }
        ])
      }))

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

    test("SH-12 rows of more than 8000 bytes, columns of a megabyte, unicode and composite keys, any identifier", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* sql`create schema if not exists "we""ird"`
        yield* sql`create table "we""ird"."ta.ble'\\" (
          "Ключ" text, "b c" integer, "v'""\\" text, primary key ("Ключ", "b c")
        )`
        yield* sql`alter table "we""ird"."ta.ble'\\" replica identity full`
        yield* bridging(source, {
          tables: [{ table: "we\"ird.ta.ble'\\", key: ["Ключ", "b c"], prefix: "weird" }]
        })
        const long = "ä".repeat(10_000)
        const large = Array.from({ length: 1_000_000 }, (_, at) => at % 10).join("")
        yield* sql`insert into "we""ird"."ta.ble'\\" values ('鍵/100%', 1, ${long}), ('', 2, null)`
        yield* sql`update "we""ird"."ta.ble'\\" set "v'""\\" = ${large} where "b c" = 1`
        yield* sql`update "we""ird"."ta.ble'\\" set "b c" = 3 where "b c" = 1`
        yield* until(() => bus.confirmed.length >= 5)
        const table = "we\"ird.ta.ble'\\"
        const seen = firsts(bus.confirmed).toSorted(byOrder)
        assert.deepStrictEqual(
          seen.map(({ key, new: now, old, operation, subject }) => ({ key, now, old, operation, subject })),
          [
            {
              operation: "insert",
              subject: `${table}/鍵%2F100%25/1`,
              key: { "Ключ": "鍵/100%", "b c": 1 },
              now: { "Ключ": "鍵/100%", "b c": 1, "v'\"\\": long },
              old: null
            },
            {
              operation: "insert",
              subject: `${table}//2`,
              key: { "Ключ": "", "b c": 2 },
              now: { "Ключ": "", "b c": 2, "v'\"\\": null },
              old: null
            },
            {
              operation: "update",
              subject: `${table}/鍵%2F100%25/1`,
              key: { "Ключ": "鍵/100%", "b c": 1 },
              now: { "Ключ": "鍵/100%", "b c": 1, "v'\"\\": large },
              old: { "v'\"\\": long }
            },
            {
              operation: "delete",
              subject: `${table}/鍵%2F100%25/1`,
              key: { "Ключ": "鍵/100%", "b c": 1 },
              now: null,
              old: { "Ключ": "鍵/100%", "b c": 1, "v'\"\\": large }
            },
            {
              operation: "insert",
              subject: `${table}/鍵%2F100%25/3`,
              key: { "Ключ": "鍵/100%", "b c": 3 },
              now: { "Ключ": "鍵/100%", "b c": 3, "v'\"\\": large },
              old: null
            }
          ]
        )
      }))

    test("SH-12 values are what to_jsonb makes of them, whatever the type", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* sql`drop type if exists mood, pair cascade`
        yield* sql`drop domain if exists positive cascade`
        yield* sql`create type mood as enum ('good', 'it''s bad')`
        yield* sql`create type pair as (a integer, "b c" timestamptz)`
        yield* sql`create domain positive as integer check (value > 0)`
        yield* sql`create table anything (
          id bigint primary key, b boolean, i2 smallint, r real, d double precision, n numeric, m money, t text,
          v varchar(9), c char(5), u uuid, bin bytea, dt date, tm time, tmz timetz, ts timestamp, tsz timestamptz,
          iv interval, j json, jb jsonb, a integer[], at text[][], ad timestamptz[], e mood, p pair, ps pair[],
          po positive, ip inet, rng int4range, o oid, pt point, x xml, bits bit varying
        )`
        yield* sql`alter table anything replica identity full`
        yield* bridging(source, { tables: [{ table: "public.anything", key: ["id"], prefix: "any" }] })
        yield* sql.withTransaction(Effect.andThen(
          // A message does not depend on the session of the writer.
          sql`select set_config(name, value, true) from (values ('timezone', 'Asia/Tokyo'),
            ('intervalstyle', 'sql_standard'), ('bytea_output', 'escape'), ('datestyle', 'German')) s(name, value)`,
          sql`insert into anything values (
            9007199254740993, true, -3, 1.5, 1e+300, 123456789012345678901234567890.1200, 12.5, E'tab\t"q" \\\\ 鍵 \u0001',
            'vé', 'ab', '0192f0c5-0000-7000-8000-000000000000', '\\x00ff', '2026-02-28', '12:00:01.5', '12:00+03',
            '2026-03-01 10:00:00.123456', '2026-03-01 10:00:00.5+00', '1 year 2 days 03:04:05', '{"a":  [1, 2.50] }',
            '{"b": null, "a": "鍵"}', '{1,NULL,3}', '{{a,"b,c"},{"d\\"e",f}}', '{"2026-03-01 10:00:00+00"}',
            'it''s bad', row(1, '2026-03-01 10:00:00+00'), array[row(2, null)::pair], 5, '10.0.0.1/8', '[1,5)', 42,
            '(1,2)', '<a>b</a>', B'101')`
        ))
        yield* sql`insert into anything (id, r, d, n, ts, tsz, dt, iv) values (2, 'NaN', '-Infinity', 'NaN', 'infinity',
          '-infinity', '0044-03-15 BC', '-1 day'), (3, null, 0.1, 0, '0044-03-15 12:00 BC', '0044-03-15 12:00:00.25+00 BC',
          'infinity', null)`
        yield* until(() => bus.confirmed.length >= 3)
        const rows = yield* sql.withTransaction(Effect.andThen(
          sql`select set_config(name, value, true) from (values ('timezone', 'UTC'), ('intervalstyle', 'postgres'),
            ('bytea_output', 'hex'), ('extra_float_digits', '1')) s(name, value)`,
          sql<{ row: string }>`select to_jsonb(anything)::text as row from anything order by id`
        ))
        const byId = firsts(bus.confirmed).toSorted((a, b) => Number(a.new?.["id"]) - Number(b.new?.["id"]))
        assert.deepStrictEqual(byId.map((change) => change.new), rows.map(({ row }) => JSON.parse(row)))
        // Numbers keep their digits; what a reader makes of them is his business.
        const texts = bus.confirmed.map(({ data }) => new TextDecoder().decode(data))
        assert.ok(texts.some((text) => text.includes("9007199254740993") && text.includes("901234567890.1200")))
        assert.ok(bus.confirmed.some(({ subject }) => subject === "public.anything/9007199254740993"))
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

    test("SH-12 a table or a column that is not there is said plainly, and nothing is changed", () =>
      Effect.gen(function*() {
        yield* prepared
        const reasonOf = (table: ChangeBridge.Table) =>
          Effect.map(Effect.flip(source.start({ tables: [table] }).run), (fault) => (fault as Error).message)
        assert.strictEqual(
          yield* reasonOf({ ...orders, table: "public.nothing" }),
          "There is no table public.nothing; create it, or take it from the list."
        )
        assert.strictEqual(
          yield* reasonOf({ ...orders, columns: ["secret"] }),
          "Table public.orders has no column secret; correct the list."
        )
      }))
  })
}
