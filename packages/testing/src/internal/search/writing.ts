/** What becomes of writes, settings, and of what cannot be done. */
import { SearchIndex } from "@kanau/search"
import { Effect } from "effect"
import { expect } from "vitest"
import type { Case } from "./books.ts"
import { booksIndex, idsOf, library, put } from "./books.ts"

export const writing: ReadonlyArray<Case> = [
  [
    "NV-6 a document that is removed is found no more, and removing it again does nothing",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, library)
        yield* put(search, index, { fate: null, never: null, cafe: { title: "Fate Café" } })
        expect(idsOf(yield* search.search(index, { text: "fate" }))).toEqual(["cafe", "tsuki"])
        expect(yield* search.count(index)).toBe(4)
        yield* put(search, index, { fate: null })
        yield* put(search, index, library)
        expect(yield* search.count(index)).toBe(5)
      })
  ],
  ["a document is replaced whole: what it had is gone", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, { a: { title: "Old title", language: "ja" } })
      yield* put(search, index, { a: { title: "New title" } })
      expect(idsOf(yield* search.search(index, { text: "old", matching: "all" }))).toEqual([])
      const { hits } = yield* search.search(index, { text: "new" })
      expect(hits[0]?.document).toEqual({ title: "New title" })
    })],
  ["of two writes of a document the later one stays", (search, index) =>
    Effect.gen(function*() {
      for (let n = 0; n < 20; n++) yield* put(search, index, { a: n % 3 === 2 ? null : { title: `t${n}` } })
      expect((yield* search.search(index, {})).hits.map(({ document }) => document["title"])).toEqual(["t19"])
    })],
  ["many writes at once, and a batch of thousands", (search, index) =>
    Effect.gen(function*() {
      yield* Effect.forEach(
        Array.from({ length: 30 }, (_, n) => n),
        (n) => put(search, index, { [`s${n}`]: { title: `small ${n}` } }),
        { concurrency: "unbounded" }
      )
      const documents = Array.from({ length: 2500 }, (_, n) => [`d${n}`, { title: `big ${n}`, votes: n }] as const)
      yield* put(search, index, Object.fromEntries(documents))
      expect(yield* search.count(index)).toBe(2530)
      expect(idsOf(yield* search.search(index, { text: "big 2222", matching: "all" }))).toEqual(["d2222"])
    })],
  [
    "nothing to write is fine; an id twice, an empty or a long id is a mistake",
    (search, index) =>
      Effect.gen(function*() {
        yield* search.write(index, [])
        const mistake = (...ids: ReadonlyArray<string>) =>
          Effect.map(
            Effect.flip(search.write(index, ids.map((id) => ({ id, document: {} })))),
            ({ kind }) => kind
          )
        expect(yield* mistake("a", "b", "a")).toBe("invariant")
        expect(yield* mistake("")).toBe("invariant")
        expect(yield* mistake("x".repeat(257))).toBe("invariant")
        expect(yield* search.count(index)).toBe(0)
      })
  ],
  ["ids and texts may be anything", (search, index) =>
    Effect.gen(function*() {
      const ids = ["v1", "V1", "a b/c?d=e&f", "幻想郷", "é", "e\u0301", "b64_djE", "'; drop", "😀".repeat(60), "-", "_"]
      yield* put(search, index, Object.fromEntries(ids.map((id) => [id, { title: `of ${id}`, text: "\0 \ud83d" }])))
      const { hits } = yield* search.search(index, { limit: 100 })
      expect(hits.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
      yield* search.write(index, ids.slice(1).map((id) => ({ id, document: null })))
      expect(idsOf(yield* search.search(index, {}))).toEqual(["v1"])
    })],
  ["preparing again, by many at once, changes nothing", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      yield* Effect.forEach(Array.from({ length: 5 }), () => search.prepare([index]), { concurrency: "unbounded" })
      yield* search.prepare([])
      expect(yield* search.count(index)).toBe(5)
      expect((yield* search.status(index)).failedTasks).toBe(0)
    })],
  ["changed settings are applied to what is there", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, {
        a: { title: "Alpha", text: "common", votes: 1 },
        b: { title: "common", votes: 9, language: "en" }
      })
      const changed = SearchIndex.define({
        name: index.name,
        searchable: ["title"],
        filterable: ["votes"],
        ranking: [{ field: "votes", direction: "asc" }]
      })
      yield* search.prepare([changed])
      const byVotes = yield* search.search(changed, { facets: ["votes"] })
      expect(idsOf(byVotes)).toEqual(["a", "b"])
      expect(byVotes.facets["votes"]).toHaveLength(2)
      expect(idsOf(yield* search.search(changed, { text: "common" }))).toEqual(["b"])
    })],
  ["an index that was not prepared is unavailable", (search, index) =>
    Effect.gen(function*() {
      const other = booksIndex(`${index.name}_other`)
      expect((yield* Effect.flip(search.search(other, {}))).kind).toBe("unavailable")
      expect((yield* Effect.flip(search.count(other))).kind).toBe("unavailable")
      expect(yield* search.reindexing(other)).toBeUndefined()
    })],
  [
    "the status tells how many documents there are, and of nothing pending or failed",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, library)
        expect(yield* search.status(index)).toEqual({
          documents: 5,
          pendingTasks: 0,
          failedTasks: 0,
          reindexing: undefined
        })
      })
  ]
]
