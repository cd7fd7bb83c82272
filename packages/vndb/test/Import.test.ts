import { assert, describe, layer } from "@effect/vitest"
import { Archive, CopyText, Torture } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as fs from "node:fs"
import * as path from "node:path"
import { Wiki } from "../src/index.ts"
import { CreateVn } from "../src/wiki/operations/entries.ts"
import { databases, events, reset } from "./databases.ts"
import { changed, dump, linesOf, place, rowOf } from "./dumps.ts"
import { content, counts, rejectedOf, run, writes } from "./importing.ts"

const entries = ["vn", "releases", "producers", "chars", "staff", "tags", "traits", "quotes", "docs"]

for (const database of databases) {
  describe(`Import on ${database.name}`, () => {
    layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-7 every row of all 51 tables is there, and every entry has one event", () =>
        Effect.gen(function*() {
          yield* reset
          const folder = yield* Effect.promise(() => dump())
          const report = yield* run(folder, { derive: true })
          assert.deepStrictEqual(rejectedOf(report), { "releases_platforms: platform has an unknown value": 1 })
          assert.deepStrictEqual(report.unknownColumns, ["drm.hologram"])
          const held = yield* counts
          assert.lengthOf(Object.keys(held), 51)
          for (const [table, n] of Object.entries(held)) {
            const left = table === Torture.unknownEnum.table ? 1 : 0
            assert.strictEqual(n, linesOf(folder, table).length - left, table)
          }
          const total = entries.reduce((sum, table) => sum + linesOf(folder, table).length, 0)
          assert.strictEqual(report.created, total)
          const created = (yield* events).filter(({ type }) => type.endsWith(".created"))
          assert.strictEqual(new Set(created.map(({ subject }) => subject)).size, total)
          assert.lengthOf(created, total)
          const bundle = created.find(({ subject }) => subject === Torture.ids.bundleRelease)
          assert.includeMembers(bundle?.data["touched"] as Array<string>, [...Torture.ids.bundleVns])
          const sql = yield* SqlClient.SqlClient
          const text = (id: string) =>
            CopyText.decodeRow(linesOf(folder, "vn").find((line) => line.startsWith(`${id}\t`)) ?? "").at(-1)
          for (const id of [Torture.ids.escapesVn, Torture.ids.backslashNVn, Torture.ids.unicodeVn]) {
            const [row] = yield* sql<{ description: string }>`select description from vn where id = ${id}`
            assert.strictEqual(row?.description, text(id), id)
          }
          assert.deepStrictEqual(
            yield* sql`select birthday, weight from chars where id in (${Torture.ids.leapDayCharacter}, ${Torture.ids.weightlessCharacter}) order by id`,
            [{ birthday: 229, weight: null }, { birthday: null, weight: 0 }]
          )
          const [source] = yield* sql<
            { at: string; attribution: string }
          >`select dumped_at::text as at, attribution from wiki_source`
          assert.include(source?.at, "2026-10-02")
          assert.include(source?.attribution, "Open Database License")
        }))

      it.effect("NV-7 NV-12 a second run of the same dump writes no row and publishes nothing, from a folder or packed", () =>
        Effect.gen(function*() {
          yield* reset
          const folder = yield* Effect.promise(() => dump())
          const packed = place("dump.tar.zst")
          yield* Archive.pack(folder, packed, { mtime: new Date(0) })
          yield* run(packed, { derive: true })
          const before = yield* writes
          const eventsBefore = (yield* events).length
          for (const again of [folder, packed]) {
            const report = yield* run(again, { derive: true })
            assert.deepStrictEqual([report.created, report.edited, report.added, report.removed], [0, 0, 0, 0])
          }
          assert.deepStrictEqual(yield* writes, before)
          assert.strictEqual((yield* events).length, eventsBefore)
        }))

      it.effect("NV-7 the header is the contract: columns in any order, unknown columns and tables are named and left out", () =>
        Effect.gen(function*() {
          yield* reset
          yield* run(yield* Effect.promise(() => dump()))
          const before = yield* content
          yield* reset
          const reverse = (rows: Array<Array<string | null>>, _: unknown, header: Array<string>) => {
            header.splice(0, header.length, ...header.toReversed(), "c_mystery\"; drop table vn")
            for (const row of rows) row.splice(0, row.length, ...row.toReversed(), "42")
          }
          const folder = yield* Effect.promise(() =>
            changed({ vn: reverse, chars_traits: reverse, ulist_vns: reverse })
          )
          fs.writeFileSync(path.join(folder, "db", "reviews"), "w1\n")
          fs.writeFileSync(path.join(folder, "db", "reviews.header"), "id\n")
          const report = yield* run(folder)
          assert.deepStrictEqual(report.unknownTables, ["reviews"])
          assert.include(report.unknownColumns, "vn.c_mystery\"; drop table vn")
          assert.deepStrictEqual(yield* content, before)
        }))

      it.effect("NV-7 a missing column or table ends the import with its name, and nothing is written", () =>
        Effect.gen(function*() {
          yield* reset
          const folder = yield* Effect.promise(() =>
            changed({ vn: (_, at, header) => void (header[at("olang")] = "language") })
          )
          const column = yield* Effect.flip(run(folder))
          assert.include(column.message, "db/vn.header: The column olang is missing.")
          for (const name of ["quotes", "quotes.header", "rlists", "rlists.header"]) {
            fs.rmSync(path.join(folder, "db", name))
          }
          const table = yield* Effect.flip(run(folder))
          assert.include(table.message, "db/quotes: This table is missing")
          assert.include(table.message, "db/rlists")
          assert.notInclude((yield* Effect.flip(run(folder, { userLists: false }))).message, "db/rlists")
          assert.include((yield* Effect.flip(run("/nowhere/at/all"))).message, "/nowhere/at/all")
          assert.deepStrictEqual(yield* events, [])
        }))

      it.effect("NV-7 rows that break a rule are left out, counted, named and handed over without their contents", () =>
        Effect.gen(function*() {
          yield* reset
          const folder = yield* Effect.promise(() =>
            changed({
              vn: (rows, at) => {
                rowOf(rows, "v1")[at("olang")] = "tlh"
                rowOf(rows, "v2")[at("length")] = "9"
                rowOf(rows, "v3")[at("devstatus")] = null
                rowOf(rows, "v4")[at("c_votecount")] = "99999999999999999999"
                rowOf(rows, "v5")[at("olang")] = "gd"
                rows.push([...rowOf(rows, "v6")], ["v0x secret", ...rowOf(rows, "v6").slice(1)])
              },
              releases: (rows, at) => {
                rowOf(rows, "r1")[at("has_ero")] = "yes"
                rowOf(rows, "r2")[at("gtin")] = "4.5"
              },
              entry_meta: (rows, at) => {
                rowOf(rows, "c1")[at("created")] = "2025-02-29"
                rowOf(rows, "c2")[at("created")] = "2024-02-29"
              },
              chars: (rows, at) => {
                rowOf(rows, "c3")[at("birthday")] = "50"
                rowOf(rows, "c4")[at("image")] = "ch9999998"
              },
              tags_vn: (rows, at) => {
                const [row = []] = rows
                row[at("vote")] = "0"
                ;(rows.at(-1) ?? [])[at("uid")] = "u8888888"
              },
              ulist_vns: (rows, at) => {
                ;(rows[0] ?? [])[at("labels")] = "{1,}"
                ;(rows[1] ?? [])[at("vote")] = "5"
              },
              traits_parents: (rows) => void rows.push(["i1", "i9999999", "t"]),
              wikidata: (rows, at) => void ((rows[0] ?? [])[at("musicbrainz_artist")] = "{nope}")
            })
          )
          fs.appendFileSync(path.join(folder, "db", "quotes"), Buffer.from("q1\tv6\t\\N\t1\t\xff\n", "latin1"))
          fs.appendFileSync(path.join(folder, "db", "quotes"), "q1\tv1\n")
          const handed: Array<string> = []
          const report = yield* run(folder, {
            onRejects: (rows) =>
              Effect.sync(() => {
                for (const { key, line, rule, table } of rows) {
                  handed.push([table, rule, key ?? `line ${line}`].join("\t"))
                }
              })
          })
          const rejected = rejectedOf(report)
          assert.include(rejected, {
            "vn: olang has an unknown value": 1,
            "vn: length is out of range": 1,
            "vn: devstatus is missing": 1,
            "vn: c_votecount is no number": 1,
            "vn: has no title in its language": 1,
            "vn: is a duplicate": 1,
            "vn: id is no identifier": 1,
            "releases: has_ero is no boolean": 1,
            "releases: gtin is no number": 1,
            "entry_meta: created is no date": 1,
            "chars: birthday is out of range": 1,
            "chars: image refers to nothing in images": 1,
            "tags_vn: vote is out of range": 1,
            "tags_vn: uid refers to nothing in users": 1,
            "ulist_vns: labels is no list": 1,
            "ulist_vns: vote is out of range": 1,
            "traits_parents: parent refers to nothing in traits": 1,
            "wikidata: musicbrainz_artist is no list": 1,
            "quotes: is no UTF-8": 1,
            "quotes: has a wrong number of cells": 1
          })
          assert.isAbove(rejected["vn_titles: id refers to nothing in vn"] ?? 0, 4)
          assert.isAbove(rejected["releases_vn: vid refers to nothing in vn"] ?? 0, 0)
          assert.include(handed, "vn\tlength is out of range\tv2")
          assert.include(handed, "vn\tid is no identifier\t?")
          assert.include(handed, `quotes\tis no UTF-8\tline ${linesOf(folder, "quotes").length - 1}`)
          assert.notInclude(handed.join("\n"), "secret")
          assert.lengthOf(handed, Object.values(rejected).reduce((sum, n) => sum + n, 0))
          assert.isTrue(report.rejected.every(({ first, rows }) => first.length === Math.min(rows, 3)))
        }))

      it.effect("NV-7 new entries continue after the highest numbers in use", () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          for (const name of ["vn_number", "quote_number", "staff_alias_number", "extlink_number"]) {
            yield* sql.unsafe(`alter sequence ${name} restart`)
          }
          yield* Wiki.withSampleDump((path) => run(path))
          const created = yield* Wiki.service.process(
            new CreateVn({ olang: "en", titles: [{ lang: "en", official: true, title: "Next", latin: null }] })
          )
          assert.strictEqual(created.id, "v165")
          for (
            const [sequence, table, number] of [
              ["staff_alias_number", "staff_alias", "aid"],
              ["extlink_number", "extlinks", "id"],
              ["quote_number", "quotes", "substr(id, 2)::int"]
            ] as const
          ) {
            const [row] = yield* sql.unsafe<{ next: number; top: number }>(
              `select nextval('${sequence}')::int as next, (select max(${number}) from ${table})::int as top`
            )
            assert.strictEqual(row?.next, (row?.top ?? 0) + 1, sequence)
          }
        }))
    })
  })
}
