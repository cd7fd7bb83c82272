import { assert, describe, layer } from "@effect/vitest"
import { View } from "@kanau/views"
import { CopyText, Torture } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ThingChanged } from "../src/wiki/importEvents.ts"
import { ReleaseView, VnView } from "../src/wiki/views/views.ts"
import { databases, events, reset } from "./databases.ts"
import { changed, dump, linesOf, rowOf } from "./dumps.ts"
import { alive, run, writes } from "./importing.ts"

const published = Effect.map(events, (all) => all.map(({ subject, type }) => `${subject} ${type.split(".")[2]}`))

/** How many users have said how long something takes. */
const timers = (folder: string) =>
  new Set(linesOf(folder, "vn_length_votes").map((line) => line.split("\t")[1]).filter((uid) => uid !== "\\N")).size

/** How many users have something on a list. */
const owners = (folder: string) =>
  new Set(
    ["ulist_vns", "ulist_labels", "rlists"].flatMap((table) =>
      linesOf(folder, table).map((line) => line.split("\t")[0])
    )
  ).size

const database = databases[0]
describe(`Import of later dumps on ${database.name}`, () => {
  layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("NV-7 NV-12 what changed is written once, raised and published with what it touches; the rest is not written", () =>
      Effect.gen(function*() {
        yield* reset
        yield* run(yield* Effect.promise(() => dump()))
        const sql = yield* SqlClient.SqlClient
        const revisionOf = (id: string) =>
          Effect.map(
            sql<{ revision: number }>`select revision from entry_meta where id = ${id}`,
            ([row]) => row?.revision ?? 0
          )
        const [before, eventsBefore, revision] = [yield* writes, (yield* events).length, yield* revisionOf("v3")]
        const report = yield* run(
          yield* Effect.promise(() =>
            changed({
              vn_titles: (rows, at) => void (rowOf(rows, "v3")[at("title")] = "Changed"),
              releases_vn: (rows, at) =>
                void rows.splice(rows.findLastIndex((row) => row[at("id")] === Torture.ids.bundleRelease), 1)
            })
          )
        )
        assert.deepStrictEqual([report.created, report.edited, report.deleted], [0, 2, 0])
        const news = (yield* events).slice(eventsBefore)
        assert.deepStrictEqual(news.map(({ type }) => type), ["vndb.release.edited", "vndb.vn.edited"])
        assert.deepStrictEqual(news[1]?.subject, "v3")
        assert.includeMembers(news[0]?.data["touched"] as Array<string>, [...Torture.ids.bundleVns])
        assert.strictEqual(yield* revisionOf("v3"), revision + 1)
        const after = yield* writes
        const different = Object.keys(before).filter((table) => before[table]?.sum !== after[table]?.sum)
        assert.deepStrictEqual(different, ["entry_meta", "releases_vn", "vn_titles", "wiki_imported"])
      }))

    it.effect("NV-7 the dump of a later day makes what a clean import of it makes; who vanished is deleted, who is back restored", () =>
      Effect.gen(function*() {
        const [monday, friday] = yield* Effect.promise(() => Promise.all([dump(), dump({ day: 4 })]))
        yield* reset
        yield* run(friday)
        const clean = yield* alive
        yield* reset
        yield* run(monday)
        const first = yield* alive
        const eventsBefore = (yield* published).length
        const report = yield* run(friday)
        assert.isAbove(report.edited, 0)
        assert.isAbove(report.deleted, 0)
        assert.deepStrictEqual(yield* alive, clean)
        const news = (yield* published).slice(eventsBefore)
        assert.include(news, `${Torture.ids.vanishingVn} deleted`)
        assert.include(news, `${Torture.ids.appearingVn} created`)
        assert.include(news, `${Torture.ids.changingVn} edited`)
        assert.deepStrictEqual(news.at(-1), "vndb imported")
        assert.lengthOf(news.filter((text) => !/^u\d/.test(text)), report.created + report.edited + report.deleted + 1)
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(
          yield* sql`select deleted_by from vn where id = ${Torture.ids.vanishingVn}`,
          [{ deleted_by: "import" }]
        )
        const back = yield* run(monday)
        assert.isAbove(back.restored, 0)
        assert.include(yield* published, `${Torture.ids.vanishingVn} restored`)
        assert.include((yield* published).slice(eventsBefore + news.length), `${Torture.ids.appearingVn} deleted`)
        assert.deepStrictEqual(yield* alive, first)
      }))

    it.effect("NV-7 what entries only refer to is told when it differs: the pages that show it are derived anew", () =>
      Effect.gen(function*() {
        yield* reset
        const base = yield* Effect.promise(() => dump())
        yield* run(base)
        const eventsBefore = (yield* events).length
        assert.isFalse((yield* events).some(({ type }) => type === "vndb.thing.changed"))
        const [link, known] = ["extlinks", "wikidata"].map((table) =>
          linesOf(base, table).map((line) => [...CopyText.decodeRow(line)])
        )
        const linked = new Map(
          linesOf(base, "vn_extlinks").map((line) => line.split("\t").toReversed() as [string, string])
        )
        const [number = "", , qid = ""] = link?.find(([id = "", site]) =>
          site === "wikidata" && linked.has(id ?? "")
        ) ?? []
        const vn = linked.get(number ?? "") ?? ""
        const drm = linesOf(base, "releases_drm")[0]?.split("\t")[1] ?? ""
        const other = known?.find(([id]) => id !== qid)?.[0] ?? ""
        const titled = (rows: Array<Array<string | null>>, at: (column: string) => number) => {
          const row = rows.find(([id]) => id === qid) ?? []
          row[at("id")] = qid
          row[at("enwiki")] = "Changed"
          if (!rows.includes(row)) rows.push(Array.from({ length: 39 }, (_, each) => row[each] ?? null))
        }
        const sql = yield* SqlClient.SqlClient
        const enwiki = (id: string) =>
          Effect.map(VnView.derive([id]), ([page]) => {
            const shown: ReadonlyArray<{ name: string; id: string }> = JSON.parse(page?.json ?? "").extlinks
            return shown.find(({ name }) => name === "enwiki")?.id
          })
        assert.notStrictEqual(yield* enwiki(vn), "Changed")
        const report = yield* run(
          yield* Effect.promise(() =>
            changed({
              wikidata: (rows, at) => {
                rows.splice(rows.findIndex(([id]) => id === other), 1)
                titled(rows, at)
                rows.push(["99999999", ...(rows[0] ?? []).slice(1)])
              },
              images: (rows, at) => void ((rows[0] ?? [])[at("width")] = "77"),
              engines: (rows, at) => {
                // What is new nobody has shown, unless it is of Wikidata.
                rows.push(["999999", ...(rows[0] ?? []).slice(1)])
                ;(rows[0] ?? [])[at("name")] = "Renamed"
              },
              drm: (rows, at) => void (rowOf(rows, drm)[at("name")] = "Renamed"),
              anime: (rows, at) => void ((rows[0] ?? [])[at("year")] = "1999")
            })
          )
        )
        assert.deepStrictEqual([report.created, report.edited, report.deleted], [0, 0, 0])
        const news = (yield* events).slice(eventsBefore).map(({ subject, type }) => [type, subject])
        const first = (table: string) => linesOf(base, table)[0]?.split("\t")[0] ?? ""
        assert.sameDeepMembers<unknown>(news, [
          ["vndb.thing.changed", `images.${first("images")}`],
          ["vndb.thing.changed", `wikidata.${qid}`],
          ["vndb.thing.changed", "wikidata.99999999"],
          ["vndb.thing.changed", `drm.${drm}`],
          ["vndb.thing.changed", `engines.${first("engines")}`],
          ["vndb.thing.changed", `wikidata.${other}`]
        ])
        assert.strictEqual(yield* enwiki(vn), "Changed")
        const touched = (
          view: Pick<typeof VnView, "dependsOn">,
          table: "wikidata" | "images" | "drm" | "engines",
          id: string
        ) => View.touched(view.dependsOn, new ThingChanged({ table, id }))
        assert.deepStrictEqual(yield* touched(VnView, "wikidata", qid ?? ""), [vn])
        for (
          const [table, id, statement] of [
            ["engines", first("engines"), "select id from releases where engine = "],
            ["drm", drm, "select id from releases_drm where drm = "]
          ] as const
        ) {
          const expected = (yield* sql.unsafe<{ id: string }>(statement + id)).map((row) => row.id)
          assert.isAbove(expected.length, 0, table)
          assert.sameMembers([...(yield* touched(ReleaseView, table, id))], expected, table)
        }
      }))

    it.effect("NV-7 users and lists that change are told once each: a vote, a label, a release, a name, who left", () =>
      Effect.gen(function*() {
        yield* reset
        const base = yield* Effect.promise(() => dump())
        yield* run(base)
        const first = yield* published
        const users = linesOf(base, "users").length
        assert.lengthOf(
          first.filter((text) => text.endsWith(" changed") && /^u\d+ /.test(text)),
          users + owners(base) + timers(base)
        )
        const [vote, label, release] = ["ulist_vns", "ulist_labels", "rlists"].map((table) =>
          CopyText.decodeRow(linesOf(base, table)[0] ?? "")
        )
        const before = yield* published
        yield* run(
          yield* Effect.promise(() =>
            changed({
              ulist_vns: (rows, at) => void ((rows[0] ?? [])[at("notes")] = "Changed"),
              ulist_labels: (rows, at) => void ((rows[0] ?? [])[at("label")] = "Renamed"),
              rlists: (rows) => void rows.shift(),
              users: (rows, at) => void (rowOf(rows, Torture.ids.ignoredVoter)[at("username")] = "renamed")
            })
          )
        )
        const news = (yield* events).slice(before.length)
        const listed = news.filter(({ type }) => type === "vndb.list.changed").map(({ data }) => data)
        assert.deepStrictEqual(
          new Set(listed.map((data) => data["user"])),
          new Set([vote?.[0], label?.[0], release?.[0]])
        )
        assert.include(listed.flatMap((data) => data["vns"]), vote?.[1])
        assert.include(listed.flatMap((data) => data["releases"]), release?.[1])
        assert.deepStrictEqual(
          news.filter(({ type }) => type !== "vndb.list.changed").map(({ subject, type }) => [subject, type]),
          [[Torture.ids.ignoredVoter, "vndb.user.changed"]]
        )
        yield* run(
          yield* Effect.promise(() =>
            changed({ users: (rows) => void rows.splice(rows.indexOf(rowOf(rows, Torture.ids.namelessUser)), 1) })
          )
        )
        assert.include(yield* published, `${Torture.ids.namelessUser} deleted`)
        yield* run(base)
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(
          yield* sql`select deleted_at from users where id = ${Torture.ids.namelessUser}`,
          [{ deleted_at: null }]
        )
      }))

    it.effect("NV-7 an entry whose row breaks a rule in a later dump stays as it was, and is not taken for gone", () =>
      Effect.gen(function*() {
        yield* reset
        yield* run(yield* Effect.promise(() => dump()))
        const sql = yield* SqlClient.SqlClient
        const entry =
          sql`select v.*, m.revision, array(select t.title from vn_titles t where t.id = v.id order by 1) as titles
          from vn v join entry_meta m on m.id = v.id where v.id = 'v2'`
        const before = yield* entry
        const report = yield* run(
          yield* Effect.promise(() => changed({ vn: (rows, at) => void (rowOf(rows, "v2")[at("olang")] = "tlh") }))
        )
        assert.strictEqual(report.deleted, 0)
        assert.deepStrictEqual(yield* entry, before)
      }))

    it.effect("NV-7 an alias moves from one person to another, and one that nobody is credited by goes", () =>
      Effect.gen(function*() {
        yield* reset
        yield* run(yield* Effect.promise(() => dump()))
        const sql = yield* SqlClient.SqlClient
        const [many, other] = [Torture.ids.manyAliasesStaff, "s1"]
        const moved = Torture.ids.mainAlias - 1
        const gone = Torture.ids.mainAlias - 2
        const report = yield* run(
          yield* Effect.promise(() =>
            changed({
              staff_alias: (rows, at) => {
                const rowOfAlias = (aid: number) => rows.findIndex((row) => row[at("aid")] === String(aid))
                ;(rows[rowOfAlias(moved)] ?? [])[at("id")] = other
                rows.splice(rowOfAlias(gone), 1)
              }
            })
          )
        )
        assert.strictEqual(report.edited, 2)
        assert.deepStrictEqual(
          yield* sql`select id, aid from staff_alias where aid in (${moved}, ${gone})`,
          [{ id: other, aid: moved }]
        )
        assert.lengthOf(yield* sql`select from staff_alias where id = ${many}`, 7)
      }))

    it.effect("NV-7 a first import of many entries announces them without what they touch, and views are to be rebuilt", () =>
      Effect.gen(function*() {
        yield* reset
        const folder = yield* Effect.promise(() => dump())
        const report = yield* run(folder, { quietFrom: 100, derive: true })
        assert.isTrue(report.rebuildViews)
        const news = yield* events
        assert.lengthOf(news.filter(({ type }) => type.endsWith(".created")), report.created)
        assert.isTrue(news.every(({ data }) => ((data["touched"] ?? []) as ReadonlyArray<string>).length === 0))
        assert.isFalse(news.some(({ type }) => type.endsWith("derived") || type === "vndb.user.changed"))
        const later = yield* run(
          yield* Effect.promise(() => dump({ day: 4 })),
          { quietFrom: 1, derive: true }
        )
        assert.isFalse(later.rebuildViews)
        assert.isTrue((yield* events).slice(news.length).some(({ data }) => ((data["touched"] ?? []) as []).length > 0))
      }))
  })
})
