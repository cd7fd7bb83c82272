import { assert, describe, it, layer } from "@effect/vitest"
import { Servers, ViewStoreConformance } from "@kanau/testing"
import { ViewStore } from "@kanau/views"
import { Effect, Exit, Layer, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database, Migrations, PgViewStore } from "../src/index.ts"
import { page } from "../src/internal/views/lists.ts"
import * as Selections from "../src/internal/views/selections.ts"
import { databases } from "./databases.ts"

/** A database without any table. */
const place = await Servers.postgresDatabase()
const first = Database.layer({ url: Redacted.make(place.url), applicationName: "test" })

const shape: ViewStore.Shape = {
  fields: { title: "text", language: "text", rank: "number", tags: "texts", scores: "numbers" },
  indexes: [["title"], ["language", "rank"], ["tags", "rank"], ["scores"]]
}

/** Rows of documents as the store writes them, but many at once. */
const fill = (collection: string, count: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.andThen(
      sql`insert into kanau.views (collection, id, version, base, revision, derived_at, etag, bytes, fields, deleted)
        select ${collection}, 'd' || n, 1, 1, 1, now(), 'e', '', jsonb_build_object(
          'title', 'title ' || n, 'language', (array['en', 'ja', 'de'])[1 + n % 3], 'rank', n % 1000,
          'tags', jsonb_build_array('t' || n % 2000, 'all'), 'scores', jsonb_build_array(n % 3000, -1)), n % 50 = 0
        from generate_series(1, ${count}::integer) n`,
      sql`analyze kanau.views`
    ))

for (const database of databases) {
  ViewStoreConformance.suite(`View store on ${database.name}`, Layer.provide(PgViewStore.layer, database.layer))

  layer(Layer.provideMerge(PgViewStore.layer, database.layer), { excludeTestServices: true })(
    `Lists on ${database.name}`,
    (it) => {
      it.effect("pages of a large collection follow a declared index, whatever is asked for", () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const store = yield* ViewStore.ViewStore
          const indexes = sql`select indexname from pg_indexes where tablename = 'views' order by 1`
          const before = yield* indexes
          yield* store.prepare("shelf's", shape)
          assert.strictEqual((yield* indexes).length, before.length + 5)
          yield* fill("shelf's", 20_000)
          const plan = (query: ViewStore.Query) =>
            Effect.gen(function*() {
              const { text = "", parameters = [] } = page("shelf's", shape.fields, query) ?? {}
              const rows = yield* sql.unsafe<Record<string, string>>(`explain (costs off) ${text}`, parameters)
              return rows.map((row) => row["QUERY PLAN"]).join("\n")
            })
          const rank = [{ field: "rank", descending: true }]
          const language = { field: "language", is: "in" as const, values: ["ja"] }
          const pages: ReadonlyArray<ViewStore.Query> = [
            { where: [language], sort: rank, limit: 50 },
            { where: [language], sort: rank, after: { keys: [500], id: "d7" }, limit: 50 },
            { where: [language, { field: "rank", is: "lt", values: [300] }], sort: rank, limit: 50 },
            {
              where: [],
              sort: [{ field: "title", descending: false }],
              after: { keys: ["title 5"], id: "d5" },
              limit: 50
            }
          ]
          for (const query of pages) {
            const found = yield* plan(query)
            assert.match(found, /Index Scan (Backward )?using views_[0-9a-f]{20}_[0-9a-f]{20} on views/)
            assert.notMatch(found, /Sort|Filter/)
            assert.strictEqual((yield* store.find("shelf's", query)).length, 50)
          }
          const lists = [{ field: "tags", values: ["t7", "t8"] }, { field: "scores", values: [7] }]
          for (const { field, values } of lists) {
            const query: ViewStore.Query = { where: [{ field, is: "in", values }], sort: rank, limit: 50 }
            assert.match(yield* plan(query), /Bitmap Index Scan on views_[0-9a-f]{20}_[0-9a-f]{20}/)
            assert.isAtLeast((yield* store.find("shelf's", query)).length, 6)
          }
          yield* store.drop("shelf's")
          assert.deepStrictEqual(yield* indexes, before)
        }))

      it.effect("records of a large collection are looked up in one index, and lists of ids in that of the rows", () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const store = yield* ViewStore.ViewStore
          const linked: ViewStore.Shape = {
            fields: { rank: "number", links: { records: { name: "text", level: "number" } } },
            indexes: [["links.name", "links.level"], ["rank"]]
          }
          const before = (yield* sql`select from pg_indexes where tablename = 'views'`).length
          yield* store.prepare("linked", linked)
          assert.strictEqual((yield* sql`select from pg_indexes where tablename = 'views'`).length, before + 2)
          yield* sql`
            insert into kanau.views (collection, id, version, base, revision, derived_at, etag, bytes, fields, deleted)
            select 'linked', 'd' || n, 1, 1, 1, now(), 'e', convert_to(repeat(md5(n::text), 30), 'UTF8'), jsonb_build_object('rank', n, 'links', jsonb_build_array(
              jsonb_build_object('name', 'a' || n % 2000, 'level', n % 3), jsonb_build_object('name', 'all', 'level', 1)
            )), n % 50 = 0
            from generate_series(1, 20000) n`
          yield* sql`analyze kanau.views`
          const plan = ({ parameters, text }: ReturnType<typeof Selections.tally>) =>
            Effect.map(
              sql.unsafe<Record<string, string>>(`explain (costs off) ${text}`, parameters),
              (rows) => rows.map((row) => row["QUERY PLAN"]).join("\n")
            )
          const named = { field: "name", is: "in", values: ["a7", "a8"] } as const
          const wanted: ReadonlyArray<readonly [ViewStore.Predicate, number]> = [
            [{ some: "links", where: named }, 20],
            [{ some: "links", where: { all: [named, { field: "level", is: "gt", values: [0] }] } }, 14],
            [
              {
                all: [{ some: "links", where: { ...named, values: ["a7"] } }, {
                  field: "rank",
                  is: "lt",
                  values: [9000]
                }]
              },
              5
            ]
          ]
          for (const [where, count] of wanted) {
            assert.match(
              yield* plan(Selections.tally("linked", linked.fields, where)),
              /Bitmap Index Scan on views_[0-9a-f]{20}_[0-9a-f]{20}/
            )
            assert.strictEqual(yield* store.tally("linked", where), count)
          }
          const plucking: ViewStore.Plucking = {
            where: { all: [{ ...named, field: "links.name" }, { field: "links.level", is: "in", values: [1] }] },
            list: "links",
            member: "name"
          }
          assert.match(
            yield* plan(Selections.pluck("linked", linked.fields, plucking)),
            /Bitmap Index Scan on views_[0-9a-f]{20}_[0-9a-f]{20}/
          )
          assert.deepStrictEqual(yield* store.pluck("linked", plucking), new Set(["a7", "a8"]))
          const ids = { field: "id", is: "in", values: ["d7", "d50", "d51"] } as const
          assert.match(yield* plan(Selections.tally("linked", linked.fields, ids)), /Index.* Scan/)
          assert.strictEqual(yield* store.tally("linked", ids), 2)
          // Between declared fields and what they can do, the caller is told.
          const unknown = yield* Effect.flip(store.tally("linked", { field: "year", is: "in", values: [1] }))
          assert.include(unknown.message, "not prepared for lists by \"year\"")
          assert.isTrue(
            Exit.hasDies(yield* Effect.exit(store.tally("linked", { field: "links", is: "in", values: [1] })))
          )
          yield* store.drop("linked")
        }))

      it.effect("a list by a field that was never declared is Unavailable, and says so; once declared, it is found", () =>
        Effect.gen(function*() {
          const store = yield* ViewStore.ViewStore
          const query = { where: [], sort: [{ field: "rank", descending: false }], limit: 9 }
          const unknown = yield* Effect.flip(store.find("later", query))
          assert.include(unknown.message, "the collection later is not prepared for lists by \"rank\"")
          yield* store.prepare("later", shape)
          yield* fill("later", 3)
          assert.strictEqual((yield* store.find("later", query)).length, 3)
          assert.strictEqual(
            (yield* Effect.flip(store.find("later", {
              ...query,
              sort: [{ field: "constructor", descending: false }]
            }))).kind,
            "unavailable"
          )
          yield* store.drop("later")
        }))

      it.effect("what PostgreSQL cannot keep of a text is kept as U+FFFD, and found by it", () =>
        Effect.gen(function*() {
          const store = yield* ViewStore.ViewStore
          yield* store.prepare("odd", shape)
          yield* store.replaceIfNewer("odd", [{
            id: "o",
            version: 1n,
            base: 1n,
            parts: {},
            revision: 1,
            derivedAt: 0,
            etag: "\"e\"",
            bytes: new Uint8Array(),
            gzip: null,
            fields: { title: "a\0\ud800", tags: ["\udc00"] },
            deleted: false
          }])
          const [found] = yield* store.find("odd", {
            where: [
              { field: "title", is: "in", values: ["a\0\ud800"] },
              { field: "tags", is: "in", values: ["\udc00"] }
            ],
            sort: [{ field: "title", descending: true }],
            after: { keys: ["b\0"], id: "\0\ud800" },
            limit: 1
          })
          assert.deepStrictEqual(found?.keys, ["a\ufffd\ufffd"])
          yield* store.drop("odd")
        }))
    }
  )
}

