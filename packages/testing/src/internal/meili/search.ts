/** A search: candidates, bucket sort by the ranking rules, page, facets. */
import { MeiliError } from "./errors.ts"
import { filter } from "./filters.ts"
import type { Match } from "./matching.ts"
import { match, termsOf } from "./matching.ts"
import { customRule, declares } from "./settings.ts"
import type { Index } from "./state.ts"
import type { Json, JsonObject } from "./values.ts"
import { fold, isObject, member, numberOr, pick, stringsOf, textOf, texts, valuesOf } from "./values.ts"

export const search = (index: Index, query: JsonObject): JsonObject => {
  const startedAt = performance.now()
  const { settings } = index
  const sort = stringsOf(query["sort"])
  checkSort(index, sort)
  const terms = termsOf(index, textOf(query["q"] ?? ""))
  const only = Array.isArray(query["attributesToSearchOn"]) ? stringsOf(query["attributesToSearchOn"]) : undefined
  const fits = filter(index, query["filter"], "invalid_search_filter")
  const isFound = (found: Match): boolean =>
    terms.length === 0 ||
    (query["matchingStrategy"] === "all"
      ? found.hits.every((hits) => hits.length > 0)
      : (found.scores["words"] ?? 0) > 0)
  const candidates = [...index.documents.values()].filter(fits)
  const ranked = distinct(
    index,
    query,
    candidates.map((document) => match(index, document, terms, only)).filter(isFound).toSorted(
      order(index, sort, terms)
    )
  )
  const total = Math.min(ranked.length, numberOr(member(settings, "pagination.maxTotalHits"), 1000))
  const { bounds, describe } = page(query, total)
  return {
    hits: ranked.slice(0, total).slice(...bounds).map((found) => hit(index, query, found, terms)),
    query: textOf(query["q"] ?? ""),
    processingTimeMs: Math.round(performance.now() - startedAt),
    ...describe,
    ...facets(index, query["facets"], ranked.map(({ document }) => document))
  }
}

const checkSort = (index: Index, sort: ReadonlyArray<string>): void => {
  for (const one of sort) {
    const [, attribute] = customRule.exec(one) ?? []
    if (attribute === undefined || !declares(index.settings["sortableAttributes"], attribute)) {
      const message = `Index \`${index.uid}\`: Attribute \`${one.split(":")[0]}\` is not sortable.`
      throw new MeiliError(400, "invalid_search_sort", message)
    }
  }
}

type Comparison = (a: Match, b: Match) => number

/** The rules one after the other; `words` goes before the first rule that needs it, unless it is named. */
const order = ({ settings }: Index, sort: ReadonlyArray<string>, terms: ReadonlyArray<string>): Comparison => {
  const named = stringsOf(settings["rankingRules"])
  const needing = named.findIndex((rule) =>
    ["typo", "proximity", "attribute", "attributeRank", "exactness"].includes(rule)
  )
  const rules = named.includes("words") || needing === -1 ? named : named.toSpliced(needing, 0, "words")
  const comparisons = rules.flatMap((rule): ReadonlyArray<Comparison> => {
    if (rule === "sort") return sort.map(byAttribute)
    if (customRule.test(rule)) return [byAttribute(rule)]
    return terms.length === 0 ? [] : [(a, b) => (b.scores[rule] ?? 0) - (a.scores[rule] ?? 0)]
  })
  return (a, b) => {
    for (const comparison of comparisons) {
      const found = comparison(a, b)
      if (found !== 0) return found
    }
    return 0
  }
}

/** Documents without the attribute come last either way, numbers before text. */
const byAttribute = (rule: string): Comparison => {
  const [, attribute = "", direction] = customRule.exec(rule) ?? []
  const sign = direction === "desc" ? -1 : 1
  return (one, other) => {
    const [[a], [b]] = [valuesOf(one.document, attribute), valuesOf(other.document, attribute)]
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    if (typeof a === "number" && typeof b === "number") return sign * (a - b)
    if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1
    const [x, y] = [fold(textOf(a)), fold(textOf(b))]
    return x === y ? 0 : x < y ? -sign : sign
  }
}

const distinct = ({ settings }: Index, query: JsonObject, found: ReadonlyArray<Match>): ReadonlyArray<Match> => {
  const attribute = query["distinct"] ?? settings["distinctAttribute"]
  if (typeof attribute !== "string") return found
  const seen = new Set<string>()
  return found.filter(({ document }) => {
    const value = JSON.stringify(member(document, attribute))
    return value === undefined || (!seen.has(value) && seen.add(value).size > 0)
  })
}

