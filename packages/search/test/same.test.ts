/** Both engines on the same documents and queries, by a seed: they find the same, count the same, and sort the same. */
import { assert, describe, it } from "@effect/vitest"
import { Filter, SearchIndex } from "@kanau/search"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { Servers } from "@kanau/testing"
import { Effect, Redacted } from "effect"

const { name: prefix, url } = await Servers.meilisearchPrefix()
const key = process.env["MEILISEARCH_KEY"]

const index = SearchIndex.define({
  name: "same",
  searchable: ["title", "aliases"],
  filterable: ["language", "tags", "year", "official"],
  sortable: ["year"],
  ranking: [{ field: "votes", direction: "desc" }],
  synonyms: { vn: ["novel"] },
  stopWords: ["the"]
})
type BookFilter = Filter.Filter<typeof index["filterable"][number]>

let state = 42
const below = (limit: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}
const pick = <A>(values: ReadonlyArray<A>): A => values[below(values.length)] as A
const times = <A>(count: number, make: () => A) => Array.from({ length: count }, make)

const words = [
  "fate",
  "Night",
  "ＳＴＡＲ",
  "café",
  "the",
  "vn",
  "novel",
  "II",
  "2",
  "少女たち",
  "フェイト",
  "夏",
  "snow",
  "don't"
]
const languages = ["ja", "en", "zh-Hans", "a \"b\""]
const tags = ["Magic", "food", "夏", "x, y"]

const document = (votes: number): SearchIndex.Document => ({
  title: times(1 + below(3), () => pick(words)).join(" "),
  ...(below(2) === 0 ? {} : { aliases: times(below(3), () => pick(words)) }),
  language: below(5) === 0 ? null : pick(languages),
  tags: times(below(3), () => pick(tags)),
  ...(below(4) === 0 ? {} : { year: 1990 + below(10) }),
  ...(below(3) === 0 ? {} : { official: below(2) === 0 }),
  votes
})

const filter = (depth: number): BookFilter => {
  switch (below(depth > 3 ? 4 : 7)) {
    case 0:
      return Filter.is("language", pick(languages).toUpperCase())
    case 1:
      return Filter.oneOf("tags", times(below(3), () => pick(tags)))
    case 2:
      return Filter.between("year", {
        ...(below(2) === 0 ? {} : { atLeast: 1988 + below(14) }),
        ...(below(2) === 0 ? {} : { atMost: 1988 + below(14) })
      })
    case 3:
      return pick<BookFilter>([Filter.missing("official"), Filter.missing("language"), Filter.is("official", true)])
    case 4:
      return Filter.not(filter(depth + 1))
    case 5:
      return Filter.allOf(...times(below(3), () => filter(depth + 1)))
    default:
      return Filter.anyOf(...times(below(3), () => filter(depth + 1)))
  }
}

const query = () => {
  const text = times(below(3), () => {
    const word = pick(words)
    // Beginnings of words, and none long enough for typos.
    return below(3) === 0 ? word.slice(0, 1 + below(word.length)) : word
  }).join(" ")
  return {
    text,
    matching: pick(["all", "last"] as const),
    ...(below(3) === 0 ? {} : { filter: filter(1) }),
    ...(below(3) === 0 ? { sort: [{ field: "year", direction: pick(["asc", "desc"] as const) }] as const } : {}),
    facets: ["language", "tags", "official"] as const,
    highlight: { fields: ["title"] as const },
    limit: 100
  }
}

const service = (layer: typeof EmbeddedSearchIndex.layer) =>
  Effect.provide(Effect.flatMap(SearchIndex.SearchIndex, Effect.succeed), layer)

describe("Both engines", () => {
  it.live("find, count, sort by and mark the same, whatever is asked (property)", () =>
    Effect.gen(function*() {
      const engines = [
        yield* service(EmbeddedSearchIndex.layer),
        yield* service(
          MeiliSearchIndex.layer({ url, prefix, ...(key === undefined ? {} : { apiKey: Redacted.make(key) }) })
        )
      ]
      const documents = times(80, () => 0).map((_, votes) => ({ id: `d${votes}`, document: document(votes) }))
      for (const engine of engines) {
        yield* engine.prepare([index])
        yield* engine.write(index, documents)
      }
      let fruitful = 0
      for (let round = 0; round < 400; round++) {
        const asked = query()
        const [one, other] = yield* Effect.forEach(engines, (engine) => engine.search(index, asked))
        if (one !== undefined && one.hits.length > 0 && one.hits.length < 80) fruitful++
        const shown = (found: SearchIndex.Found | undefined) => ({
          total: found?.estimatedTotal,
          facets: found?.facets,
          years: asked.sort === undefined ? [] : found?.hits.map(({ document }) => document["year"]),
          hits: found?.hits.toSorted((a, b) => a.id < b.id ? -1 : 1).map(({ document, highlights, id }) => ({
            id,
            document,
            highlights
          }))
        })
        assert.deepStrictEqual(shown(one), shown(other), JSON.stringify(asked))
      }
      assert.isAbove(fruitful, 100)
    }), 60_000)
})
