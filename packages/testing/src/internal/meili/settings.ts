import { MeiliError } from "./errors.ts"
import type { Json, JsonObject } from "./values.ts"
import { isObject, listOf, stringsOf } from "./values.ts"

const builtIn = ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"]

export const defaults = (): JsonObject => ({
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [],
  sortableAttributes: [],
  rankingRules: builtIn,
  stopWords: [],
  synonyms: {},
  distinctAttribute: null,
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false
  },
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha" } },
  pagination: { maxTotalHits: 1000 },
  separatorTokens: [],
  nonSeparatorTokens: [],
  dictionary: [],
  proximityPrecision: "byWord",
  prefixSearch: "indexingTime",
  facetSearch: true,
  searchCutoffMs: null,
  localizedAttributes: null,
  embedders: {}
})

/** Refuses settings the server refuses at once. */
export const check = (changes: JsonObject): void => {
  for (const rule of stringsOf(changes["rankingRules"])) {
    if (![...builtIn, "attribute"].includes(rule) && !customRule.test(rule)) {
      const message = `Invalid value at \`.rankingRules\`: \`${rule}\` ranking rule is invalid.`
      throw new MeiliError(400, "invalid_settings_ranking_rules", message)
    }
  }
  const unknown = Object.keys(changes).find((name) => !(name in defaults()))
  if (unknown !== undefined) throw new MeiliError(400, "bad_request", `Unknown field \`${unknown}\``)
}

/** `field:asc` or `field:desc`. */
export const customRule = /^([\w.]+):(asc|desc)$/

/** Settings after a change; null is the default again, objects are merged, lists that mean sets come back in order. */
export const changed = (settings: JsonObject, changes: JsonObject): JsonObject => {
  const after: Record<string, Json> = { ...settings }
  for (const [name, value] of Object.entries(changes)) {
    const before = after[name]
    after[name] = value === null
      ? defaults()[name] ?? null
      : name === "synonyms"
      ? value
      : isObject(value) && isObject(before)
      ? merged(before, value)
      : ["filterableAttributes", "sortableAttributes", "stopWords"].includes(name)
      ? listOf(value).toSorted()
      : value
  }
  return after
}

const merged = (before: JsonObject, changes: JsonObject): JsonObject =>
  Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(changes)])].map((name) => {
      const [old, value] = [before[name] ?? null, changes[name]]
      return [name, value === undefined ? old : isObject(value) && isObject(old) ? merged(old, value) : value]
    })
  )

/** Whether an attribute is declared in one of these lists, by name or by pattern. */
export const declares = (list: Json | undefined, attribute: string): boolean =>
  listOf(list).some((one) =>
    one === "*" || one === attribute || (typeof one === "string" && attribute.startsWith(`${one}.`)) ||
    (isObject(one) && stringsOf(one["attributePatterns"]).includes(attribute))
  )
