/** Filters, sorts, facets, pages, several searches at once, and what is refused. */
import { Filter, SearchIndex } from "@kanau/search"
import { Effect } from "effect"
import { expect } from "vitest"
import type { Books, Case } from "./books.ts"
import { booksIndex, idsOf, library, put } from "./books.ts"

type BookFilter = Filter.Filter<Books["filterable"][number]>

export const asking: ReadonlyArray<Case> = [
  ["filters: values, lists, ranges, what is missing, and, or, not", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      const found = (filter: BookFilter) =>
        Effect.map(search.search(index, { filter }), (answer) => idsOf(answer).toSorted())
      expect(yield* found(Filter.is("language", "FR"))).toEqual(["cafe"])
      expect(yield* found(Filter.is("tags", "battle"))).toEqual(["fate"])
      expect(yield* found(Filter.is("official", true))).toEqual(["fate", "tsuki"])
      expect(yield* found(Filter.is("year", 1977))).toEqual(["saturday"])
      expect(yield* found(Filter.oneOf("language", ["en", "fr"]))).toEqual(["cafe", "saturday"])
      expect(yield* found(Filter.oneOf("language", []))).toEqual([])
      expect(yield* found(Filter.between("year", { atLeast: 2000, atMost: 2010 }))).toEqual(["fate", "summer", "tsuki"])
      expect(yield* found(Filter.between("year", { atLeast: 2010 }))).toEqual(["cafe", "summer"])
      expect(yield* found(Filter.between("year", { atMost: 1999 }))).toEqual(["saturday"])
      expect(yield* found(Filter.between("year", { atLeast: 9, atMost: 1 }))).toEqual([])
      expect(yield* found(Filter.between("year", { atLeast: -1e300, atMost: 1e21 }))).toHaveLength(5)
      expect(yield* found(Filter.between("year", {}))).toHaveLength(5)
      expect(yield* found(Filter.is("year", 1e21))).toEqual([])
      expect(yield* found(Filter.missing("official"))).toEqual(["cafe", "summer"])
      expect(yield* found(Filter.not(Filter.is("language", "ja")))).toEqual(["cafe", "saturday"])
      expect(yield* found(Filter.allOf(Filter.is("tags", "magic"), Filter.between("year", { atLeast: 2001 })))).toEqual(
        [
          "cafe",
          "fate"
        ]
      )
      expect(yield* found(Filter.anyOf(Filter.is("language", "fr"), Filter.is("year", 1977)))).toEqual([
        "cafe",
        "saturday"
      ])
      expect(yield* found(Filter.allOf())).toHaveLength(5)
      expect(yield* found(Filter.anyOf())).toEqual([])
      expect(yield* found(Filter.not(Filter.anyOf()))).toHaveLength(5)
    })],
  [
    "filters compare text with any signs in it, and never as part of the filter",
    (search, index) =>
      Effect.gen(function*() {
        const languages = ["it's", "\"quoted\"", "a OR language = b", "日本語", "x]y", "née, or (so)"]
        yield* put(
          search,
          index,
          Object.fromEntries(languages.map((language, at) => [`d${at}`, { title: "t", language }]))
        )
        for (const [at, language] of languages.entries()) {
          expect(idsOf(yield* search.search(index, { filter: Filter.is("language", language) }))).toEqual([`d${at}`])
          expect(idsOf(yield* search.search(index, { filter: Filter.oneOf("language", [language]) }))).toEqual([
            `d${at}`
          ])
        }
      })
  ],
  ["filters and words together", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      expect(idsOf(yield* search.search(index, { text: "night", filter: Filter.is("language", "en") }))).toEqual([
        "saturday"
      ])
    })],
  ["a sort goes before everything else; what has no value comes last", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, { ...library, none: { title: "night without a year" } })
      const sorted = (direction: "asc" | "desc", text?: string) =>
        Effect.map(
          search.search(index, { sort: [{ field: "year", direction }], ...(text === undefined ? {} : { text }) }),
          idsOf
        )
      expect(yield* sorted("asc")).toEqual(["saturday", "tsuki", "fate", "summer", "cafe", "none"])
      expect(yield* sorted("desc")).toEqual(["cafe", "summer", "fate", "tsuki", "saturday", "none"])
      expect(yield* sorted("asc", "night")).toEqual(["saturday", "fate", "none"])
    })],
  [
    "facets count everything that is found, the most frequent first, whatever the page",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, library)
        const { facets, hits } = yield* search.search(index, { facets: ["language", "tags"], limit: 1 })
        expect(hits).toHaveLength(1)
        expect(facets).toEqual({
          language: [{ value: "ja", count: 3 }, { value: "en", count: 1 }, { value: "fr", count: 1 }],
          tags: [{ value: "magic", count: 3 }, { value: "Battle", count: 1 }, { value: "food", count: 1 }]
        })
        const filtered = yield* search.search(index, { text: "night", facets: ["language"] })
        expect(filtered.facets).toEqual({ language: [{ value: "en", count: 1 }, { value: "ja", count: 1 }] })
      })
  ],
  ["pages do not overlap, and tell how many there are", (search, index) =>
    Effect.gen(function*() {
      const documents = Array.from({ length: 25 }, (_, n) => [`d${n}`, { title: "page", votes: n }] as const)
      yield* put(search, index, Object.fromEntries(documents))
      const page = (offset: number, limit: number) => search.search(index, { text: "page", offset, limit })
      const pages = yield* Effect.forEach([0, 10, 20], (offset) => page(offset, 10))
      expect(pages.flatMap(idsOf)).toEqual(documents.map(([id]) => id).toReversed())
      expect(pages.map(({ estimatedTotal }) => estimatedTotal)).toEqual([25, 25, 25])
      expect((yield* page(0, 0)).hits).toEqual([])
      expect((yield* search.search(index, {})).hits).toHaveLength(20)
    })],
  ["several searches at once are answered in order, over several indexes", (search, index) =>
    Effect.gen(function*() {
      const other = booksIndex(`${index.name}_b`)
      yield* search.prepare([other])
      yield* put(search, index, library)
      yield* put(search, other, { x: { title: "Fate again" } })
      const answers = yield* search.multiSearch([
        { index, query: { text: "fate", limit: 1 } },
        { index: other, query: { text: "fate", facets: ["language"] } },
        { index, query: { text: "nothing like it", matching: "all" } }
      ])
      expect(answers.map(idsOf)).toEqual([["fate"], ["x"], []])
      expect(answers[1]?.facets).toEqual({ language: [] })
      expect(yield* search.multiSearch([])).toEqual([])
    })],
  ["what no index declares, or exceeds a bound, is refused and says where", (search, index) =>
    Effect.gen(function*() {
      // What a user may send has no types.
      const loose: SearchIndex.Definition = index
      const refused = (query: SearchIndex.Query) =>
        Effect.map(Effect.flip(search.search(loose, query)), (fault) => {
          expect(fault.kind).toBe("invalid-input")
          return fault._tag === "InvalidInput" ? fault.issues.map(({ path }) => path) : []
        })
      let deep: Filter.Filter = Filter.is("language", "ja")
      for (let depth = 0; depth < SearchIndex.limits.filterDepth; depth++) deep = Filter.not(deep)
      expect(yield* refused({ filter: Filter.is("votes", 1) })).toEqual(["filter"])
      expect(yield* refused({ filter: Filter.not(Filter.allOf(Filter.missing("nope"))) })).toEqual(["filter"])
      expect(yield* refused({ filter: deep })).toEqual(["filter"])
      expect(yield* refused({ filter: Filter.oneOf("year", Array.from({ length: 300 }, (_, n) => n)) })).toEqual([
        "filter"
      ])
      expect(yield* refused({ filter: Filter.is("year", Infinity) })).toEqual(["filter"])
      expect(yield* refused({ filter: Filter.is("language", "a\\") })).toEqual(["filter"])
      expect(yield* refused({ sort: [{ field: "votes", direction: "asc" }] })).toEqual(["sort"])
      expect(yield* refused({ facets: ["title"] })).toEqual(["facets"])
      expect(yield* refused({ highlight: { fields: ["year"] } })).toEqual(["highlight"])
      expect(yield* refused({ text: "x".repeat(257), limit: 101 })).toEqual(["text", "limit"])
      expect(yield* refused({ limit: -1 })).toEqual(["limit"])
      expect(yield* refused({ offset: 999, limit: 2 })).toEqual(["offset"])
      expect(yield* refused({ offset: 0.5 })).toEqual(["offset"])
      const many = Array.from({ length: 21 }, () => ({ index: loose, query: {} }))
      expect((yield* Effect.flip(search.multiSearch(many))).kind).toBe("invalid-input")
    })],
  ["words that mean something to an engine are words", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      for (const text of ["\"fate", "-fate", "fate:", "fate*", "(fate"]) {
        expect(idsOf(yield* search.search(index, { text, limit: 1 }))).toEqual(["fate"])
      }
    })]
]
