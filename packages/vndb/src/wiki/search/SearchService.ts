/** Answers the public search: one request to the engine for all kinds, and their hits in one order. */
import { Fault, Processor } from "@kanau/core"
import { SearchIndex } from "@kanau/search"
import { Effect } from "effect"
import * as Indexes from "./indexes.ts"
import type { SearchAnswer, SearchHit } from "./operations.ts"
import { kinds, Search } from "./operations.ts"

const indexes = {
  vn: Indexes.vnIndex,
  release: Indexes.releaseIndex,
  character: Indexes.characterIndex,
  producer: Indexes.producerIndex,
  staff: Indexes.staffIndex,
  tag: Indexes.tagIndex,
  trait: Indexes.traitIndex
} as const

type Kind = typeof kinds[number]

// #region search
const search = Effect.fnUntraced(
  function*({ kind = kinds, limit = 20, q }: Search) {
    const index = yield* SearchIndex.SearchIndex
    const asked = kinds.filter((one) => kind.length === 0 || kind.includes(one))
    const found = yield* index.multiSearch(asked.map((one) => ({
      index: indexes[one],
      query: { text: q, limit, highlight: { fields: indexes[one].searchable } }
    })))
    const hits = asked.flatMap((one, at) => found[at]?.hits.map((hit, rank) => ({ rank, hit: hitOf(one, hit) })) ?? [])
    const answer: typeof SearchAnswer.Type = {
      // Of equally good hits of several kinds the first of each kind come first.
      hits: hits.toSorted((a, b) => b.hit.score - a.hit.score || a.rank - b.rank).slice(0, limit).map(({ hit }) => hit),
      totals: Object.fromEntries(asked.map((one, at) => [one, found[at]?.estimatedTotal ?? 0]))
    }
    return answer
  },
  Effect.catchTag(
    "InvalidInput",
    () => Effect.fail(new Fault.Invariant({ reason: "The search asked for what its indexes do not have." }))
  )
)
// #endregion

/** What the indexer has derived; see `entities/SearchDocuments`. */
const hitOf = (kind: Kind, { document, highlights, id, score }: SearchIndex.Hit): typeof SearchHit.Type => {
  const { alttitle, olang, title } = document
  return {
    kind,
    id,
    title: String(title),
    alttitle: typeof alttitle === "string" ? alttitle : null,
    olang: typeof olang === "string" ? olang : null,
    score: Math.min(1, Math.max(0, score)),
    matches: [...new Set(Object.values(highlights).flat())].filter((text) => text.includes("<em>"))
  }
}

export const handlers = [Processor.on(Search, search)] as const

/** The search as a service of its own: it needs the search engine and nothing else. */
export const service = Processor.serve(...handlers)
