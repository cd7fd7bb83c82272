import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { Changes, Projection, Refresh, View, ViewStore } from "@kanau/views"
import { Effect, Fiber, Random } from "effect"
import { expected, NoteLiked, shown, Truth, viewOf, world } from "./fixture.ts"

const ids = ["a", "b", "c"]

describe("Parts", () => {
  for (let seed = 0; seed < 40; seed++) {
    it.live(`NV-4 whole and partial derivations, late and overlapping, end equal to a full one and never go back (seed ${seed})`, () =>
      Effect.gen(function*() {
        const truth = new Truth()
        const view = viewOf(truth, 12)
        const store = yield* ViewStore.ViewStore
        const last = new Map<string, { version: bigint; title: number; likes: number }>()
        const look = Effect.gen(function*() {
          for (const id of ids) {
            const [document] = yield* store.read("note", [id])
            if (document === undefined) continue
            const note = yield* shown(id)
            const now = { version: document.version, title: note?.title ?? Infinity, likes: note?.likes ?? Infinity }
            const before = last.get(id)
            if (before !== undefined && note !== undefined && before.title !== Infinity) {
              assert.isTrue(now.version >= before.version, "version")
              assert.isAtLeast(now.title, before.title)
              assert.isAtLeast(now.likes, before.likes)
              assert.deepStrictEqual(note.fields, { title: note.title, likes: note.likes })
            }
            last.set(id, now)
          }
        })
        const reader = yield* Effect.forkChild(Effect.forever(Effect.andThen(look, Effect.yieldNow)))
        const refreshing = []
        for (let step = 0; step < 120; step++) {
          const id = ids[yield* Random.nextIntBetween(0, ids.length - 1)] ?? "a"
          const dice = yield* Random.nextIntBetween(0, 20)
          // An entity that is gone does not come back, as identifiers do not.
          if (truth.version > 0n && last.get(id)?.title === Infinity && !truth.notes.has(id)) continue
          const event = dice < 8 ? truth.edit(id) : truth.like(id)
          // Past the gathering, as another process would.
          refreshing.push(yield* Effect.forkChild(Projection.apply([view], event)))
          if (dice === 19) refreshing.push(yield* Effect.forkChild(Refresh.documents(view, ids)))
          for (let turn = yield* Random.nextIntBetween(0, 8); turn > 0; turn--) yield* Effect.yieldNow
        }
        for (const fiber of refreshing) yield* Fiber.join(fiber)
        yield* look
        yield* Fiber.interrupt(reader)
        for (const id of ids) assert.deepStrictEqual(yield* shown(id), expected(truth, id))
        for (const id of ids) {
          const [held] = yield* store.read("note", [id])
          const [full] = yield* Refresh.derive(view, [id])
          assert.strictEqual(held?.etag, full?.etag)
        }
      }).pipe(Random.withSeed(`parts ${seed}`), Effect.provide(world)))
  }

  it.live("NV-4 an event of a part derives that part alone", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      yield* Projection.apply([view], truth.edit("a"))
      assert.strictEqual(truth.derivations, 1)
      yield* Projection.apply([view], truth.like("a"))
      assert.strictEqual(truth.derivations, 1)
      assert.deepStrictEqual(yield* shown("a"), expected(truth, "a"))
    }).pipe(Effect.provide(world)))

  it.live("NV-4 a part of a document that is not there makes the whole document", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      truth.edit("a")
      yield* Projection.apply([viewOf(truth)], truth.like("a"))
      assert.deepStrictEqual(yield* shown("a"), expected(truth, "a"))
    }).pipe(Effect.provide(world)))

  it.live("NV-4 a whole that is older than a part that is shown keeps the part and brings the rest", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      const store = yield* ViewStore.ViewStore
      yield* Projection.apply([view], truth.edit("a"))
      truth.edit("a")
      const late = yield* view.derive(["a"])
      yield* Projection.apply([view], truth.like("a"))
      assert.strictEqual((yield* shown("a"))?.title, 1)
      yield* Refresh.documents({ ...view, derive: () => Effect.succeed(late) }, ["a"])
      assert.deepStrictEqual(yield* shown("a"), { id: "a", title: 2, likes: 1, fields: { title: 2, likes: 1 } })
      const [held] = yield* store.read("note", ["a"])
      assert.deepStrictEqual([held?.base, held?.version, held?.parts], [2n, 3n, { likes: 3n }])
    }).pipe(Effect.provide(world)))

  it.live("NV-2 a part of an entity that is gone leaves a tombstone", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      yield* Projection.apply([view], truth.edit("a"))
      truth.remove("a")
      yield* Projection.apply([view], new NoteLiked({ id: "a" }))
      const store = yield* ViewStore.ViewStore
      assert.isTrue((yield* store.read("note", ["a"]))[0]?.deleted)
    }).pipe(Effect.provide(world)))

  it.live("who keeps copies is told of what is shown anew, and of nothing else", () =>
    Effect.gen(function*() {
      const truth = new Truth()
      const view = viewOf(truth)
      const told: Array<unknown> = []
      const bus = yield* Bus.Bus
      yield* bus.listen(Changes.channel, {
        onMessage: (data) => void told.push(Changes.decode(data)),
        onGap: () => {}
      })
      yield* Projection.apply([view], truth.edit("a"))
      yield* Refresh.documents(view, ["a"])
      yield* Projection.apply([view], truth.like("a"))
      assert.deepStrictEqual(told, [[["note", "a"]], [["note", "a"]]])
    }).pipe(Effect.scoped, Effect.provide(world)))

  it("a view that names fields it does not have, or has an impossible name, is refused at once", () => {
    const none = () => Effect.succeed([])
    const rest = { dependsOn: [], derive: none, keys: none }
    assert.throws(() => View.define({ name: "Note", ...rest }), /cannot name a view/)
    assert.throws(() => View.define({ name: "a__2", ...rest }), /cannot name a view/)
    assert.throws(
      () => View.define({ name: "a", ...rest, indexes: [["title"]] }),
      /names the field title, which is not declared/
    )
    assert.throws(() => View.define({ name: "a", ...rest, fields: { "a.b": "text" } }), /the field a\.b must be named/)
    const lists = { fields: { tags: "texts", years: "numbers" }, indexes: [["tags", "years"]] } as const
    assert.throws(() => View.define({ name: "a", ...rest, ...lists }), /two fields that are lists/)
  })
})
