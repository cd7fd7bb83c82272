/** Which documents a query finds, and how well: the figures that the ranking rules compare. */
import type { Index } from "./state.ts"
import { stringsOf, texts, words } from "./values.ts"
import type { JsonObject } from "./values.ts"
import { isObject, member, numberOr } from "./values.ts"

/** A word of a document that matches a word of the query. */
interface Hit {
  readonly attribute: number
  readonly position: number
  readonly typos: number
  readonly isExact: boolean
  readonly word: string
}

export interface Match {
  readonly document: JsonObject
  /** For each word of the query, what matches it. */
  readonly hits: ReadonlyArray<ReadonlyArray<Hit>>
  /** Higher is better. */
  readonly scores: Readonly<Record<string, number>>
}

/** The words of a query that count: ten at most. */
export const termsOf = ({ settings }: Index, text: string): ReadonlyArray<string> =>
  words(text).filter((word) => !stringsOf(settings["stopWords"]).includes(word)).slice(0, 10)

/** Letters to insert, delete, replace, or swap; a wrong first letter counts twice. More than `most`: gives up. */
const typosBetween = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1
  const rows: Array<Array<number>> = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? 0
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cell(i - 2, j - 2) + 1 : Infinity
      const replace = cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, replace, swap))
    }
  }
  const typos = cell(a.length, b.length)
  return typos > 0 && a[0] !== b[0] ? typos + 1 : typos
}

const budgetOf = ({ settings }: Index, term: string): number => {
  const typos = isObject(settings["typoTolerance"]) ? settings["typoTolerance"] : {}
  const sizes = isObject(typos["minWordSizeForTypos"]) ? typos["minWordSizeForTypos"] : {}
  const isSpared = stringsOf(typos["disableOnWords"]).includes(term) ||
    (typos["disableOnNumbers"] === true && /^[0-9]+$/.test(term))
  if (typos["enabled"] === false || isSpared) return 0
  return term.length >= numberOr(sizes["twoTypos"], 9) ? 2 : term.length >= numberOr(sizes["oneTypo"], 5) ? 1 : 0
}

/** How a document matches these words. */
export const match = (
  index: Index,
  document: JsonObject,
  terms: ReadonlyArray<string>,
  only: ReadonlyArray<string> | undefined
): Match => {
  const { settings } = index
  const declared = stringsOf(settings["searchableAttributes"])
  const attributes = declared.includes("*") ? Object.keys(document) : declared
  const found: Array<{ word: string; attribute: number; position: number }> = []
  const wholes = new Set<string>()
  for (const [attribute, name] of attributes.entries()) {
    if (only !== undefined && !only.includes("*") && !only.includes(name)) continue
    let position = 0
    for (const text of texts(member(document, name))) {
      const ofText = words(text)
      wholes.add(ofText.join(" "))
      found.push(
        ...ofText.map((word, at) => ({
          word,
          attribute: declared.includes("*") ? 0 : attribute,
          position: position + at
        }))
      )
      // Values of one field are far from each other.
      position += ofText.length + 8
    }
  }
  const synonyms = isObject(settings["synonyms"]) ? settings["synonyms"] : {}
  const hits = terms.map((term, at): ReadonlyArray<Hit> => {
    const budget = budgetOf(index, term)
    const alternatives = [term, ...stringsOf(synonyms[term]).flatMap(words)]
    const isPrefix = at === terms.length - 1 && settings["prefixSearch"] !== "disabled"
    const typosOf = (word: string): number =>
      Math.min(...alternatives.map((one) => {
        if (word === one || (isPrefix && word.startsWith(one))) return 0
        if (budget === 0) return Infinity
        const whole = typosBetween(one, word, budget)
        return isPrefix && word.length > one.length
          ? Math.min(whole, typosBetween(one, word.slice(0, one.length), budget))
          : whole
      }))
    return found.flatMap(({ attribute, position, word }) => {
      const typos = typosOf(word)
      return typos <= budget ? [{ attribute, position, typos, isExact: word === term, word }] : []
    })
  })
  return { document, hits, scores: scoresOf(hits, wholes.has(terms.join(" "))) }
}

/** Words after the first that is missing do not count: a query loses its last words first. */
const scoresOf = (all: ReadonlyArray<ReadonlyArray<Hit>>, isWhole: boolean): Match["scores"] => {
  const missing = all.findIndex((hits) => hits.length === 0)
  const used = all.slice(0, missing === -1 ? undefined : missing)
  const least = (of: (hit: Hit) => number): number => used.reduce((total, hits) => total + Math.min(...hits.map(of)), 0)
  const attribute = least((hit) => hit.attribute)
  const position = least((hit) => hit.position)
  const distances = used.slice(1).map((hits, at) =>
    Math.min(8, ...hits.flatMap((hit) => used[at]?.map((before) => distance(before, hit)) ?? []))
  )
  return {
    words: used.length,
    typo: -least((hit) => hit.typos),
    proximity: -distances.reduce((total, one) => total + one, 0),
    attributeRank: -attribute,
    attribute: -(attribute * 1000 + position),
    wordPosition: -position,
    exactness: used.filter((hits) => hits.some((hit) => hit.isExact)).length + (isWhole ? 1 : 0)
  }
}

const distance = (before: Hit, after: Hit): number =>
  before.attribute !== after.attribute
    ? 8
    : Math.min(
      8,
      after.position > before.position ? after.position - before.position : before.position - after.position + 1
    )
