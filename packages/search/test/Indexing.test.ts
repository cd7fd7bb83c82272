import { assert, describe, it } from "@effect/vitest"
import { Envelope, Fault, Message } from "@kanau/core"
import { Bus, Consumer, EmbeddedBus } from "@kanau/messaging"
import { Indexing, Reindex, SearchIndex } from "@kanau/search"
import { View } from "@kanau/views"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { ids, make, type World } from "./world.ts"

const seeds = Array.from({ length: 300 }, (_, at) => at + 1)

type Handle = (world: World, id: string) => Effect.Effect<void, unknown>

/** What the library does; an event whose handling fails comes again. */
const refreshing: Handle = ({ service, source }, id) =>
  Indexing.refresh(source, [id]).pipe(Effect.provideService(SearchIndex.SearchIndex, service))

/** Seeds after which the index is not what the truth is. */
const wrong = (handle: Handle, reindexes: boolean) =>
  Effect.map(
    Effect.filter(seeds, (seed) =>
      Effect.gen(function*() {
        const world = make(seed)
        const again = (id: string): Effect.Effect<void> => Effect.catch(handle(world, id), () => again(id))
        for (const id of ids) if (world.below(2) === 0) world.truth.set(id, { title: "first" })
        yield* Effect.forEach(world.truth.keys(), again, { discard: true })
        const rebuild = reindexes
          ? Effect.forEach([1, 2].slice(world.below(2)), () => Effect.andThen(world.pause, run(world)), {
            discard: true
          })
          : Effect.void
        const rebuilding = yield* Effect.forkChild(rebuild)
        yield* world.edits(10, again)
        yield* Fiber.join(rebuilding)
        return JSON.stringify([...world.live()].toSorted()) !== JSON.stringify([...world.truth].toSorted())
      }).pipe(Effect.scoped)),
    (found) => found.length
  )

const run = ({ service, source }: World) =>
  Effect.orDie(Effect.provideService(Reindex.run(source, { batch: 1 }), SearchIndex.SearchIndex, service))

describe("Several indexers at once", () => {
  it.effect(
    "NV-6 events doubled, late, in any order, by indexers that overlap and die: the index ends as the truth is",
    () => Effect.map(wrong(refreshing, false), (count) => assert.strictEqual(count, 0)),
    60_000
  )

  it.effect(
    "NV-6 the same while the index is rebuilt once or twice",
    () => Effect.map(wrong(refreshing, true), (count) => assert.strictEqual(count, 0)),
    60_000
  )

  it.effect(
    "the world is hard enough: an indexer that does not look again ends wrong in it",
    () =>
      Effect.gen(function*() {
        const careless: Handle = ({ service, source }, id) =>
          Effect.flatMap(source.derive([id]), (changes) => service.write(source.index, changes))
        assert.isAbove(yield* wrong(careless, false), 10)
      }),
    60_000
  )

  it.effect(
    "the world is hard enough: one that writes the live index before the next one loses changes to the swap",
    () =>
      Effect.gen(function*() {
        const reversed: Handle = (world, id) => {
          let late: Effect.Effect<void, unknown> = Effect.void
          // What the library writes first is held back until it has written the other.
          const service: SearchIndex.SearchIndexService = {
            ...world.service,
            write: (index, changes, target) =>
              target === "next"
                ? Effect.sync(() => {
                  late = world.service.write(index, changes, "next")
                })
                : Effect.andThen(world.service.write(index, changes), Effect.orDie(Effect.suspend(() => late)))
          }
          return refreshing({ ...world, service }, id)
        }
        assert.isAbove(yield* wrong(reversed, true), 0)
      }),
    60_000
  )
})

