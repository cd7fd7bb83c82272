/** Documents, settings and queries as Meilisearch gets them. */
import type { MultiSearchQuery, SearchResponse, Settings } from "meilisearch"
import { fold } from "../Folding.ts"
import type { Definition, Document, Found, Query } from "../SearchIndex.ts"
import { canonical } from "./canonical.ts"
import { foldedTexts } from "./foldedTexts.ts"
import { highlighter } from "./highlight.ts"
import { limits } from "./limits.ts"
import { termsOf } from "./matching.ts"
import { attribute, expression } from "./meiliFilters.ts"
import { inOrder } from "./predicates.ts"

/** A document as Meilisearch keeps it. */
export interface Stored {
  /** The id, in the characters Meilisearch allows. */
  readonly key: string
  readonly id: string
  readonly fields: Document
  /** The folded texts of the searchable fields: what is searched. */
  readonly folded: Readonly<Record<string, ReadonlyArray<string>>>
}

export const stored = (index: Definition, id: string, document: Document): Stored => ({
  key: keyOf(id),
  id,
  fields: document,
  folded: foldedTexts(index, document)
})

/** Keys hold letters, digits, `-` and `_` only: other ids are written in base64url, behind a prefix of their own. */
export const keyOf = (id: string): string =>
  /^[A-Za-z0-9_-]+$/.test(id) && !id.startsWith(prefix) ? id : prefix + Buffer.from(id).toString("base64url")

const prefix = "b64_"

/** The settings of an index, those alone that a definition decides. */
export const settingsOf = (definition: Definition) =>
  ({
    searchableAttributes: definition.searchable.map((field) => `folded.${field}`),
    filterableAttributes: ["key", ...definition.filterable.map(attribute)].toSorted(),
    sortableAttributes: definition.sortable.map(attribute).toSorted(),
    rankingRules: [
      "sort",
      "words",
      "typo",
      "proximity",
      "attributeRank",
      "exactness",
      ...definition.ranking.map(({ direction, field }) => `${attribute(field)}:${direction}`)
    ],
    synonyms: Object.fromEntries(
      Object.entries(definition.synonyms).map(([word, others]) => [fold(word), others.map(fold).toSorted()])
    ),
    stopWords: definition.stopWords.map(fold).toSorted(),
    typoTolerance: definition.typos === "none" ? { enabled: false } : {
      enabled: true,
      disableOnNumbers: true,
      minWordSizeForTypos: { oneTypo: definition.typos.oneFrom, twoTypos: definition.typos.twoFrom }
    },
    faceting: { maxValuesPerFacet: limits.facetValues, sortFacetValuesBy: { "*": "count" } },
    pagination: { maxTotalHits: limits.reach }
  }) satisfies Settings

/** Whether an index has these settings; lists that mean sets may come back in another order. */
export const hasSettings = (actual: Settings, wanted: ReturnType<typeof settingsOf>): boolean => {
  const synonyms = Object.fromEntries(
    Object.entries(actual.synonyms ?? {}).map(([word, others]) => [word, sorted(others)])
  )
  const { synonyms: wantedSynonyms, ...rest } = wanted
  return isEqual(synonyms, wantedSynonyms) && holds({
    ...actual,
    filterableAttributes: sorted(actual.filterableAttributes),
    sortableAttributes: sorted(actual.sortableAttributes),
    stopWords: sorted(actual.stopWords)
  }, rest)
}

const sorted = (values: unknown): unknown => Array.isArray(values) ? values.map(String).toSorted() : values

/** Whether everything that is wanted is there; there may be more. */
const holds = (actual: unknown, wanted: unknown): boolean => {
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return isEqual(actual, wanted)
  if (typeof actual !== "object" || actual === null) return false
  const members = new Map<string, unknown>(Object.entries(actual))
  return Object.entries(wanted).every(([name, value]) => holds(members.get(name), value))
}

const isEqual = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

/** A query to an index; the words that count are picked here, so that every engine gets the same. */
export const asked = (index: Definition, indexUid: string, query: Query): MultiSearchQuery => {
  const filter = expression(query.filter)
  return {
    indexUid,
    q: termsOf(index, query.text ?? "").map(({ word }) => word).join(" "),
    matchingStrategy: query.matching ?? (query.sort === undefined ? "last" : "all"),
    ...(filter === undefined ? {} : { filter }),
    ...(query.sort === undefined
      ? {}
      : { sort: query.sort.map(({ direction, field }) => `${attribute(field)}:${direction}`) }),
    ...(query.facets === undefined ? {} : { facets: query.facets.map(attribute) }),
    limit: query.limit ?? 20,
    offset: query.offset ?? 0,
    attributesToRetrieve: ["id", "fields"],
    showRankingScore: true
  }
}

export const found = (index: Definition, query: Query, response: SearchResponse<Stored>): Found => {
  const highlight = highlighter(index, query)
  return {
    hits: response.hits.map(({ _rankingScore = 0, fields, id }) => ({
      id,
      document: fields,
      score: _rankingScore,
      highlights: highlight(fields)
    })),
    estimatedTotal: Math.min(response.estimatedTotalHits ?? 0, limits.reach),
    facets: Object.fromEntries((query.facets ?? []).map((field) => {
      const counts = Object.entries(response.facetDistribution?.[attribute(field)] ?? {})
      return [field, inOrder(counts.map(([value, count]) => ({ value, count })))]
    }))
  }
}
