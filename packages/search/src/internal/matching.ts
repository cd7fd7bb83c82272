/** How one word of a query matches one word of a text: exactly, as its beginning, under a synonym, or with typos. */
import { asked, fold } from "../Folding.ts"
import type { Definition } from "../SearchIndex.ts"

/** A word of a query. */
export interface Term {
  readonly word: string
  /** The word and its synonyms. */
  readonly alternatives: ReadonlyArray<string>
  /** Typos it may have. */
  readonly budget: number
  /** Whether it may be the beginning of a word. */
  readonly isPrefix: boolean
}

/** The words of a query that count. */
export const termsOf = (index: Definition, text: string): ReadonlyArray<Term> => {
  const stopWords = new Set(index.stopWords.map(fold))
  const synonyms = new Map(Object.entries(index.synonyms).map(([word, others]) => [fold(word), others.map(fold)]))
  const words = asked(text).filter((word) => !stopWords.has(word))
  return words.map((word, at) => ({
    word,
    alternatives: [word, ...synonyms.get(word) ?? []],
    budget: budgetOf(index, word),
    isPrefix: at === words.length - 1
  }))
}

const budgetOf = ({ typos }: Definition, word: string): number =>
  typos === "none" || /^[0-9]+$/.test(word) || word.length < typos.oneFrom ? 0 : word.length < typos.twoFrom ? 1 : 2

/** How many typos are between a term and a word of a text; none when it does not match. */
export const typosOf = ({ alternatives, budget, isPrefix }: Term, word: string): number | undefined => {
  if (alternatives.some((one) => word === one || (isPrefix && word.startsWith(one)))) return 0
  if (budget === 0) return undefined
  const typos = Math.min(...alternatives.map((one) => distance(one, word, budget)))
  return typos <= budget ? typos : undefined
}

/**
 * Letters to insert, delete, replace or swap with their neighbour. A wrong first letter counts twice: it is rarely a typo.
 * Some number above `most` when there are more.
 */
const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most || (most < 2 && a[0] !== b[0])) return most + 1
  let [before, last] = [[] as Array<number>, Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    ;[before, last] = [last, row]
  }
  const typos = last[b.length] ?? 0
  return typos > 0 && a[0] !== b[0] ? typos + 1 : typos
}
