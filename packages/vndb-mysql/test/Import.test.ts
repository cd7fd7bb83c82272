import { assert, describe, it } from "@effect/vitest"
import { BulkCopy, Database, Migrations, Outbox } from "@kanau/postgres"
import { FaultProxy, Servers } from "@kanau/testing"
import { ImportService, Wiki } from "@kanau/vndb"
import { Archive, Generator, Layout, Torture } from "@kanau/vndb-dump"
import { MySqlSource } from "@kanau/vndb-mysql"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, beforeAll } from "vitest"
import { fill, withMySql } from "./filling.ts"

const [mysql, fromFolder, fromMySql, cut] = await Promise.all([
  Servers.mariadbDatabase(),
  Servers.postgresDatabase(),
  Servers.postgresDatabase(),
  Servers.postgresDatabase()
])

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-mysql-"))
const folder = path.join(scratch, "dump")
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }))
beforeAll(() =>
  Effect.runPromise(Effect.gen(function*() {
    yield* Generator.write(folder, { seed: 1n, scale: 0.0001 })
    yield* fill(mysql.url, yield* Archive.open(folder))
  }))
)

const inside = (place: Servers.Place) =>
  Effect.provide(Layer.provideMerge(
    Layer.provideMerge(
      Outbox.layer({ source: "/test" }),
      Layer.effectDiscard(Migrations.run(Migrations.kanau, Wiki.migrations))
    ),
    Layer.merge(
      Database.layer({ url: Redacted.make(place.url), applicationName: "test" }),
      BulkCopy.layer({ url: Redacted.make(place.url), applicationName: "test" })
    )
  ))

const open = MySqlSource.open(Redacted.make(mysql.url))

const importing = (archive: Parameters<typeof ImportService.importArchive>[0]["archive"], derive = false) =>
  ImportService.importArchive({ archive, userLists: true, derive, onProgress: () => Effect.void })

/** Every table by its rows, with the number of events. */
const content = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    Effect.forEach([...Layout.names, "vn_dumped", "wiki_imported", "wiki_source", "vn_stats"], (table) =>
      Effect.map(
        sql.unsafe<{ sum: string }>(
          `select count(*) || ' ' || md5(coalesce(string_agg(row::text, '|' order by row::text), '')) as sum from ${table} row`
        ),
        ([row]) => `${table} ${row?.sum}`
      ))
)
const events = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.map(sql.unsafe<{ n: number }>("select count(*)::int as n from kanau.events"), ([row]) => row?.n)
)

describe("An import from MariaDB", () => {
  it.live(
    "NV-7 gives the rows, rejects and unknown columns of the same dump as files; again it writes and publishes nothing",
    () =>
      Effect.gen(function*() {
        const files = yield* inside(fromFolder)(Effect.gen(function*() {
          const report = yield* importing(yield* Archive.open(folder), true)
          return { report, content: yield* content }
        }))
        yield* inside(fromMySql)(Effect.gen(function*() {
          const archive = yield* open
          const report = yield* importing(archive, true)
          assert.deepStrictEqual(yield* content, files.content)
          assert.deepStrictEqual(report, files.report)
          assert.isAbove(report.created, 300)
          assert.deepStrictEqual(report.unknownColumns, [
            `${Torture.unknownColumn.table}.${Torture.unknownColumn.column}`
          ])
          assert.include(Object.keys(archive.texts), "README.txt")
          const told = yield* events
          const again = yield* importing(yield* open)
          assert.deepStrictEqual(
            [again.created, again.edited, again.deleted, again.restored, again.added, again.removed],
            [0, 0, 0, 0, 0, 0]
          )
          assert.strictEqual(again.unchanged, report.created)
          assert.deepStrictEqual(yield* content, files.content)
          assert.strictEqual(yield* events, told)
        }))
      }),
    120_000
  )

  it.live(
    "NV-7 a connection that is cut says so, and the import that is started again equals a clean one",
    () =>
      Effect.gen(function*() {
        const proxy = yield* FaultProxy.scoped(mysql.url)
        const archive = yield* MySqlSource.open(Redacted.make(proxy.url))
        yield* inside(cut)(Effect.gen(function*() {
          let reached: unknown
          const fault = yield* Effect.flip(ImportService.importArchive({
            archive,
            userLists: true,
            derive: false,
            onProgress: ({ step, what }) =>
              Effect.sync(() => {
                reached = step
                if (what === "releases_vn") proxy.reset()
              })
          }))
          assert.strictEqual(fault.kind, "unavailable")
          assert.match(
            fault.message,
            /^mysql is unavailable: 127\.0\.0\.1:\d+\/\w+ \w+: the connection was lost\. Look whether/
          )
          assert.strictEqual(reached, "read")
          assert.isAbove((yield* importing(archive, true)).created, 300)
          return yield* content
        })).pipe(
          Effect.flatMap((resumed) =>
            Effect.map(inside(fromFolder)(content), (clean) => assert.deepStrictEqual(resumed, clean))
          )
        )
      }).pipe(Effect.scoped),
    120_000
  )

  it.live(
    "NV-7 unknown tables are reported, views count as tables, rows that PostgreSQL cannot store are left out; a missing table "
      + "or column ends it before it writes",
    () =>
      Effect.gen(function*() {
        yield* inside(fromMySql)(Effect.flatMap(open, (archive) => importing(archive)))
        yield* withMySql(mysql.url, (connection) =>
          connection.query(`rename table vn_anime to vn_anime_kept;
          create view vn_anime as select id, aid, 7 as season from vn_anime_kept;
          rename table docs to documents; alter table drm drop column cloud`))
        yield* inside(fromMySql)(Effect.gen(function*() {
          const before = yield* content
          const fault = yield* Effect.flip(importing(yield* open))
          assert.strictEqual(
            fault.message,
            "db/docs: This table is missing from the dump.; db/drm.header: The column cloud is missing."
          )
          yield* withMySql(
            mysql.url,
            (connection) =>
              connection.query(
                `rename table documents to docs; insert into docs values ('d900', 'a', concat('a', char(0), 'b'));
                alter table drm add column cloud boolean not null default false`
              )
          )
          const report = yield* importing(yield* open)
          assert.deepStrictEqual(report.unknownTables, ["vn_anime_kept"])
          assert.include(report.unknownColumns, "vn_anime.season")
          assert.strictEqual(report.created + report.edited, 0)
          assert.deepInclude(report.rejected.map(({ rows, rule, table }) => ({ rows, rule, table })), {
            rows: 1,
            rule: "holds characters that must be escaped",
            table: "docs"
          })
          assert.deepStrictEqual(
            (yield* content).filter((line) => !line.startsWith("drm ")),
            before.filter((line) => !line.startsWith("drm "))
          )
        }))
      }),
    120_000
  )
})
