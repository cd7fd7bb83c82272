import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import { ImportService, Wiki } from "../src/index.ts"
import { decodeCell } from "../src/wiki/import/DumpTable.ts"
import { databases, events, reset } from "./databases.ts"

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-dump-"))
afterAll(() => fs.rmSync(scratch, { recursive: true }))

/** A copy of the bundled dump that a test may change, table by table. */
const dumpWith = (changes: Record<string, (header: Array<string>, rows: Array<Array<string>>) => void>) => {
  const folder = fs.mkdtempSync(path.join(scratch, "d-"))
  fs.cpSync(Wiki.bundledDump, folder, { recursive: true })
  for (const [table, change] of Object.entries(changes)) {
    const file = path.join(folder, "db", table)
    const header = fs.readFileSync(`${file}.header`, "utf8").trimEnd().split("\t")
    const rows = fs.readFileSync(file, "utf8").trimEnd().split("\n").map((line) => line.split("\t"))
    change(header, rows)
    fs.writeFileSync(`${file}.header`, `${header.join("\t")}\n`)
    fs.writeFileSync(file, rows.map((row) => `${row.join("\t")}\n`).join(""))
  }
  return folder
}

const run = (folder: string = Wiki.bundledDump) => ImportService.importDump({ folder, onProgress: () => Effect.void })

const tables = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(
    ["vn", "vn_titles", "vn_stats", "releases", "releases_titles", "releases_vn", "entry_meta"],
    (table) =>
      sql.unsafe<{ table: string; sum: string; n: number }>(
        `select '${table}' as table, md5(coalesce(string_agg(row::text, '|' order by row::text), '')) as sum,
      count(*)::int as n from ${table} row`
      )
  ))

const lineCount = (table: string) =>
  fs.readFileSync(path.join(Wiki.bundledDump, "db", table), "utf8").trimEnd().split("\n").length

describe("DumpTable", () => {
  layer(databases[1].layer, { excludeTestServices: true })((it) => {
    it.effect("NV-7 escapes of a cell are decoded in one pass", () =>
      Effect.sync(() => {
        const cells: ReadonlyArray<readonly [string, string | null]> = [
          ["\\N", null],
          ["\\\\N", "\\N"],
          ["C:\\\\new", "C:\\new"],
          ["a\\tb\\nc\\rd\\\\", "a\tb\nc\rd\\"],
          ["\\b\\f\\v", "\b\f\v"],
          ["\\101\\x42\\x4", "AB\x04"],
          ["{\"C:\\\\\\\\new\"}", "{\"C:\\\\new\"}"],
          ["", ""],
          ["星🎹", "星🎹"]
        ]
        for (const [cell, value] of cells) assert.strictEqual(decodeCell(cell), value)
      }))
  })
})

