/**
 * What answers can be sorted by, and the fields of documents that this means. Ties end in the id, ascending.
 *
 * `searchrank` is none of them: the rank depends on the search, see `SearchRank`.
 */
import type { ViewStore } from "@kanau/views"
import type { Endpoint } from "./Fields.ts"

const entry = { id: "num", title: "title", released: "released", rating: "rating", votecount: "votecount" }

/** Fields by the names of sorts; the first is the default. */
const fields: Readonly<Record<Endpoint, Readonly<Record<string, string>>>> = {
  vn: { ...entry, popularity: "votecount" },
  release: { id: "num", title: "title", released: "released" },
  producer: { id: "num", name: "name" },
  character: { id: "num", name: "name" },
  staff: { id: "num", name: "name" },
  tag: { id: "num", name: "name", vn_count: "items" },
  trait: { id: "num", name: "name", char_count: "items" },
  quote: { id: "num", score: "score" },
  ulist: {
    ...entry,
    popularity: "votecount",
    voted: "voted",
    vote: "vote",
    added: "added",
    lastmod: "lastmod",
    started: "started",
    finished: "finished"
  }
}

/**
 * The names of an endpoint's sorts; the first is the default.
 *
 * @example
 * ```ts
 * import { sortNames } from "@kanau/vndb/kana/Sorts"
 *
 * sortNames("quote") // => ["id", "score"]
 * ```
 */
export const sortNames = (endpoint: Endpoint): ReadonlyArray<string> => [
  ...Object.keys(fields[endpoint]),
  ...(endpoint === "quote" ? [] : ["searchrank"])
]

/**
 * The fields to sort documents by; the first sorts of a list are about its visual novels. Unrated entries come last in both directions. `searchrank` leaves the order by id.
 *
 * @example
 * ```ts
 * import { sortFields } from "@kanau/vndb/kana/Sorts"
 *
 * sortFields("vn", "rating", false) // => [{ field: "ratingup", descending: false }, { field: "num", descending: false }]
 * ```
 */
export const sortFields = (endpoint: Endpoint, sort: string, reverse: boolean): ReadonlyArray<ViewStore.Sort> => {
  const field = fields[endpoint][sort] ?? "num"
  const key = {
    field: field === "rating" && !reverse ? "ratingup" : field,
    descending: reverse && sort !== "searchrank"
  }
  const ties = endpoint === "staff" ? ["num", "aid"] : ["num"]
  return [key, ...ties.filter((tie) => tie !== field).map((tie) => ({ field: tie, descending: false }))]
}
