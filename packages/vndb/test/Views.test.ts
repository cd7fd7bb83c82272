import { assert, describe, layer } from "@effect/vitest"
import { EmbeddedBus } from "@kanau/messaging"
import { PgViewStore } from "@kanau/postgres"
import { Projection, Refresh, type View, ViewStore } from "@kanau/views"
import { Effect, Fiber, Layer, Option, Random, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Wiki } from "../src/index.ts"
import { VnTagsDerived } from "../src/wiki/derivedEvents.ts"
import { ReleaseEdited, VnDeleted, VnEdited } from "../src/wiki/events.ts"
import { CreateRelease, CreateTag, CreateVn, EditRelease, EditVn } from "../src/wiki/operations/entries.ts"
import { DeleteEntry } from "../src/wiki/operations/transitions.ts"
import { ReleasePage } from "../src/wiki/pages/release.ts"
import { VnPage } from "../src/wiki/pages/vn.ts"
import { ReleaseView, VnView } from "../src/wiki/views/views.ts"
import { databases, reset, server } from "./databases.ts"

const { process } = Wiki.service
const vnTitle = (text: string) => [{ lang: "en", official: true, title: text, latin: null }]
const releaseTitle = (text: string) => [{ lang: "en", mtl: false, title: text, latin: null }]
const makeVn = (text: string) => process(new CreateVn({ olang: "en", titles: vnTitle(text) }))
const makeRelease = (text: string, vns: ReadonlyArray<string>) =>
  process(
    new CreateRelease({
      olang: "en",
      titles: releaseTitle(text),
      vns: vns.map((vid) => ({ vid, rtype: "complete" as const })),
      released: 20260101
    })
  )

const withStores = <A, E, R>(database: Layer.Layer<A, E, R>) =>
  PgViewStore.layer.pipe(Layer.merge(EmbeddedBus.layer({ file: ":memory:" })), Layer.provideMerge(database))

const page = (view: string, id: string) =>
  Effect.flatMap(
    ViewStore.ViewStore,
    (store) =>
      Effect.map(store.get(view, id), (found) =>
        Option.isSome(found) && !found.value.deleted
          ? JSON.parse(new TextDecoder().decode(found.value.bytes)) as Record<string, any>
          : undefined)
  )

const apply = <R>(view: View.View<R>, event: object) => Projection.apply([view], event)