describe("View store migrations", () => {
  it.live("NV-3 documents of the first release are there after all migrations, and can be listed once prepared", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "kanau-views-"))),
        (made) => Effect.sync(() => rmSync(made, { recursive: true }))
      )
      for (const file of readdirSync(Migrations.kanau.folder).sort().slice(0, 11)) {
        cpSync(join(Migrations.kanau.folder, file), join(folder, file))
      }
      yield* Migrations.run({ ...Migrations.kanau, folder })
      yield* sql`insert into kanau.views (view, id, version, revision, derived_at, etag, bytes, fields, deleted) values
        ('vn', 'v1', 9007199254740993, 3, '2026-01-01Z', '"e"', '\\x7b7d', '{"rank": 1}', false),
        ('vn', 'v2', 5, 4, '2026-01-01Z', '"f"', '', '{}', true)`
      yield* Migrations.run(Migrations.kanau)

      const store = yield* ViewStore.ViewStore
      const version = 9007199254740993n
      const [held] = yield* store.read("vn", ["v1"])
      assert.deepStrictEqual(held && { ...held, bytes: [...held.bytes] }, {
        id: "v1",
        version,
        base: version,
        parts: {},
        revision: 3,
        derivedAt: Date.UTC(2026, 0),
        etag: "\"e\"",
        bytes: [123, 125],
        gzip: null,
        fields: { rank: 1 },
        deleted: false
      })
      assert.isTrue(Option.getOrThrow(yield* store.get("vn", "v2")).deleted)
      yield* store.prepare("vn", shape)
      const listed = yield* store.find("vn", { where: [], sort: [{ field: "rank", descending: false }], limit: 9 })
      assert.deepStrictEqual(listed.map(({ id, keys }) => [id, ...keys]), [["v1", 1]])
      assert.isTrue(held !== undefined && (yield* store.replaceIfSame("vn", { ...held, version: version + 1n }, held)))
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.provideMerge(PgViewStore.layer, first))
    ))
})
