/**
 * The search index port: one index per kind of thing, its settings declared in code. Adapters (Meilisearch, embedded)
 * pass the one conformance suite in `@kanau/testing`.
 *
 * Guarantees: a write that succeeded is found by every search that begins after it. Texts and queries are folded (see
 * `Folding`), so spellings are found whatever the engine. What a query may ask is checked before anything is sent, and
 * everything about it is bounded ({@link limits}). Highlighted text is escaped for HTML, so that it may be shown as it is.
 *
 * Does not write conditionally: of two writes of one document the later one stays. `Indexing` makes that right. Does not
 * keep the order of equally good hits the same over engines, and knows no phrases, operators or positions.
 */
import { Fault } from "@kanau/core"
import type { Effect } from "effect"
import { Context, Schema } from "effect"
import type { Filter } from "./Filter.ts"
import { checkedDefinition } from "./internal/definitions.ts"
import { limits } from "./internal/limits.ts"

export { limits }

/** What a field of a document may hold. */
export type Value = string | number | boolean | null | ReadonlyArray<string> | ReadonlyArray<number>

/** What is known of a thing under its id. */
export type Document = Readonly<Record<string, Value>>

/** A document to write, or null for one that is gone. */
export interface Change {
  readonly id: string
  readonly document: Document | null
}

/** By what hits are put in order. */
export interface Order<Field extends string = string> {
  readonly field: Field
  readonly direction: "asc" | "desc"
}

/** An index and its settings. `Searchable`, `Filterable` and `Sortable` are names of fields. */
export interface Definition<
  Searchable extends string = string,
  Filterable extends string = string,
  Sortable extends string = string
> {
  /** Lower-case letters, digits and single `_`. */
  readonly name: string
  /** Fields whose text is searched; a match in an earlier one counts more. */
  readonly searchable: ReadonlyArray<Searchable>
  readonly filterable: ReadonlyArray<Filterable>
  readonly sortable: ReadonlyArray<Sortable>
  /** What decides between hits that match equally well, such as popularity. */
  readonly ranking: ReadonlyArray<Order>
  /** Words that are found under other words: `{ vn: ["novel"] }` finds "novel" when asked for "vn". One word each. */
  readonly synonyms: Readonly<Record<string, ReadonlyArray<string>>>
  /** Words that do not count in queries. */
  readonly stopWords: ReadonlyArray<string>
  /** From how many letters on a word may have one typo, and two. */
  readonly typos: { readonly oneFrom: number; readonly twoFrom: number } | "none"
}

/**
 * Declares an index.
 *
 * @example
 * ```ts
 * import { SearchIndex } from "@kanau/search"
 *
 * const games = SearchIndex.define({
 *   name: "game",
 *   searchable: ["title", "aliases"],
 *   filterable: ["language"],
 *   ranking: [{ field: "votes", direction: "desc" }]
 * })
 *
 * games.sortable // => []
 * games.typos // => { oneFrom: 5, twoFrom: 9 }
 * ```
 */
export const define = <
  const Searchable extends string,
  const Filterable extends string = never,
  const Sortable extends string = never
>(settings: {
  readonly name: string
  readonly searchable: ReadonlyArray<Searchable>
  readonly filterable?: ReadonlyArray<Filterable>
  readonly sortable?: ReadonlyArray<Sortable>
  readonly ranking?: ReadonlyArray<Order>
  readonly synonyms?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly stopWords?: ReadonlyArray<string>
  readonly typos?: Definition["typos"]
}): Definition<Searchable, Filterable, Sortable> =>
  checkedDefinition({
    filterable: [],
    sortable: [],
    ranking: [],
    synonyms: {},
    stopWords: [],
    typos: { oneFrom: 5, twoFrom: 9 },
    ...settings
  })

/** What is asked of an index. */
export interface Query<
  Searchable extends string = string,
  Filterable extends string = string,
  Sortable extends string = string
> {
  /** The words; all documents when absent. The last word may be the beginning of one. */
  readonly text?: string
  /**
   * `last`: where not all words are found, the last ones may be missing. `all`: every word must be found. Absent: `all`
   * for a query that is sorted, `last` for one that is ranked.
   */
  readonly matching?: "last" | "all"
  readonly filter?: Filter<Filterable>
  /** In place of the ranking. */
  readonly sort?: ReadonlyArray<Order<Sortable>>
  /** Fields whose values are counted over everything that is found. */
  readonly facets?: ReadonlyArray<Filterable>
  /** Fields to return with what matched between `open` and `close`, `<em>` and `</em>` when absent. */
  readonly highlight?: {
    readonly fields: ReadonlyArray<Searchable>
    readonly open?: string
    readonly close?: string
  }
  /** 20 when absent. */
  readonly limit?: number
  readonly offset?: number
}

