/** What every source of the bridge has to say, on a real server. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import type { SqlClient } from "effect/sql"
import type { ChangeBridge } from "../src/index.ts"
import { bridging, byOrder, firsts, orders, prepared, type Source, tester, until } from "./bridging.ts"

export const messages = (
  source: Source,
  layer: Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, unknown>
): void => {
  const test = tester(layer)

  describe(`Messages of the bridge by ${source.name}`, () => {
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

    test("SH-12 a partitioned table is one table, whatever partition a row is in", (bus) =>
      Effect.gen(function*() {
        const sql = yield* prepared
        yield* sql`create table lines (id integer primary key, n integer) partition by range (id)`
        yield* sql`create table lines_a partition of lines for values from (0) to (100)`
        yield* sql`create table lines_b partition of lines for values from (100) to (200)`
        yield* bridging(source, { tables: [{ table: "public.lines", key: ["id"], prefix: "shop.line" }] })
        yield* sql`insert into lines values (1, 0), (101, 0)`
        yield* sql`update lines_b set n = 1`
        yield* sql`create table lines_c partition of lines for values from (200) to (300)`
        yield* sql`insert into lines values (201, 0)`
        yield* until(() => bus.confirmed.length >= 4)
        assert.deepStrictEqual(
          firsts(bus.confirmed).toSorted(byOrder).map(({ operation, subject, table }) => [operation, table, subject]),
          [
            ["insert", "public.lines", "public.lines/1"],
            ["insert", "public.lines", "public.lines/101"],
            ["update", "public.lines", "public.lines/101"],
            ["insert", "public.lines", "public.lines/201"]
          ]
        )
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
