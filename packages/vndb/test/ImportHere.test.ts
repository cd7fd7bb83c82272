import { assert, describe, layer } from "@effect/vitest"
import { CopyText, Torture } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Wiki } from "../src/index.ts"
import { CreateVn, EditVn } from "../src/wiki/operations/entries.ts"
import { databases, reset } from "./databases.ts"
import { changed, dump, linesOf, rowOf } from "./dumps.ts"
import { content, rejectedOf, run, writes } from "./importing.ts"

const database = databases[0]
describe(`Import beside what is here on ${database.name}`, () => {
  layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("NV-7 what was made here stays; an edit made here stays until the dump's entry changes, and then is kept as history", () =>
      Effect.gen(function*() {
        yield* reset
        const folder = yield* Effect.promise(() => dump())
        yield* run(folder)
        const sql = yield* SqlClient.SqlClient
        const titles = [{ lang: "en" as const, official: true, title: "Ours", latin: null }]
        const { id } = yield* Wiki.service.process(new CreateVn({ olang: "en", titles }))
        yield* Wiki.service.process(new EditVn({ id: "v4", olang: "en", titles }))
        yield* sql`insert into users (id, ign_votes, perm_imgvote, perm_tag, perm_lengthvote, username)
          values ('u5000000', false, true, true, true, 'here') on conflict do nothing`
        yield* sql`insert into tags_vn (date, tag, vid, uid, vote, ignore, notes)
          values ('2026-01-01', 'g1', 'v4', 'u5000000', 1, false, '')`
        const before = yield* content
        const same = yield* run(folder)
        assert.deepStrictEqual([same.edited, same.deleted, same.removed], [0, 0, 0])
        assert.deepStrictEqual(yield* content, before)
        yield* run(
          yield* Effect.promise(() =>
            changed({ vn: (rows, at) => void (rowOf(rows, "v4")[at("description")] = "Theirs") })
          )
        )
        assert.deepStrictEqual(
          yield* sql`select title from vn_titles t join active_vn v on v.id = t.id where t.id = ${id}`,
          [{ title: "Ours" }]
        )
        assert.isEmpty(yield* sql`select from vn_titles where id = 'v4' and title = 'Ours'`)
        assert.deepStrictEqual(
          yield* sql`select action, content->>'description' = 'Theirs' as theirs from entry_revisions where id = 'v4' order by revision`,
          [{ action: "imported", theirs: false }, { action: "edited", theirs: false }, {
            action: "imported",
            theirs: true
          }]
        )
        assert.lengthOf(yield* sql`select from tags_vn where uid = 'u5000000'`, 1)
      }))

    it.effect("NV-7 accounts here come first: nobody of a dump takes their place, their votes or their name", () =>
      Effect.gen(function*() {
        yield* reset
        const sql = yield* SqlClient.SqlClient
        const [voter = "", namesake = ""] = Torture.ids.voters
        const folder = yield* Effect.promise(() => dump())
        const nameOf = (id: string) =>
          CopyText.decodeRow(linesOf(folder, "users").find((line) => line.startsWith(`${id}\t`)) ?? "").at(-1) ?? ""
        yield* sql`delete from accounts`
        yield* sql`insert into users (id, ign_votes, perm_imgvote, perm_tag, perm_lengthvote, username)
          values (${voter}, false, true, true, true, ${nameOf(namesake).toUpperCase()})`
        yield* sql`insert into accounts (name, uid, created_at) values ('here', ${voter}, now())`
        const report = yield* run(folder)
        yield* sql`delete from accounts`
        const rejected = rejectedOf(report)
        assert.strictEqual(rejected["users: belongs to an account here"], 1)
        assert.isAbove(rejected["ulist_vns: uid refers to nothing in users"] ?? 0, 0)
        assert.isEmpty(yield* sql`select from ulist_vns where uid = ${voter}`)
        assert.deepStrictEqual(
          yield* sql`select id, username from users where id in (${voter}, ${namesake}) order by id`,
          [{ id: voter, username: nameOf(namesake).toUpperCase() }, { id: namesake, username: null }]
        )
      }))

    it.effect("NV-7 a link that has another number here keeps it, and what refers to it follows", () =>
      Effect.gen(function*() {
        yield* reset
        const sql = yield* SqlClient.SqlClient
        const folder = yield* Effect.promise(() => dump())
        yield* run(folder)
        const urls = sql<
          { id: string }
        >`select x.id, l.site, l.value from vn_extlinks x join extlinks l on l.id = x.link
          union all select x.id, l.site, l.value from releases_extlinks x join extlinks l on l.id = x.link order by 1, 2, 3`
        const expected = yield* urls
        const [first, second] = yield* sql<{ id: number; site: string; value: string }>`
          select id, site, value from extlinks where id in (select link from releases_extlinks) order by id limit 2`
        yield* reset
        // One link of the dump is here under a number of our own, and a number of the dump is taken.
        yield* sql`insert into extlinks (id, site, value) values (900000, ${first?.site ?? ""}, ${first?.value ?? ""}),
          (${second?.id ?? 0}, 'website', 'https://example.org/ours')`
        yield* run(folder)
        assert.deepStrictEqual(yield* urls, expected)
        const before = yield* writes
        yield* run(folder)
        assert.deepStrictEqual(yield* writes, before)
      }))

    it.effect("NV-7 without lists the dump's figures are kept, with lists they are counted; personal data go when not asked for", () =>
      Effect.gen(function*() {
        yield* reset
        const folder = yield* Effect.promise(() => dump())
        const sql = yield* SqlClient.SqlClient
        const figures = sql`select id, votecount, rating, average from vn_stats order by id`
        const held =
          sql`select (select count(*)::int from vn_dumped) as dumped, (select count(*)::int from ulist_vns) as listed,
          (select count(*)::int from rlists) + (select count(*)::int from ulist_labels) as others`
        yield* run(folder, { userLists: false, derive: true })
        const [without] = yield* held
        assert.deepInclude(without, { listed: 0, others: 0 })
        const counted = yield* figures
        yield* run(folder, { derive: true })
        const [lists] = yield* held
        assert.deepInclude(lists, { dumped: 0 })
        assert.deepStrictEqual(
          (yield* figures).map((row) => (row as { votecount: number }).votecount),
          counted.map((row) => (row as { votecount: number }).votecount)
        )
        yield* run(folder, { userLists: false, derive: true })
        assert.deepStrictEqual((yield* held)[0], without)
        assert.deepStrictEqual(yield* figures, counted)
      }))
  })
})