for (const database of databases) {
  describe(`Import on ${database.name}`, () => {
    layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-7 imports every row of the bundled dump and appends one event per entry", () =>
        Effect.gen(function*() {
          yield* reset
          const report = yield* run()
          const entries = lineCount("vn") + lineCount("releases")
          assert.deepStrictEqual(
            { ...report, rows: undefined },
            { created: entries, changed: 0, unchanged: 0, rejected: [], unknownColumns: [], rows: undefined }
          )
          const counts = Object.fromEntries((yield* tables).flat().map(({ table, n }) => [table, n]))
          for (const table of ["vn", "vn_titles", "releases", "releases_titles", "releases_vn", "entry_meta"]) {
            assert.strictEqual(counts[table], lineCount(table), table)
          }
          assert.strictEqual((yield* events).length, entries)
          const sql = yield* SqlClient.SqlClient
          assert.deepStrictEqual(
            yield* sql`select description from vn where description like '%literal%'`,
            [{ description: "Emoji, a tab\there, a line\nbreak, C:\\new and a literal \\N." }]
          )
        }))

      it.effect("NV-7 NV-12 a second run writes nothing and publishes nothing", () =>
        Effect.gen(function*() {
          yield* reset
          yield* run()
          const before = yield* tables
          const eventsBefore = (yield* events).length
          const again = yield* run()
          assert.deepStrictEqual([again.created, again.changed], [0, 0])
          assert.deepStrictEqual(yield* tables, before)
          assert.strictEqual((yield* events).length, eventsBefore)
        }))

      it.effect("NV-7 NV-12 a delta changes only the entries it names, bumps them and publishes them", () =>
        Effect.gen(function*() {
          yield* reset
          yield* run()
          const eventsBefore = (yield* events).length
          const report = yield* run(dumpWith({
            vn_titles: (header, rows) => {
              const row = rows.find((one) => one[0] === "v3")
              if (row !== undefined) row[header.indexOf("title")] = "Changed"
            },
            releases_titles: (_, rows) => rows.splice(rows.findIndex((one) => one[1] === "zh-Hans"), 1)
          }))
          assert.deepStrictEqual([report.created, report.changed], [0, 2])
          const published = (yield* events).slice(eventsBefore)
          assert.deepStrictEqual(published.map(({ type }) => type), ["vndb.vn.edited", "vndb.release.edited"])
          assert.strictEqual(published[0]?.subject, "v3")
          assert.lengthOf(published[1]?.data["touched"] as ReadonlyArray<string>, 30)
        }))

      it.effect("NV-7 unknown columns and values, broken cells, orphans and duplicates are counted, never fatal", () =>
        Effect.gen(function*() {
          yield* reset
          const report = yield* run(dumpWith({
            vn: (header, rows) => {
              header.push("c_mystery")
              for (const row of rows) row.push("42")
              const set = (id: string, column: string, value: string) => {
                const row = rows.find((one) => one[0] === id)
                if (row !== undefined) row[header.indexOf(column)] = value
              }
              set("v1", "olang", "tlh")
              set("v2", "length", "9")
              set("v3", "devstatus", "\\N")
              rows.push([...rows.find((one) => one[0] === "v4") ?? []])
            },
            vn_titles: (_, rows) =>
              rows.push(["v5", "tlh", "t", "nuqneH", "\\N"], ["v8888", "en", "t", "Orphan", "\\N"]),
            releases_vn: (_, rows) => rows.push(["r1", "v8888", "complete"], ["r1", "v6", "director's cut"])
          }))
          const rejected = Object.fromEntries(
            report.rejected.map(({ table, rule, rows }) => [`${table}: ${rule}`, rows])
          )
          assert.deepStrictEqual(report.unknownColumns, ["vn.c_mystery"])
          assert.include(rejected, {
            "vn: olang has an unknown value": 1,
            "vn: length is out of range": 1,
            "vn: devstatus is missing": 1,
            "vn: is a duplicate": 1,
            "vn_titles: lang has an unknown value": 1,
            "releases_vn: rtype has an unknown value": 1
          })
          assert.isAbove(rejected["vn_titles: belongs to no entry"] ?? 0, 1)
          assert.isAbove(rejected["releases_vn: refers to no visual novel"] ?? 0, 1)
          assert.strictEqual(report.created, lineCount("vn") - 3 + lineCount("releases"))
        }))

      it.effect("NV-7 a missing column or table ends the import with its name, and nothing is written", () =>
        Effect.gen(function*() {
          yield* reset
          const noColumn = dumpWith({ vn: (header) => void (header[header.indexOf("olang")] = "language") })
          assert.include((yield* Effect.flip(run(noColumn))).message, "has no column olang")
          assert.include((yield* Effect.flip(run(path.join(scratch, "nowhere")))).message, "db/vn")
          assert.deepStrictEqual((yield* events).length, 0)
        }))

      it.effect("NV-7 an interrupted import, started again, equals one clean import", () =>
        Effect.gen(function*() {
          yield* reset
          yield* run()
          const clean = yield* tables
          yield* reset
          const merged = { entries: 0 }
          yield* Effect.exit(ImportService.importDump({
            folder: Wiki.bundledDump,
            onProgress: ({ step, done }) =>
              step === "merge" && (merged.entries = done) > 0 ? Effect.interrupt : Effect.void
          }))
          assert.isAbove(merged.entries, 0)
          assert.isBelow((yield* events).length, lineCount("vn") + lineCount("releases"))
          yield* run()
          assert.deepStrictEqual(yield* tables, clean)
          assert.strictEqual((yield* events).length, lineCount("vn") + lineCount("releases"))
        }))

      it.effect("NV-7 new entries continue after the highest imported number", () =>
        Effect.gen(function*() {
          yield* reset
          yield* run()
          const { CreateVn } = yield* Effect.promise(() => import("../src/wiki/operations/entries.ts"))
          const created = yield* Wiki.service.process(
            new CreateVn({ olang: "en", titles: [{ lang: "en", official: true, title: "Next", latin: null }] })
          )
          assert.strictEqual(created.id, `v${lineCount("vn") + 1}`)
        }))
    })
  })
}