const page = (
  query: JsonObject,
  total: number
): { readonly bounds: readonly [number, number]; readonly describe: JsonObject } => {
  if (query["page"] === undefined && query["hitsPerPage"] === undefined) {
    const [offset, limit] = [numberOr(query["offset"], 0), numberOr(query["limit"], 20)]
    return { bounds: [offset, offset + limit], describe: { limit, offset, estimatedTotalHits: total } }
  }
  const [number, hitsPerPage] = [numberOr(query["page"], 1), numberOr(query["hitsPerPage"], 20)]
  const totalPages = Math.ceil(total / hitsPerPage)
  return {
    bounds: [(number - 1) * hitsPerPage, number * hitsPerPage],
    describe: { hitsPerPage, page: number, totalPages, totalHits: total }
  }
}

const hit = (index: Index, query: JsonObject, found: Match, terms: ReadonlyArray<string>): JsonObject => {
  const displayed = pick(found.document, stringsOf(index.settings["displayedAttributes"]))
  const wanted = query["attributesToRetrieve"]
  const shown = pick(displayed, wanted === undefined ? undefined : stringsOf(wanted))
  return {
    ...shown,
    ...(Array.isArray(query["attributesToHighlight"]) ? { _formatted: formatted(query, found, displayed, shown) } : {}),
    ...(query["showRankingScore"] === true ? { _rankingScore: rankingScore(found, terms) } : {})
  }
}

const formatted = (query: JsonObject, found: Match, displayed: JsonObject, shown: JsonObject): JsonObject => {
  const names = stringsOf(query["attributesToHighlight"])
  const [open, close] = [textOf(query["highlightPreTag"] ?? "<em>"), textOf(query["highlightPostTag"] ?? "</em>")]
  const matched = new Set(found.hits.flatMap((hits) => hits.map(({ word }) => word)))
  const mark = (text: string) =>
    text.replace(/[\p{L}\p{N}\p{M}]+/gu, (word) => matched.has(fold(word)) ? `${open}${word}${close}` : word)
  const format = (value: Json, isMarked: boolean): Json =>
    typeof value === "string"
      ? isMarked ? mark(value) : value
      : typeof value === "number"
      ? textOf(value)
      : Array.isArray(value)
      ? value.map((one: Json) => format(one, isMarked))
      : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, format(one, isMarked)]))
      : value
  const isNamed = (name: string) =>
    names.includes("*") || names.some((one) => one === name || one.startsWith(`${name}.`))
  return Object.fromEntries(
    Object.entries(displayed).filter(([name]) => name in shown || isNamed(name)).map(([name, value]) => [
      name,
      format(value, isNamed(name))
    ])
  )
}

const rankingScore = ({ scores }: Match, terms: ReadonlyArray<string>): number => {
  const { attributeRank = 0, exactness = 0, typo = 0, words = 0 } = scores
  return terms.length === 0
    ? 1
    : (0.7 * words) / terms.length + 0.1 / (1 - typo) + 0.1 / (1 - attributeRank) +
      (0.1 * exactness) / (terms.length + 1)
}

/** Refuses to count an attribute that is not declared filterable. */
export const checkFacet = ({ settings }: Index, attribute: string): void => {
  if (declares(settings["filterableAttributes"], attribute)) return
  const message = `Invalid facet distribution: Attribute \`${attribute}\` is not filterable.`
  throw new MeiliError(400, "invalid_search_facets", message)
}

const facets = (index: Index, asked: Json | undefined, documents: ReadonlyArray<JsonObject>): JsonObject => {
  if (asked === undefined) return {}
  const names = stringsOf(asked).includes("*") ? stringsOf(index.settings["filterableAttributes"]) : stringsOf(asked)
  for (const name of names) checkFacet(index, name)
  const faceting = index.settings["faceting"]
  const most = numberOr(member(faceting, "maxValuesPerFacet"), 100)
  const by = isObject(faceting) && isObject(faceting["sortFacetValuesBy"]) ? faceting["sortFacetValuesBy"] : {}
  const distribution = names.map((name) => {
    const counts = new Map<string, number>()
    for (const document of documents) {
      for (const value of new Set(texts(member(document, name)))) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    const isByCount = (by[name] ?? by["*"]) === "count"
    const sorted = [...counts].toSorted(([a, x], [b, y]) => isByCount && x !== y ? y - x : a < b ? -1 : 1)
    return [name, Object.fromEntries(sorted.slice(0, most))] as const
  })
  const stats = names.flatMap((name) => {
    const numbers = documents.flatMap((document) => valuesOf(document, name)).filter((value) =>
      typeof value === "number"
    )
    return numbers.length === 0 ? [] : [[name, { min: Math.min(...numbers), max: Math.max(...numbers) }] as const]
  })
  return { facetDistribution: Object.fromEntries(distribution), facetStats: Object.fromEntries(stats) }
}
