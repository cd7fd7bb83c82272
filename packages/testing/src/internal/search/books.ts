import { SearchIndex } from "@kanau/search"
import type { Effect } from "effect"

/** The index the cases work on, under another name each time. */
export const booksIndex = (name: string) =>
  SearchIndex.define({
    name,
    searchable: ["title", "aliases", "text"],
    filterable: ["language", "tags", "year", "official"],
    sortable: ["year", "title"],
    ranking: [{ field: "votes", direction: "desc" }],
    synonyms: { vn: ["novel"] },
    stopWords: ["the"]
  })

export type Books = ReturnType<typeof booksIndex>

/** What a case does. */
export type Body = (search: SearchIndex.SearchIndexService, index: Books) => Effect.Effect<void, unknown>

export type Case = readonly [title: string, body: Body]

/** Writes documents. */
export const put = (
  search: SearchIndex.SearchIndexService,
  index: SearchIndex.Definition,
  documents: Readonly<Record<string, SearchIndex.Document | null>>,
  target?: SearchIndex.Target
) => search.write(index, Object.entries(documents).map(([id, document]) => ({ id, document })), target)

/** The ids a query finds, the best first. */
export const idsOf = ({ hits }: SearchIndex.Found): ReadonlyArray<string> => hits.map(({ id }) => id)

/** A small library. */
export const library: Readonly<Record<string, SearchIndex.Document>> = {
  fate: {
    title: "Ｆａｔｅ／stay night",
    aliases: ["フェイト", "FSN"],
    language: "ja",
    tags: ["magic", "Battle"],
    year: 2004,
    votes: 900,
    official: true
  },
  tsuki: {
    title: "Tsukihime",
    text: "By the makers of Fate",
    language: "ja",
    tags: ["magic"],
    year: 2000,
    votes: 500,
    official: true
  },
  saturday: { title: "Saturday <night> & \"day\"", language: "en", tags: [], year: 1977, votes: 3, official: false },
  summer: {
    title: "少女たちの夏 II",
    aliases: ["Shoujo-tachi no Natsu 2"],
    language: "ja",
    year: 2010,
    votes: 20,
    rating: null
  },
  cafe: { title: "Café Straße", language: "fr", tags: ["food", "magic"], year: 2015, votes: 1 }
}
