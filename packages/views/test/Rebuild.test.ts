import { assert, describe, it } from "@effect/vitest"
import { Envelope } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { CausalRead, Changes, Diff, Generations, Rebuild, Refresh, ViewStore } from "@kanau/views"
import { Effect, Exit, Fiber, Random } from "effect"
import { inHurry, manager, type Note, Truth, viewOf, world } from "./fixture.ts"

const fill = (truth: Truth, notes: number) => {
  for (let note = 0; note < notes; note++) truth.edit(`n${note}`)
}

/** Every document of the generation that is shown, and what it should be. */
const compare = (truth: Truth) =>
  Effect.gen(function*() {
    const report = yield* Diff.run(viewOf(truth))
    assert.deepStrictEqual(report, { compared: truth.notes.size, added: 0, removed: 0, changed: 0, differences: [] })
  })

const collectionOf = Effect.map(Generations.read("note"), ({ live }) => Generations.collection("note", live))

describe("Rebuild", () => {
  for (const notes of [0, 1, 2, 7]) {
    it.live(`NV-5 rebuild on ${notes} documents, interrupted wherever it can be, ends equal to the truth (Axon #970)`, () =>
      Effect.gen(function*() {
        const truth = new Truth()
        const view = viewOf(truth)
        fill(truth, notes)
        yield* manager(view)
        // Each time it gets a little further, until it gets through.
        for (let steps = 1;; steps++) {
          const rebuild = yield* Effect.forkChild(Rebuild.run(view, { pageSize: 2 }))
          for (let turn = 0; turn < steps; turn++) yield* Effect.yieldNow
          if (steps > 60) {
            const { documents, generation } = yield* Fiber.join(rebuild)
            assert.strictEqual(documents, notes)
            assert.strictEqual((yield* Generations.read("note")).live, generation)
            break
          }
          yield* Fiber.interrupt(rebuild)
        }
        yield* compare(truth)
      }).pipe(inHurry, Effect.scoped, Effect.provide(world)))
  }

  for (let seed = 0; seed < 8; seed++) {
    it.live(
      `NV-2 NV-5 rebuilt twice amid edits, with two managers, interrupted and gone on with: equal in the end, and nobody saw a document go back (seed ${seed})`,
      () =>
        Effect.gen(function*() {
          const truth = new Truth()
          const view = viewOf(truth, 8)
          const store = yield* ViewStore.ViewStore
          const bus = yield* Bus.Bus
          fill(truth, 40)
          yield* manager(view)
          yield* manager(view)
          const ids = [...truth.notes.keys()]
          yield* Refresh.documents(view, ids)

          const published: Array<string> = []
          const publish = (event: object) =>
            Effect.flatMap(Envelope.make(event, { source: "/test" }), (envelope) => {
              published.push(String(truth.version))
              return bus.publish({ ...envelope, position: String(truth.version) })
            })
          const editor = Effect.forever(Effect.gen(function*() {
            const id = ids[yield* Random.nextIntBetween(0, ids.length - 1)] ?? ""
            if (!truth.notes.has(id)) return yield* Effect.yieldNow
            const dice = yield* Random.nextIntBetween(0, 100)
            yield* publish(dice === 0 ? truth.remove(id) : dice < 60 ? truth.edit(id) : truth.like(id))
            yield* Effect.sleep("60 millis")
          }))

          const seen = new Map<string, Note>()
          const watched = yield* Generations.watch({ onSwitch: () => {} })
          const reader = Effect.forever(Effect.gen(function*() {
            for (const document of yield* store.getMany(yield* watched.collection("note"), ids)) {
              const note: Note = document.deleted
                ? { title: Infinity, likes: Infinity }
                : JSON.parse(new TextDecoder().decode(document.bytes))
              const before = seen.get(document.id)
              if (before !== undefined && (note.title < before.title || note.likes < before.likes)) {
                assert.fail(`${document.id} went from ${JSON.stringify(before)} to ${JSON.stringify(note)}`)
              }
              seen.set(document.id, note)
            }
            yield* Effect.yieldNow
          }))

          const rebuilds = Effect.gen(function*() {
            for (let round = 0; round < 2; round++) {
              for (let cut = 0; cut < 2; cut++) {
                const rebuild = yield* Effect.forkChild(Rebuild.run(view, { pageSize: 5, pages: 2 }))
                yield* Effect.sleep(yield* Random.nextIntBetween(0, 300))
                yield* Fiber.interrupt(rebuild)
              }
              yield* Rebuild.run(view, { pageSize: 5, sample: 0 })
            }
          })
          const reading = yield* Effect.forkChild(reader)
          yield* Effect.raceFirst(editor, rebuilds)
          assert.isTrue(yield* CausalRead.whenCaughtUp(published, "2 minutes"))
          const torn = reading.pollUnsafe()
          if (torn !== undefined) yield* torn
          assert.isAbove(published.length, 20)
          yield* Fiber.interrupt(reading)
          yield* compare(truth)
        }).pipe(Random.withSeed(`rebuild ${seed}`), inHurry, Effect.scoped, Effect.provide(world)),
      15_000
    )
  }

  it.live("NV-5 what is shown before the switch stays current, and is shown again by a rollback", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      fill(truth, 3)
      yield* manager(view)
      yield* Refresh.documents(view, ["n0", "n1", "n2"])
      yield* Rebuild.run(view)
      assert.strictEqual(yield* collectionOf, "note__2")
      truth.edit("n1")
      yield* Refresh.documents(view, ["n1"])
      yield* Rebuild.rollback(view)
      assert.strictEqual(yield* collectionOf, "note")
      yield* compare(truth)
      yield* Rebuild.rollback(view)
      assert.strictEqual(yield* collectionOf, "note__2")
      yield* compare(truth)
    }).pipe(inHurry, Effect.scoped, Effect.provide(world)))

  it.live("NV-5 a rebuild that does not equal the truth is not shown, and says why", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      fill(truth, 3)
      // A manager that runs other code.
      const view = viewOf(truth)
      yield* manager({
        ...view,
        derive: (ids) =>
          Effect.map(view.derive(ids), (all) => all.map((one) => ({ ...one, json: one.json && `{"id" : "other"}` })))
      })
      const refused = yield* Effect.flip(Rebuild.run(view))
      assert.include(refused.message, "3 of 3 documents are not as they are derived now: n0, n1, n2")
      assert.strictEqual(yield* collectionOf, "note")
      assert.isTrue(yield* Rebuild.abandon(view))
      assert.isFalse(yield* Rebuild.abandon(view))
      assert.deepStrictEqual(yield* (yield* ViewStore.ViewStore).records.list("rebuild/"), [])
    }).pipe(inHurry, Effect.scoped, Effect.provide(world)))

  it.live("without a view-manager it says so, and goes on when there is one", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      fill(truth, 3)
      const bus = yield* Bus.Bus
      assert.strictEqual((yield* Effect.flip(Rebuild.run(view)))._tag, "Unroutable")
      yield* bus.declare(Rebuild.consumer("manager", [view]).queue)
      const alone = yield* Effect.flip(Rebuild.run(view, { patience: "2 seconds" }))
      assert.include(alone.message, "start a view-manager")
      yield* manager(view)
      const { generation } = yield* Rebuild.run(view)
      assert.strictEqual(generation, 2)
      yield* compare(truth)
    }).pipe(inHurry, Effect.scoped, Effect.provide(world)))

  it.live("a page that is lost on the way is handed out again; progress counts documents", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      fill(truth, 5)
      const bus = yield* Bus.Bus
      yield* Refresh.documents(view, [...truth.notes.keys()])
      yield* manager(view)
      let lost = 0
      const lossy: Bus.BusService = {
        ...bus,
        publish: (envelope) => lost++ < 2 ? Effect.void : bus.publish(envelope)
      }
      const told: Array<Rebuild.Progress> = []
      const rebuilt = yield* Effect.provideService(
        Rebuild.run(view, {
          pageSize: 2,
          handOutAgainAfter: "1 second",
          onProgress: (progress) => Effect.sync(() => void told.push(progress))
        }),
        Bus.Bus,
        lossy
      )
      assert.deepStrictEqual(rebuilt, { generation: 2, documents: 5, compared: 5 })
      assert.deepStrictEqual(told.at(-1), { done: 5, total: 5 })
      assert.isTrue(told.every(({ done, total }, at) => done <= total && done >= (told[at - 1]?.done ?? 0)))
    }).pipe(inHurry, Effect.scoped, Effect.provide(world)))

  it.live("nobody is told of documents of a generation that is not shown", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      fill(truth, 5)
      yield* manager(view)
      let told = 0
      yield* (yield* Bus.Bus).listen(Changes.channel, { onMessage: () => void told++, onGap: () => {} })
      yield* Rebuild.run(view)
      assert.strictEqual(told, 0)
    }).pipe(inHurry, Effect.scoped, Effect.provide(world)))
})