describe("Refreshing", () => {
  const index = SearchIndex.define({ name: "plain", searchable: ["title"] })
  const sourceOf = (derive: Indexing.Source["derive"]): Indexing.Source => ({
    index,
    dependsOn: [],
    derive,
    keys: () => Effect.succeed([]),
    total: Effect.succeed(0)
  })
  const { service } = make(1)
  const refresh = (derive: Indexing.Source["derive"], ...wanted: ReadonlyArray<string>) =>
    Effect.flip(Effect.provideService(Indexing.refresh(sourceOf(derive), wanted), SearchIndex.SearchIndex, service))

  it.effect("a document that changes all the time is a conflict in the end, to be tried again later", () =>
    Effect.gen(function*() {
      let at = 0
      const fault = yield* refresh(
        (wanted) => Effect.sync(() => wanted.map((id) => ({ id, document: { at: at++ } }))),
        "a"
      )
      assert.isTrue(fault instanceof Fault.Conflict)
      assert.isAtMost(at, 10)
    }))

  it.effect("a derivation that leaves out an id, or names another, is a mistake", () =>
    Effect.gen(function*() {
      for (
        const result of [[], [{ id: "b", document: null }], [{ id: "a", document: null }, { id: "b", document: null }]]
      ) {
        assert.strictEqual((yield* refresh(() => Effect.succeed(result), "a")).kind, "invariant")
      }
    }))

  it.effect("a document that differs only in the order of its members is written once", () =>
    Effect.gen(function*() {
      let turn = 0
      let writes = 0
      const counting = { ...service, write: () => Effect.sync(() => void writes++) }
      const source = sourceOf(() =>
        Effect.sync(() => [{ id: "a", document: turn++ % 2 === 0 ? { x: 1, y: ["b"] } : { y: ["b"], x: 1 } }])
      )
      yield* Effect.provideService(Indexing.refresh(source, ["a", "a"]), SearchIndex.SearchIndex, counting)
      assert.deepStrictEqual([turn, writes], [2, 1])
    }))
})

class Changed extends Message.event<Changed>()("things.thing.changed", {
  fields: { id: Schema.String },
  subject: ({ id }) => id
}) {}

describe("The consumer", () => {
  it.effect(
    "NV-6 events of an hour without the engine are indexed when it is back, also a lone one",
    () =>
      Effect.gen(function*() {
        const truth = new Map<string, SearchIndex.Document>([["a", { title: "before" }]])
        const indexed = new Map<string, SearchIndex.Document | null>()
        const engine = { isThere: false, writes: 0 }
        const source = Indexing.source({
          index: SearchIndex.define({ name: "thing", searchable: ["title"] }),
          dependsOn: [View.on([Changed], ({ id }) => Effect.succeed([id]))],
          derive: (wanted) => Effect.sync(() => wanted.map((id) => ({ id, document: truth.get(id) ?? null }))),
          keys: () => Effect.succeed([]),
          total: Effect.succeed(0)
        })
        const service: SearchIndex.SearchIndexService = {
          ...make(1).service,
          write: (_, changes) =>
            Effect.suspend(() => {
              if (!engine.isThere) return Effect.fail(new Fault.Unavailable({ dependency: "engine", reason: "away" }))
              engine.writes++
              for (const { document, id } of changes) indexed.set(id, document)
              return Effect.void
            })
        }
        const bus = yield* Bus.Bus
        const publish = (id: string) =>
          Effect.flatMap(Envelope.make(new Changed({ id }), { source: "/test" }), bus.publish)
        yield* Effect.provideService(
          Consumer.run(Indexing.consumer("search-indexer", [source]), { prefetch: 200 }),
          SearchIndex.SearchIndex,
          service
        )
        yield* publish("a")
        yield* pass(60)
        assert.strictEqual(indexed.size, 0)
        engine.isThere = true
        yield* pass(3)
        assert.deepStrictEqual(indexed.get("a"), { title: "before" })
        assert.deepStrictEqual(yield* bus.deadLetters("search-indexer", 1), [])

        // A hundred events of one document at once cost few writes.
        engine.writes = 0
        for (let at = 1; at <= 100; at++) {
          truth.set("a", { title: `${at}` })
          yield* publish("a")
        }
        yield* pass(1)
        assert.deepStrictEqual(indexed.get("a"), { title: "100" })
        assert.isAtMost(engine.writes, 20)
      }).pipe(Effect.scoped, Effect.provide(Layer.orDie(EmbeddedBus.layer({ file: ":memory:" })))),
    60_000
  )
})

/** Moves virtual time on by minutes, in steps of a second, and lets things happen between them. */
const pass = (minutes: number): Effect.Effect<void> =>
  Effect.forEach(
    Array.from({ length: minutes * 60 }),
    () => Effect.andThen(TestClock.adjust("1 second"), TestClock.withLive(Effect.sleep(0))),
    { discard: true }
  )
