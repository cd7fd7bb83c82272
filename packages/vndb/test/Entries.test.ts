import { assert, describe, layer } from "@effect/vitest"
import { Fault, Principal } from "@kanau/core"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { Wiki } from "../src/index.ts"
import * as Do from "../src/wiki/operations/entries.ts"
import * as Transitions from "../src/wiki/operations/transitions.ts"
import { databases, events, reset } from "./databases.ts"

const { process } = Wiki.service

const tagOf = (fault: unknown) => Fault.isFault(fault) ? fault._tag : "no fault"
const refused = (effect: Effect.Effect<unknown, unknown, unknown>) =>
  Effect.map(Effect.flip(effect as Effect.Effect<unknown, unknown>), tagOf)
const as = (name: string) => Effect.provideService(Principal.Principal, { name })

const vnTitle = (title: string) => ({ lang: "ja", official: true, title, latin: "Garasu" })
const vn = (title = "ガラス") => process(new Do.CreateVn({ olang: "ja", titles: [vnTitle(title)] }))
const release = (vid: string) =>
  process(
    new Do.CreateRelease({
      olang: "en",
      titles: [{ lang: "en", mtl: false, title: "Box", latin: null }],
      vns: [{ vid, rtype: "complete" }],
      released: 20260101
    })
  )

/** Rows that entries refer to and nobody edits here. */
const things = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`insert into images values ('cv1', 256, 400), ('ch1', 256, 300), ('sf1', 800, 600)`
  yield* sql`insert into anime (id) values (5)`
  yield* sql`insert into engines values (1, 'Engine', '')`
  yield* sql`insert into drm values (1, false, true, false, false, false, false, false, false, 'Key', '')`
})

