/** The next index: filled beside the live one, and put in its place at once. */
import { Fault } from "@kanau/core"
import { Indexing, Reindex, SearchIndex } from "@kanau/search"
import { Deferred, Effect, Fiber } from "effect"
import { expect } from "vitest"
import type { Books, Case } from "./books.ts"
import { idsOf, library, put } from "./books.ts"

/** A source over a truth in memory. */
const sourceOf = (index: Books, truth: ReadonlyMap<string, SearchIndex.Document>) =>
  Indexing.source({
    index,
    dependsOn: [],
    derive: (ids) => Effect.sync(() => ids.map((id) => ({ id, document: truth.get(id) ?? null }))),
    keys: (after = "", limit) =>
      Effect.sync(() => [...truth.keys()].toSorted().filter((id) => id > after).slice(0, limit)),
    total: Effect.sync(() => truth.size)
  })

const run = { run: "r", done: 0, total: 5, startedAt: 1, updatedAt: 1 }

export const rebuilding: ReadonlyArray<Case> = [
  [
    "NV-6 a rebuilt index holds exactly what the truth holds, and was searched all the time",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, { ...library, gone: { title: "Deleted long ago" } })
        const truth = new Map(Object.entries(library))
        const progress: Array<Reindex.Progress> = []
        const seen: Array<number> = []
        const result = yield* Reindex.run(sourceOf(index, truth), {
          batch: 2,
          onProgress: (one) =>
            Effect.gen(function*() {
              progress.push(one)
              seen.push((yield* Effect.orDie(search.search(index, { text: "fate" }))).hits.length)
            })
        })
        expect(result.documents).toBe(5)
        expect(progress.map(({ done }) => done)).toEqual([2, 4, 5])
        expect(progress.at(-1)).toMatchObject({ total: 5, etaMillis: 0 })
        expect(seen).toEqual([2, 2, 2])
        expect(idsOf(yield* search.search(index, {})).toSorted()).toEqual([...truth.keys()].toSorted())
        expect(yield* search.reindexing(index)).toBeUndefined()
        expect((yield* search.status(index)).failedTasks).toBe(0)
      }).pipe(Effect.provideService(SearchIndex.SearchIndex, search))
  ],
  [
    "NV-6 changes and deletions while an index is rebuilt are in it afterwards",
    (search, index) =>
      Effect.gen(function*() {
        const truth = new Map<string, SearchIndex.Document>(Object.entries(library))
        yield* put(search, index, library)
        const source = sourceOf(index, truth)
        let page = 0
        yield* Reindex.run(source, {
          batch: 1,
          onProgress: () =>
            Effect.gen(function*() {
              page++
              // One that was walked, one that comes later, and a new one behind the cursor; each as an indexer would.
              if (page === 1) truth.set("cafe", { title: "Changed behind" })
              if (page === 2) truth.set("tsuki", { title: "Changed ahead" })
              if (page === 3) truth.delete("cafe")
              if (page === 4) truth.set("aaa", { title: "New behind" })
              yield* Effect.orDie(Indexing.refresh(source, ["cafe", "tsuki", "aaa"]))
            })
        })
        const { hits } = yield* search.search(index, { limit: 100 })
        expect(Object.fromEntries(hits.map(({ document, id }) => [id, document]))).toEqual(Object.fromEntries(truth))
      }).pipe(Effect.provideService(SearchIndex.SearchIndex, search))
  ],
  [
    "a write of an indexer that asked before the swap and wrote after it reaches the index that stays",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, { a: { title: "one" } })
        yield* search.begin(index, run)
        yield* put(search, index, { a: { title: "one" } }, "next")
        expect(yield* search.reindexing(index)).toEqual(run)
        // Between its two writes.
        yield* put(search, index, { a: { title: "two" } }, "next")
        expect(yield* search.promote(index, "r")).toBe(true)
        expect(idsOf(yield* search.search(index, { text: "two" }))).toEqual(["a"])
        // Before both of them.
        yield* put(search, index, { a: { title: "three" } }, "next")
        yield* put(search, index, { a: { title: "three" } })
        expect(idsOf(yield* search.search(index, { text: "three" }))).toEqual(["a"])
      })
  ],
  [
    "an index left behind is replaced by an empty one with the present settings",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, { stale: { title: "left behind" } }, "next")
        yield* search.begin(index, run)
        expect(yield* search.progress(index, { ...run, done: 1 })).toBe(true)
        expect((yield* search.status(index)).reindexing).toEqual({ ...run, done: 1 })
        yield* put(search, index, { a: { title: "filled", language: "ja" } }, "next")
        expect(yield* search.promote(index, "r")).toBe(true)
        const { facets, hits } = yield* search.search(index, { facets: ["language"] })
        expect(hits.map(({ id }) => id)).toEqual(["a"])
        expect(facets["language"]).toEqual([{ value: "ja", count: 1 }])
      })
  ],
  ["a run that was taken over swaps nothing", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      yield* search.begin(index, run)
      yield* search.begin(index, { ...run, run: "other" })
      expect(yield* search.progress(index, { ...run, done: 5 })).toBe(false)
      expect(yield* search.promote(index, "r")).toBe(false)
      expect(yield* search.count(index)).toBe(5)
      yield* search.abandon(index)
      expect(yield* search.promote(index, "other")).toBe(false)
      expect(yield* search.reindexing(index)).toBeUndefined()
    })],
  [
    "a second run is refused while the first one lives, and one that was interrupted leaves nothing",
    (search, index) =>
      Effect.gen(function*() {
        const truth = new Map(Object.entries(library))
        const source = sourceOf(index, truth)
        const isFilling = yield* Deferred.make<void>()
        const first = yield* Effect.forkChild(Reindex.run(source, {
          batch: 2,
          onProgress: () => Effect.andThen(Deferred.succeed(isFilling, undefined), Effect.never)
        }))
        yield* Deferred.await(isFilling)
        const second = yield* Effect.flip(Reindex.run(source))
        expect(second instanceof Fault.Conflict).toBe(true)
        yield* Fiber.interrupt(first)
        expect(yield* search.reindexing(index)).toBeUndefined()
        expect((yield* Reindex.run(source)).documents).toBe(5)
        expect(yield* search.count(index)).toBe(5)
      }).pipe(Effect.provideService(SearchIndex.SearchIndex, search))
  ],
  ["a run that was killed is taken over, and starts again", (search, index) =>
    Effect.gen(function*() {
      const truth = new Map(Object.entries(library))
      yield* search.begin(index, { ...run, updatedAt: 0 })
      yield* put(search, index, { half: { title: "filled by the one that was killed" } }, "next")
      yield* Reindex.run(sourceOf(index, truth))
      expect(idsOf(yield* search.search(index, {})).toSorted()).toEqual([...truth.keys()].toSorted())
    }).pipe(Effect.provideService(SearchIndex.SearchIndex, search))],
  ["an index of nothing is rebuilt to nothing", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      expect((yield* Reindex.run(sourceOf(index, new Map()))).documents).toBe(0)
      expect(yield* search.count(index)).toBe(0)
    }).pipe(Effect.provideService(SearchIndex.SearchIndex, search))]
]
