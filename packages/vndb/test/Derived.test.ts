import { assert, describe, layer } from "@effect/vitest"
import { EmbeddedBus } from "@kanau/messaging"
import { PgInbox, PgViewStore } from "@kanau/postgres"
import { Refresh, ViewStore } from "@kanau/views"
import { Effect, Layer, Random, Ref } from "effect"
import { DeriveService, Views } from "../src/index.ts"
import { databases, reset } from "./databases.ts"
import * as World from "./world.ts"

const fromScratch = Effect.andThen(
  World.forget,
  Effect.forEach(DeriveService.everything, ({ run }) => run, { discard: true })
)

const textOf = (document: ViewStore.ViewDocument | undefined) => Buffer.from(document?.bytes ?? "").toString()

/** Every page that is kept equals the page as it would be derived now, and there are no others. */
const pagesAreCurrent = Effect.gen(function*() {
  const store = yield* ViewStore.ViewStore
  let pages = 0
  for (const view of Views.views) {
    const ids = yield* view.keys(undefined, 10_000)
    const held = new Map((yield* store.read(view.name, ids)).map((document) => [document.id, document]))
    const derived = yield* Refresh.derive(view, ids)
    for (const document of derived) {
      const kept = held.get(document.id)
      assert.deepStrictEqual(
        [textOf(kept), kept?.fields],
        [textOf(document), document.fields],
        `${view.name} ${document.id}`
      )
    }
    const shown = derived.filter(({ deleted }) => !deleted).length
    assert.strictEqual(yield* store.count(view.name), shown, `pages of ${view.name}`)
    pages += ids.length
  }
  return pages
})

const needs = Layer.mergeAll(PgInbox.layer, PgViewStore.layer, EmbeddedBus.layer({ file: ":memory:" }))

for (const database of databases) {
  describe(`Derived data on ${database.name}`, () => {
    layer(Layer.provideMerge(needs, database.layer), { timeout: "120 seconds", excludeTestServices: true })((it) => {
      for (const seed of ["one", "two"]) {
        it.effect(
          `NV-4 NB-9 after any history, what events derived equals what is derived from scratch, and so do all pages (${seed})`,
          () =>
            Effect.gen(function*() {
              yield* reset
              const seen = yield* Ref.make(0)
              const world = yield* World.make
              let rows = 0
              let pages = 0
              for (let round = 0; round < 50; round++) {
                for (let at = 0; at < 3; at++) yield* World.step(world)
                yield* World.settle(seen)
                pages += yield* pagesAreCurrent
                if (round % 10 < 9) continue
                const incremental = yield* World.derivedRows
                yield* fromScratch
                const fresh = yield* World.derivedRows
                for (const [at, [table, expected]] of fresh.entries()) {
                  assert.deepStrictEqual(incremental[at]?.[1], expected, `${table} in round ${round}`)
                  rows += expected.length
                }
              }
              assert.isAbove(rows, 150)
              assert.isAbove(pages, 100)
            }).pipe(Random.withSeed(seed)),
          90_000
        )
      }
    })
  })
}