for (const database of databases) {
  describe(`Views on ${database.name}`, () => {
    layer(withStores(database.layer), { timeout: "60 seconds", excludeTestServices: true })(
      (it) => {
        it.effect("NV-2 one edit reaches every document that shows it", () =>
          Effect.gen(function*() {
            yield* reset
            const [a, b] = [yield* makeVn("A"), yield* makeVn("B")]
            const release = yield* makeRelease("Box", [a.id, b.id])
            yield* Refresh.documents(VnView, [a.id, b.id])
            yield* Refresh.documents(ReleaseView, [release.id])
            yield* process(new EditVn({ id: a.id, titles: vnTitle("A2") }))
            const vnEdited = new VnEdited({ id: a.id, revision: 2, touched: [] })
            for (const view of Wiki.views) yield* apply(view, vnEdited)
            assert.strictEqual((yield* page("vn", a.id))?.["title"], "A2")
            assert.deepStrictEqual((yield* page("release", release.id))?.["vns"].map((vn: any) => vn.title), [
              "A2",
              "B"
            ])
            // The release leaves B: both visual novels change.
            yield* process(
              new EditRelease({ id: release.id, titles: releaseTitle("Box 2"), vns: [{ vid: a.id, rtype: "trial" }] })
            )
            const releaseEdited = new ReleaseEdited({ id: release.id, revision: 2, touched: [a.id, b.id] })
            for (const view of Wiki.views) yield* apply(view, releaseEdited)
            assert.deepStrictEqual((yield* page("vn", a.id))?.["releases"].map((r: any) => [r.title, r.rtype]), [[
              "Box 2",
              "trial"
            ]])
            assert.deepStrictEqual((yield* page("vn", b.id))?.["releases"], [])
          }))

        it.effect("NV-2 NV-3 a deleted entry becomes a tombstone and leaves the documents that embed it", () =>
          Effect.gen(function*() {
            yield* reset
            const vn = yield* makeVn("A")
            const release = yield* makeRelease("Box", [vn.id])
            yield* Refresh.documents(VnView, [vn.id])
            yield* process(new DeleteEntry({ id: vn.id }))
            const deleted = new VnDeleted({ id: vn.id, revision: 2, touched: [] })
            for (const view of Wiki.views) yield* apply(view, deleted)
            assert.isUndefined(yield* page("vn", vn.id))
            assert.deepStrictEqual((yield* page("release", release.id))?.["vns"], [])
            const store = yield* ViewStore.ViewStore
            assert.isTrue(Option.getOrThrow(yield* store.get("vn", vn.id)).deleted)
          }))

        it.effect("NV-2 the same event twice gives the same document; an older derivation that comes late changes nothing", () =>
          Effect.gen(function*() {
            yield* reset
            const vn = yield* makeVn("A")
            const old = yield* VnView.derive([vn.id])
            yield* process(new EditVn({ id: vn.id, titles: vnTitle("A2") }))
            const event = new VnEdited({ id: vn.id, revision: 2, touched: [] })
            yield* apply(VnView, event)
            const first = yield* page("vn", vn.id)
            yield* apply(VnView, event)
            assert.deepStrictEqual(yield* page("vn", vn.id), first)
            const late: View.View = {
              ...VnView,
              dependsOn: [{ events: [VnEdited], touches: () => Effect.succeed([vn.id]) }],
              derive: () => Effect.succeed(old),
              keys: () => Effect.succeed([]),
              parts: {}
            }
            yield* apply(late, event)
            assert.strictEqual((yield* page("vn", vn.id))?.["title"], "A2")
          }))

        it.effect("NV-3 a document carries id, revision and time of derivation, and its bytes fit the published schema", () =>
          Effect.gen(function*() {
            yield* reset
            const vn = yield* makeVn("A")
            const release = yield* makeRelease("Box", [vn.id])
            yield* process(new EditVn({ id: vn.id, alias: "one\ntwo\n" }))
            yield* Refresh.documents(VnView, [vn.id])
            yield* Refresh.documents(ReleaseView, [release.id])
            const store = yield* ViewStore.ViewStore
            const document = Option.getOrThrow(yield* store.get("vn", vn.id))
            assert.strictEqual(document.id, vn.id)
            assert.strictEqual(document.revision, 2)
            assert.isAbove(document.derivedAt, 0)
            const strict = { onExcessProperty: "error", errors: "all" } as const
            const shown = Schema.decodeUnknownSync(VnPage, strict)(yield* page("vn", vn.id))
            assert.deepStrictEqual(shown.aliases, ["one", "two"])
            assert.strictEqual(
              Schema.decodeUnknownSync(ReleasePage, strict)(yield* page("release", release.id)).id,
              release.id
            )
          }))

        it.effect("NV-4 pages that were brought up to date part by part equal pages derived as a whole", () =>
          Effect.gen(function*() {
            yield* reset
            const store = yield* ViewStore.ViewStore
            const vns = yield* Effect.forEach(["A", "B"], makeVn)
            const release = yield* makeRelease("Box", vns.map(({ id }) => id))
            const ids = vns.map(({ id }) => id)
            const sql = yield* SqlClient.SqlClient
            const tag = yield* process(new CreateTag({ name: "Garden", cat: "cont" }))
            yield* Refresh.documents(VnView, ids)
            for (let step = 0; step < 30; step++) {
              const id = ids[yield* Random.nextIntBetween(0, 1)] ?? ""
              const kind = yield* Random.nextIntBetween(0, 2)
              if (kind === 0) {
                yield* process(new EditVn({ id, titles: vnTitle(`T${step}`) }))
                yield* apply(VnView, new VnEdited({ id, revision: step, touched: [] }))
              } else if (kind === 1) {
                yield* process(
                  new EditRelease({
                    id: release.id,
                    titles: releaseTitle(`R${step}`),
                    vns: [{ vid: id, rtype: "partial" }]
                  })
                )
                yield* apply(VnView, new ReleaseEdited({ id: release.id, revision: step, touched: ids }))
              } else {
                yield* sql`insert into tags_vn_direct values (${id}, ${tag.id}, ${step / 10}, 0, false)
                  on conflict (vid, tag) do update set rating = excluded.rating`
                yield* apply(VnView, new VnTagsDerived({ id }))
              }
              const full = yield* Refresh.derive(VnView, ids)
              const held = new Map((yield* store.read("vn", ids)).map((document) => [document.id, document]))
              for (const document of full) {
                assert.strictEqual(held.get(document.id)?.etag, document.etag)
                assert.deepStrictEqual(held.get(document.id)?.fields, document.fields)
              }
            }
            const parts = (yield* store.read("vn", ids)).flatMap((document) => Object.keys(document.parts))
            assert.include(parts, "tags")
          }).pipe(Random.withSeed("parts")))
      }
    )
  })
}