/** A document that was found. */
export interface Hit {
  readonly id: string
  readonly document: Document
  /** How well it matches, from 0 to 1; comparable within one adapter only. */
  readonly score: number
  /** The fields asked for, in HTML; several texts for a field of several values. */
  readonly highlights: Readonly<Record<string, string | ReadonlyArray<string>>>
}

/** How often a value occurs. */
export interface FacetCount {
  readonly value: string
  readonly count: number
}

/** What was found, the best first. */
export interface Found {
  readonly hits: ReadonlyArray<Hit>
  /** How many there are altogether, `limits.reach` at most. */
  readonly estimatedTotal: number
  /** Most frequent values first. */
  readonly facets: Readonly<Record<string, ReadonlyArray<FacetCount>>>
}

/** A query and the index it is for. */
export interface Asked {
  readonly index: Definition
  readonly query: Query
}

/** How an index fares. */
export interface Status {
  readonly documents: number
  /** Writes the engine has accepted and not carried out. */
  readonly pendingTasks: number
  /** Writes the engine could not carry out, of those it remembers. */
  readonly failedTasks: number
  /** The reindexing under way, or left behind. */
  readonly reindexing: Reindexing | undefined
}

/** Where a reindexing stands, as it last said. */
export interface Reindexing {
  readonly run: string
  readonly done: number
  readonly total: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly updatedAt: number
}

/**
 * The engine accepted a write and could not carry it out; trying again cannot help. `code` is the engine's.
 *
 * @example
 * ```ts
 * import { SearchIndex } from "@kanau/search"
 *
 * new SearchIndex.SearchTaskFailed({ index: "game", code: "invalid_document_id" }).kind // => "invariant"
 * ```
 */
export class SearchTaskFailed extends Fault.define<SearchTaskFailed>()(
  "SearchTaskFailed",
  "invariant",
  { index: Schema.String, code: Schema.String },
  (fault) => `The search engine could not carry out a write to ${fault.index}: ${fault.code}`
) {}

/** What a write may fail with. */
export type WriteFault = Fault.Unavailable | SearchTaskFailed | Fault.Invariant

/** What a search may fail with. */
export type SearchFault = Fault.Unavailable | Fault.InvalidInput

/** Which of the two indexes of a definition is written: the one that is searched, or the next one while it is filled. */
export type Target = "live" | "next"

export interface SearchIndexService {
  /** Creates the indexes that are not there and applies settings where they differ; safe from many processes. */
  readonly prepare: (definitions: ReadonlyArray<Definition>) => Effect.Effect<void, WriteFault>
  /** Replaces and removes documents; succeeds when the engine has carried it out. A batch names no id twice. */
  readonly write: (
    index: Definition,
    changes: ReadonlyArray<Change>,
    target?: Target
  ) => Effect.Effect<void, WriteFault>
  /** What a query finds, the best first. */
  readonly search: <S extends string, F extends string, O extends string>(
    index: Definition<S, F, O>,
    query: Query<NoInfer<S>, NoInfer<F>, NoInfer<O>>
  ) => Effect.Effect<Found, SearchFault>
  /** Several searches in one request; the answers in the same order. */
  readonly multiSearch: (queries: ReadonlyArray<Asked>) => Effect.Effect<ReadonlyArray<Found>, SearchFault>
  /** How many documents are found without words and filters. */
  readonly count: (index: Definition) => Effect.Effect<number, Fault.Unavailable>
  readonly status: (index: Definition) => Effect.Effect<Status, Fault.Unavailable>
  /** The reindexing that has begun and not ended; while there is one, whoever writes must write to `next` first. */
  readonly reindexing: (index: Definition) => Effect.Effect<Reindexing | undefined, Fault.Unavailable>
  /** Makes an empty `next` with the present settings, in place of one that was left behind, and then says so. */
  readonly begin: (index: Definition, progress: Reindexing) => Effect.Effect<void, WriteFault>
  /** Says how far it got; whether the run is still the one that fills `next`. */
  readonly progress: (index: Definition, progress: Reindexing) => Effect.Effect<boolean, WriteFault>
  /** Swaps `next` and `live` at once, unless another run has taken over, and removes the old one; whether it did. */
  readonly promote: (index: Definition, run: string) => Effect.Effect<boolean, WriteFault>
  /** Gives up: removes `next`. */
  readonly abandon: (index: Definition) => Effect.Effect<void, WriteFault>
}

export class SearchIndex extends Context.Service<SearchIndex, SearchIndexService>()("@kanau/search/SearchIndex") {}