describe("Generations", () => {
  it.live("NV-2 what readers move to is written before what they come from", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      truth.edit("a")
      const from = yield* Generations.read("note")
      yield* Generations.change("note", from, { ...from, live: 2, previous: 1, building: 3, last: 3 })
      const store = yield* ViewStore.ViewStore
      const written: Array<string> = []
      const noting: ViewStore.ViewStoreService = {
        ...store,
        replaceIfNewer: (collection, documents) => {
          written.push(collection)
          return store.replaceIfNewer(collection, documents)
        }
      }
      yield* Effect.provideService(Refresh.documents(viewOf(truth), ["a"]), ViewStore.ViewStore, noting)
      assert.deepStrictEqual(written, ["note__3", "note__2", "note"])
    }).pipe(Effect.provide(world)))

  it.live("a reader follows within a second, and looks before it reads when it has not been able to for long", () =>
    Effect.gen(function*() {
      const switched: Array<string> = []
      const watched = yield* Generations.watch({ onSwitch: (view) => void switched.push(view) })
      assert.strictEqual(yield* watched.collection("note"), "note")
      const from = yield* Generations.read("note")
      yield* Generations.change("note", from, { ...from, live: 2, last: 2 })
      yield* Effect.sleep("1100 millis")
      assert.strictEqual(yield* watched.collection("note"), "note__2")
      assert.deepStrictEqual(switched, ["note"])
    }).pipe(inHurry, Effect.scoped, Effect.provide(world)))

  it.live("two who change the record at once: one of them is told", () =>
    Effect.gen(function*() {
      const from = yield* Generations.read("note")
      const change = (live: number) => Effect.exit(Generations.change("note", from, { ...from, live }))
      const [one, other] = yield* Effect.all([change(2), change(3)], { concurrency: 2 })
      assert.isTrue(Exit.isSuccess(one) !== Exit.isSuccess(other))
    }).pipe(inHurry, Effect.provide(world)))
})