describe("Overlapping view-managers", () => {
  layer(withStores(server), { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect(
      "NV-2 no document ever goes back in time, and in the end every view equals a full derivation",
      () =>
        Effect.gen(function*() {
          yield* reset
          const vns = yield* Effect.forEach([1, 2, 3], () => makeVn("0"))
          const release = yield* makeRelease("0", vns.map(({ id }) => id))
          const ids = vns.map(({ id }) => id)
          const store = yield* ViewStore.ViewStore

          // Titles count up, so that a reader can tell old from new in every part of a document.
          const editor = Effect.gen(function*() {
            for (let at = 1; at <= 60; at++) {
              const id = ids[at % ids.length] ?? ""
              yield* at % 3 === 0
                ? process(new EditRelease({ id: release.id, titles: releaseTitle(String(at)) }))
                : process(new EditVn({ id, titles: vnTitle(String(at)) }))
            }
          })

          // Each manager may sit on what it derived while others write.
          const manager = Effect.forever(Effect.gen(function*() {
            const derived = yield* VnView.derive(ids)
            const yields = yield* Random.nextIntBetween(0, 20)
            for (let at = 0; at < yields; at++) yield* Effect.yieldNow
            yield* Refresh.documents({ ...VnView, derive: () => Effect.succeed(derived) }, ids)
          }))

          const seen = new Map<string, { version: bigint; title: number; release: number }>()
          const reader = Effect.forever(Effect.gen(function*() {
            for (const document of yield* store.getMany("vn", ids)) {
              const json = JSON.parse(new TextDecoder().decode(document.bytes)) as {
                title: string
                releases: [{ title: string }]
              }
              const now = {
                version: document.version,
                title: Number(json.title),
                release: Number(json.releases[0].title)
              }
              const before = seen.get(document.id)
              if (before !== undefined) {
                assert.isTrue(now.version >= before.version, "version")
                assert.isAtLeast(now.title, before.title, "title")
                assert.isAtLeast(now.release, before.release, "embedded release")
              }
              seen.set(document.id, now)
            }
          }))

          const background = yield* Effect.forkChild(
            Effect.all([manager, manager, manager, reader], { concurrency: 4 })
          )
          yield* Effect.raceFirst(editor, Fiber.join(background))
          yield* Fiber.interrupt(background)
          assert.strictEqual(seen.size, 3)
          yield* Refresh.documents(VnView, ids)
          yield* Refresh.documents(ReleaseView, [release.id])
          for (const { id, json } of [...yield* VnView.derive(ids), ...yield* ReleaseView.derive([release.id])]) {
            const [document] = yield* store.getMany(id.startsWith("v") ? "vn" : "release", [id])
            assert.deepStrictEqual(JSON.parse(new TextDecoder().decode(document?.bytes)), JSON.parse(json ?? "null"))
          }
        }),
      60_000
    )
  })
})