for (const database of databases) {
  describe(`Entries on ${database.name}`, () => {
    layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-12 an entry of every kind comes back as it was written, with all its parts", () =>
        Effect.gen(function*() {
          yield* reset
          yield* things
          const { id: pid } = yield* process(new Do.CreateProducer({ type: "co", lang: "ja", name: "Kobo" }))
          const { id: sid } = yield* process(
            new Do.CreateStaff({
              lang: "ja",
              main: -1,
              prod: pid,
              aliases: [
                { aid: 0, name: "Aoi", latin: null },
                { aid: -1, name: "Akane", latin: null }
              ]
            })
          )
          const staff = yield* process(new Do.FindStaff({ id: sid }))
          const [first] = staff.aliases
          assert.strictEqual(staff.aliases.find(({ aid }) => aid === staff.main)?.name, "Akane")
          const { id: gid } = yield* process(new Do.CreateTag({ name: "Garden", cat: "cont" }))
          const child = yield* process(
            new Do.CreateTag({ name: "Greenhouse", cat: "cont", parents: [{ parent: gid, main: true }] })
          )
          const { id: tid } = yield* process(new Do.CreateTrait({ name: "Hair" }))
          const { id: vid } = yield* vn()
          const { id: rid } = yield* release(vid)
          const { id: cid } = yield* process(
            new Do.CreateCharacter({
              names: [{ lang: "ja", name: "花", latin: "Hana" }],
              image: "ch1",
              birthday: 229,
              weight: 0,
              traits: [{ tid, spoil: 1, lie: false }],
              aliases: [{ name: "H", latin: null, spoil: 2 }],
              vns: [{ vid, rid, role: "main", spoil: 0 }, { vid, rid: null, role: "side", spoil: 1 }]
            })
          )
          const edition = { eid: 0, lang: "en", official: false, name: "Fan" }
          const more = {
            anime: [{ aid: 5 }],
            editions: [edition],
            extlinks: [{ site: "steam", value: "1" }, { site: "wikidata", value: "7" }],
            screenshots: [{ scr: "sf1", rid }],
            staff: [{ aid: first?.aid ?? 0, role: "art", eid: 0, note: "" }],
            seiyuu: [{ cid, aid: staff.main, note: "as a child" }]
          }
          yield* process(new Do.EditVn({ id: vid, ...more }))
          assert.deepInclude(yield* process(new Do.FindVn({ id: vid })), { ...more, revision: 2 })
          const parts = {
            gtin: 4_901_234_567_894,
            engine: 1,
            ani_story_sp: 260,
            uncensored: null,
            producers: [{ pid, developer: true, publisher: false }],
            platforms: [{ platform: "lin" }, { platform: "win" }],
            media: [{ medium: "cd", qty: 1 }, { medium: "cd", qty: 2 }, { medium: "in", qty: 0 }],
            images: [{ img: "cv1", vid, itype: "dig", lang: ["en"] }],
            drm: [{ drm: 1, notes: "" }],
            extlinks: [{ site: "steam", value: "1" }]
          }
          yield* process(new Do.EditRelease({ id: rid, ...parts }))
          assert.deepInclude(yield* process(new Do.FindRelease({ id: rid })), parts)
          const character = yield* process(new Do.FindCharacter({ id: cid }))
          assert.deepInclude(character, { birthday: 229, weight: 0, image: "ch1" })
          assert.deepStrictEqual(character.vns.map(({ rid }) => rid), [rid, null])
          assert.deepStrictEqual((yield* process(new Do.FindTag({ id: child.id }))).parents, [{
            parent: gid,
            main: true
          }])
          const { id: qid } = yield* process(new Do.CreateQuote({ vid, cid, quote: "Glass remembers." }))
          assert.deepInclude(yield* process(new Do.FindQuote({ id: qid })), { vid, cid, quote: "Glass remembers." })
          const { id: did } = yield* process(new Do.CreateDoc({ title: "Rules", content: "[b]Be kind.[/b]" }))
          assert.deepInclude(yield* process(new Do.FindDoc({ id: did })), {
            title: "Rules",
            content: "[b]Be kind.[/b]"
          })
        }))

      it.effect("NV-12 what breaks a rule or refers to what is not there is refused by name", () =>
        Effect.gen(function*() {
          yield* reset
          const { id: vid } = yield* vn()
          const { id: rid } = yield* release(vid)
          const { id: gid } = yield* process(new Do.CreateTag({ name: "A", cat: "cont" }))
          const { id: below } = yield* process(
            new Do.CreateTag({ name: "B", cat: "cont", parents: [{ parent: gid, main: true }] })
          )
          const { id: sid } = yield* process(
            new Do.CreateStaff({ lang: "ja", main: 0, aliases: [{ aid: 0, name: "Aoi", latin: null }] })
          )
          const { main } = yield* process(new Do.FindStaff({ id: sid }))
          yield* process(new Do.EditVn({ id: vid, staff: [{ aid: main, role: "art", eid: null, note: "" }] }))
          const before = yield* events
          const cases = [
            new Do.EditVn({ id: vid, relations: [{ vid, relation: "seq", official: true }] }),
            new Do.EditVn({ id: vid, relations: [{ vid: "v999", relation: "seq", official: true }] }),
            new Do.EditVn({ id: vid, staff: [{ aid: main, role: "art", eid: 3, note: "" }] }),
            new Do.EditVn({ id: vid, staff: [{ aid: 4711, role: "art", eid: null, note: "" }] }),
            new Do.EditVn({ id: vid, anime: [{ aid: 1 }] }),
            new Do.EditRelease({ id: rid, vns: [] }),
            new Do.EditRelease({ id: rid, engine: 9 }),
            new Do.EditRelease({ id: rid, images: [{ img: "cv1", vid: null, itype: "dig", lang: null }] }),
            new Do.EditRelease({ id: rid, supersedes: [{ rid }] }),
            new Do.EditRelease({ id: rid, media: [{ medium: "in", qty: 1 }] }),
            new Do.EditTag({ id: gid, parents: [{ parent: below, main: true }] }),
            new Do.EditTag({ id: below, parents: [{ parent: gid, main: false }] }),
            new Do.EditStaff({ id: sid, main: 0, aliases: [{ aid: 0, name: "New", latin: null }] }),
            new Do.EditStaff({ id: sid, main: 12_345, aliases: [{ aid: 12_345, name: "Not mine", latin: null }] }),
            new Do.EditStaff({ id: sid, main: 12_345 })
          ]
          for (const input of cases) {
            assert.strictEqual(yield* refused(process(input)), "InconsistentEntry", JSON.stringify(input))
          }
          assert.deepStrictEqual(yield* events, before)
        }))

      it.effect("NV-12 a relation is written at both ends, each with a revision and an event of its own", () =>
        Effect.gen(function*() {
          yield* reset
          const [a, b] = [yield* vn("一"), yield* vn("二")]
          const relations = (id: string) => Effect.map(process(new Do.FindVn({ id })), (found) => found.relations)
          yield* process(new Do.EditVn({ id: a.id, relations: [{ vid: b.id, relation: "seq", official: true }] }))
          assert.deepStrictEqual(yield* relations(b.id), [{ vid: a.id, relation: "preq", official: true }])
          yield* process(new Do.EditVn({ id: b.id, relations: [{ vid: a.id, relation: "fan", official: false }] }))
          assert.deepStrictEqual(yield* relations(a.id), [{ vid: b.id, relation: "orig", official: false }])
          yield* process(new Do.EditVn({ id: a.id, relations: [] }))
          assert.deepStrictEqual(yield* relations(b.id), [])
          assert.deepStrictEqual(
            (yield* events).slice(2).map(({ data, subject, type }) => [type, subject, data["revision"]]),
            [
              ["vndb.vn.edited", a.id, 2],
              ["vndb.vn.edited", b.id, 2],
              ["vndb.vn.edited", b.id, 3],
              ["vndb.vn.edited", a.id, 3],
              ["vndb.vn.edited", a.id, 4],
              ["vndb.vn.edited", b.id, 4]
            ]
          )
        }))

      it.effect(
        "NV-12 both ends of a relation changed at once: each is written or told of the conflict, and both agree",
        () =>
          Effect.gen(function*() {
            yield* reset
            const [a, b] = [yield* vn("一"), yield* vn("二")]
            const relations = (id: string) => Effect.map(process(new Do.FindVn({ id })), (found) => found.relations)
            const edit = (id: string, other: string, relation: "seq" | "fan" | "alt") =>
              Effect.result(
                process(new Do.EditVn({ id, relations: [{ vid: other, relation, official: true }] }))
              )
            let written = 0
            for (
              const [ofA, ofB, back] of [["seq", "fan", "orig"], ["alt", "seq", "preq"], ["fan", "alt", "alt"]] as const
            ) {
              const answers = yield* Effect.all([edit(a.id, b.id, ofA), edit(b.id, a.id, ofB)], { concurrency: 2 })
              for (const answer of answers) {
                if (Result.isSuccess(answer)) written++
                else assert.strictEqual(answer.failure.kind, "conflict")
              }
              const reverse = { seq: "preq", fan: "orig", alt: "alt" }
              const [atA, atB] = [yield* relations(a.id), yield* relations(b.id)]
              const said = `${atA[0]?.relation} ${atB[0]?.relation}`
              assert.include([`${ofA} ${reverse[ofA]}`, `${back} ${ofB}`], said)
              assert.deepStrictEqual([atA.length, atB.length, atA[0]?.vid, atB[0]?.vid], [1, 1, b.id, a.id])
            }
            assert.isAtLeast(written, 3, "one of two is written each time")
          }),
        60_000
      )

      it.effect("NV-12 every revision is kept, with who made it; two can be compared, and each can be gone back to", () =>
        Effect.gen(function*() {
          yield* reset
          const { id } = yield* vn().pipe(as("ada"))
          yield* process(new Do.EditVn({ id, alias: "GG", summary: "short name" })).pipe(as("bob"))
          yield* process(new Transitions.HideEntry({ id })).pipe(as("bob"))
          yield* process(new Do.EditVn({ id, titles: [vnTitle("硝子")] })).pipe(as("ada"))
          const diff = yield* process(new Transitions.DiffRevisions({ id, from: 1, to: 4 }))
          assert.deepStrictEqual(diff.patch.map(({ op, path }) => [op, path]).toSorted(), [
            ["replace", "/alias"],
            ["replace", "/titles/0/title"]
          ])
          const reverted = yield* process(new Transitions.RevertEntry({ id, revision: 1 })).pipe(as("bob"))
          assert.strictEqual(reverted.revision, 5)
          const now = yield* process(new Do.FindVn({ id }))
          assert.deepInclude(now, { alias: "", titles: [vnTitle("ガラス")], hidden: true })
          const first = yield* process(new Transitions.ListRevisions({ id, limit: 3 }))
          assert.isTrue(first.more)
          const rest = yield* process(new Transitions.ListRevisions({ id, below: 3 }))
          assert.deepStrictEqual(
            [...first.revisions, ...rest.revisions].map((
              { action, by, revision, summary }
            ) => [revision, action, by, summary]),
            [
              [5, "reverted", "bob", "to revision 1"],
              [4, "edited", "ada", ""],
              [3, "hidden", "bob", ""],
              [2, "edited", "bob", "short name"],
              [1, "created", "ada", ""]
            ]
          )
          const old = yield* process(new Transitions.FindRevision({ id, revision: 2 }))
          assert.deepInclude(old.content, { alias: "GG" })
          assert.strictEqual(
            yield* refused(process(new Transitions.FindRevision({ id, revision: 6 }))),
            "RevisionNotFound"
          )
          assert.strictEqual(
            yield* refused(process(new Transitions.RevertEntry({ id, revision: 9 }))),
            "RevisionNotFound"
          )
        }))

      it.effect("NV-12 of an entry that was imported, the revision before its first edit here is kept too", () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          const { id } = yield* vn()
          yield* sql`delete from entry_revisions`
          yield* sql`update entry_meta set revision = 17`
          yield* process(new Do.EditVn({ id, alias: "GG" }))
          const diff = yield* process(new Transitions.DiffRevisions({ id, from: 17, to: 18 }))
          assert.deepStrictEqual(diff.patch, [{ op: "replace", path: "/alias", value: "GG" }])
        }))

      it.effect("NV-12 a locked entry takes no edits until it is unlocked", () =>
        Effect.gen(function*() {
          yield* reset
          const { id } = yield* vn()
          yield* process(new Transitions.LockEntry({ id }))
          for (
            const input of [
              new Do.EditVn({ id, alias: "x" }),
              new Transitions.RevertEntry({ id, revision: 1 }),
              new Transitions.DeleteEntry({ id })
            ]
          ) assert.strictEqual(yield* refused(process(input)), "EntryLocked")
          yield* process(new Transitions.UnlockEntry({ id }))
          yield* process(new Do.EditVn({ id, alias: "x" }))
        }))

      it.effect("NB-6 deleting sets who and when together; the database refuses one alone, in every table", () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          const tables = yield* sql<{ name: string }>`select table_name as name from information_schema.columns
            where column_name = 'deleted_at' and table_schema = 'public' and table_name not like 'active_%'`
          assert.deepStrictEqual(tables.map(({ name }) => name).toSorted(), [
            "chars",
            "docs",
            "producers",
            "quotes",
            "releases",
            "staff",
            "tags",
            "traits",
            "users",
            "vn"
          ])
          const checks = yield* sql<
            { name: string }
          >`select distinct conrelid::regclass::text as name from pg_constraint
            where contype = 'c' and pg_get_constraintdef(oid) like '%deleted_at IS NULL%deleted_by IS NULL%'`
          assert.sameMembers(checks.map(({ name }) => name), tables.map(({ name }) => name))
          const { id } = yield* vn()
          for (const column of ["deleted_at = now()", "deleted_by = 'ada'"]) {
            const failed = yield* Effect.exit(sql.unsafe(`update vn set ${column} where id = $1`, [id]))
            assert.strictEqual(failed._tag, "Failure", column)
          }
        }))

      it.effect("NB-7 deleting and restoring are one event each, and once more is none", () =>
        Effect.gen(function*() {
          yield* reset
          const { id } = yield* vn()
          const types = Effect.map(events, (all) => all.slice(1).map(({ type }) => type))
          yield* process(new Transitions.DeleteEntry({ id }))
          assert.strictEqual(yield* refused(process(new Transitions.DeleteEntry({ id }))), "EntryNotFound")
          assert.deepStrictEqual(yield* types, ["vndb.vn.deleted"])
          yield* process(new Transitions.RestoreEntry({ id }))
          assert.strictEqual(yield* refused(process(new Transitions.RestoreEntry({ id }))), "EntryNotFound")
          assert.deepStrictEqual(yield* types, ["vndb.vn.deleted", "vndb.vn.restored"])
          yield* process(new Do.EditVn({ id, alias: "back" }))
        }))

      it.effect("NB-8 active views show neither what is deleted nor what is hidden; what is referred to cannot be erased", () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          const [a, b, c] = [yield* vn(), yield* vn(), yield* vn()]
          yield* release(a.id)
          yield* process(new Transitions.DeleteEntry({ id: b.id }))
          yield* process(new Transitions.HideEntry({ id: c.id }))
          const active = yield* sql<{ id: string }>`select id from active_vn`
          assert.deepStrictEqual(active.map(({ id }) => id), [a.id])
          const views = yield* sql<{ name: string }>`select table_name as name from information_schema.views
            where table_name like 'active_%'`
          assert.lengthOf(views, 10)
          const erased = yield* Effect.exit(sql`delete from vn where id = ${a.id}`)
          assert.strictEqual(erased._tag, "Failure")
          assert.strictEqual(yield* refused(release(c.id)), "InconsistentEntry")
        }))
    })
  })
}