describe("Diff", () => {
  it.live("says which documents would change and how, and writes nothing", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      fill(truth, 4)
      const view = viewOf(truth)
      const store = yield* ViewStore.ViewStore
      yield* Refresh.documents(view, ["n0", "n1", "n2"])
      // Shown, and never there.
      const [document] = yield* store.read("note", ["n0"])
      yield* store.replaceIfNewer("note", document === undefined ? [] : [{ ...document, id: "ghost" }])
      const before = yield* store.find("note", { where: [], sort: [], limit: 100 })
      const newCode = {
        ...view,
        derive: (ids: ReadonlyArray<string>) =>
          Effect.map(view.derive(ids), (all) =>
            all.map((one) =>
              one.id === "n1"
                ? { ...one, json: `{"id":"n1","title":1,"likes":0,"new":true}`, fields: { title: 1, likes: 7 } }
                : one
            ))
      }
      const report = yield* Diff.run(newCode)
      assert.deepStrictEqual(report, {
        compared: 5,
        added: 1,
        removed: 1,
        changed: 1,
        differences: [
          { id: "n1", kind: "changed", patch: [{ op: "add", path: "/new", value: true }], fields: ["likes"] },
          { id: "n3", kind: "added", patch: [], fields: [] },
          { id: "ghost", kind: "removed", patch: [], fields: [] }
        ]
      })
      assert.deepStrictEqual(yield* store.find("note", { where: [], sort: [], limit: 100 }), before)
      assert.strictEqual((yield* Diff.run(newCode, { ids: ["n1", "n2"] })).changed, 1)
    }).pipe(inHurry, Effect.provide(world)))
})
