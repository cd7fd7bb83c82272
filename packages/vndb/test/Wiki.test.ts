import { assert, describe, layer } from "@effect/vitest"
import { Fault, Principal } from "@kanau/core"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Wiki } from "../src/index.ts"
import { CreateRelease, CreateVn, EditRelease, EditVn, FindVn } from "../src/wiki/operations/entries.ts"
import { DeleteEntry } from "../src/wiki/operations/transitions.ts"
import { databases, events, reset } from "./databases.ts"

const { process } = Wiki.service
const title = (lang: string, text: string) => ({ lang, official: true, title: text, latin: null })
const newVn = (text = "Glass Garden") => process(new CreateVn({ olang: "en", titles: [title("en", text)] }))
const newRelease = (vns: ReadonlyArray<string>) =>
  process(
    new CreateRelease({
      olang: "en",
      titles: [{ lang: "en", mtl: false, title: "Box", latin: null }],
      vns: vns.map((vid) => ({ vid, rtype: "complete" as const })),
      released: 20260101
    })
  )

/** Everything the wiki tables hold, for "nothing was written". */
const contents = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql`select (select json_agg(v order by id) from vn v) as vn, (select json_agg(t order by id, lang) from vn_titles t) as titles,
    (select json_agg(r order by id) from releases r) as releases, (select json_agg(m order by id) from entry_meta m) as meta,
    (select count(*)::int from kanau.events) as events`
)

const tagOf = (fault: unknown) => Fault.isFault(fault) ? fault._tag : "no fault"

for (const database of databases) {
  describe(`Wiki on ${database.name}`, () => {
    layer(database.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-12 every write bumps the entry's revision and appends one event, in one transaction", () =>
        Effect.gen(function*() {
          yield* reset
          const vn = yield* newVn()
          assert.strictEqual(vn.revision, 1)
          const edited = yield* process(new EditVn({ id: vn.id, titles: [title("en", "Glass Gardens")] }))
          assert.strictEqual(edited.revision, 2)
          const release = yield* newRelease([vn.id])
          const other = yield* newVn("Other")
          const moved = yield* process(new EditRelease({ id: release.id, vns: [{ vid: other.id, rtype: "trial" }] }))
          assert.strictEqual(moved.revision, 2)
          assert.strictEqual((yield* process(new DeleteEntry({ id: vn.id }))).revision, 3)
          assert.deepStrictEqual(
            (yield* events).map(({ type, subject, data }) => [type, subject, data["revision"], data["touched"]]),
            [
              ["vndb.vn.created", vn.id, 1, []],
              ["vndb.vn.edited", vn.id, 2, []],
              ["vndb.release.created", release.id, 1, [vn.id]],
              ["vndb.vn.created", other.id, 1, []],
              ["vndb.release.edited", release.id, 2, [vn.id, other.id]],
              ["vndb.vn.deleted", vn.id, 3, []]
            ]
          )
        }))

      it.effect("NV-12 a refused write leaves everything as it was", () =>
        Effect.gen(function*() {
          yield* reset
          const vn = yield* newVn()
          const release = yield* newRelease([vn.id])
          const before = yield* contents
          const refusals = [
            [process(new EditVn({ id: "v9999999", alias: "x" })), "EntryNotFound"],
            [process(new EditVn({ id: vn.id, revision: 7, alias: "x" })), "RevisionConflict"],
            [process(new EditVn({ id: vn.id, olang: "ja" })), "InconsistentEntry"],
            [process(new CreateVn({ olang: "ja", titles: [title("en", "x")] })), "InconsistentEntry"],
            [process(new DeleteEntry({ id: "v9999999" })), "EntryNotFound"],
            [process(new EditRelease({ id: "r9999999", notes: "x" })), "EntryNotFound"],
            [process(new EditRelease({ id: release.id, revision: 7 })), "RevisionConflict"],
            [
              process(new EditRelease({ id: release.id, vns: [{ vid: "v9999999", rtype: "trial" }] })),
              "InconsistentEntry"
            ],
            [newRelease(["v9999999"]), "InconsistentEntry"],
            [
              process(
                new EditRelease({ id: release.id, titles: [{ lang: "en", mtl: false, title: null, latin: null }] })
              ),
              "InconsistentEntry"
            ]
          ] as const
          for (const [refused, tag] of refusals) {
            assert.strictEqual(tagOf(yield* Effect.flip<unknown, unknown, never>(refused as never)), tag)
          }
          assert.deepStrictEqual(yield* contents, before)
        }))

      it.effect("NV-12 concurrent edits of one entry get distinct revisions and lose nothing", () =>
        Effect.gen(function*() {
          yield* reset
          const vn = yield* newVn()
          const saved = yield* Effect.all(
            Array.from({ length: 20 }, (_, at) => process(new EditVn({ id: vn.id, alias: `alias ${at}` }))),
            { concurrency: 8 }
          )
          assert.deepStrictEqual(
            saved.map(({ revision }) => revision).sort((a, b) => a - b),
            Array.from({ length: 20 }, (_, at) => at + 2)
          )
          // Order per key: positions grow with revisions.
          const byRevision = [...saved].sort((a, b) => a.revision - b.revision).map(({ position }) =>
            Number.parseInt(position)
          )
          assert.deepStrictEqual(byRevision, [...byRevision].sort((a, b) => a - b))
        }))

      it.effect("NV-12 what is left out of an edit stays; FindVn shows the truth", () =>
        Effect.gen(function*() {
          yield* reset
          const { id } = yield* newVn()
          yield* process(new EditVn({ id, revision: 1, description: "About glass.", length: 3 }))
          yield* process(new EditVn({ id, alias: "GG" }))
          assert.deepStrictEqual(yield* process(new FindVn({ id })), {
            id,
            revision: 3,
            olang: "en",
            length: 3,
            devstatus: 0,
            alias: "GG",
            description: "About glass.",
            hidden: false,
            locked: false,
            titles: [title("en", "Glass Garden")],
            relations: [],
            anime: [],
            editions: [],
            extlinks: [],
            screenshots: [],
            staff: [],
            seiyuu: []
          })
        }))

      it.effect("NV-12 deleting records who did it, once; the entry is gone for everyone", () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* SqlClient.SqlClient
          const { id } = yield* newVn()
          yield* Effect.provideService(process(new DeleteEntry({ id })), Principal.Principal, { name: "ada" })
          const [row] = yield* sql<{ deleted_by: string; deleted_at: Date }>`select deleted_by, deleted_at from vn`
          assert.strictEqual(row?.deleted_by, "ada")
          assert.instanceOf(row?.deleted_at, Date)
          for (
            const again of [process(new DeleteEntry({ id })), process(new FindVn({ id })), process(new EditVn({ id }))]
          ) {
            assert.strictEqual(tagOf(yield* Effect.flip<unknown, unknown, never>(again as never)), "EntryNotFound")
          }
        }))
    })
  })
}
