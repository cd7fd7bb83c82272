/**
 * How well a label answers a search, for `sort: searchrank`: by its priority, whether it starts with what is searched for,
 * and how many groups of three letters both have in common, counted as PostgreSQL's `pg_trgm` counts them.
 */
import type { Label } from "./SearchText.ts"

/**
 * How similar two texts are, from 0 to 1: the groups of three letters that both have, of those that either has. Words begin
 * with two blanks and end with one.
 *
 * @example
 * ```ts
 * import { similarity } from "@kanau/vndb/kana/SearchRank"
 *
 * similarity("word", "two words") // => 4 / 11
 * ```
 */
export const similarity = (a: string, b: string): number => {
  const wanted = trigrams(b)
  return share(commonOf(a, wanted), a, wanted)
}

/**
 * The rank of entries for the words of a search; 0 when they are not found. The higher the better.
 *
 * @example
 * ```ts
 * import { rankFor } from "@kanau/vndb/kana/SearchRank"
 *
 * const rank = rankFor(["ever17"])
 * rank("v17", [{ t: "ever17", p: 3 }, { t: "ever", p: 2 }]) // => 4.5
 * ```
 */
export const rankFor = (words: ReadonlyArray<string>): (id: string, labels: ReadonlyArray<Label>) => number => {
  const query = words.join("")
  const wanted = trigrams(query)
  return (id, labels) => {
    const isId = words.length === 1 && query === id
    let best = 0
    for (const { p, t } of labels) {
      if (!isId && !words.every((word) => t.includes(word))) continue
      const score = (isId ? 2 : 0) + (t.startsWith(query) ? 0.5 : 0)
      // To look for a few groups takes less than to list all, and says how similar the label may be at most.
      const common = commonOf(t, wanted)
      const most = common === 0 ? 0 : common / wanted.size
      if (p * (score + most) > best) best = Math.max(best, p * (score + share(common, t, wanted)))
    }
    return best
  }
}

/** What both have, of what either has. */
const share = (common: number, text: string, wanted: ReadonlySet<string>): number =>
  common === 0 ? 0 : common / (trigrams(text).size + wanted.size - common)

/** How many of the groups a text has. */
const commonOf = (text: string, wanted: ReadonlySet<string>): number => {
  const isWord = /^[\p{L}\p{N}]*$/u.test(text)
  const had = isWord ? padded(text.toLowerCase()) : trigrams(text)
  let common = 0
  for (const each of wanted) if (typeof had === "string" ? had.includes(each) : had.has(each)) common++
  return common
}

const padded = (word: string): string => `  ${word} `

const trigrams = (text: string): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const text = padded(word)
    // Letters of two code units are rare, and cost more.
    const letters = /[\uD800-\uDBFF]/.test(text) ? Array.from(text) : undefined
    for (let at = 0; at + 2 < (letters ?? text).length; at++) {
      found.add(letters === undefined ? text.slice(at, at + 3) : letters.slice(at, at + 3).join(""))
    }
  }
  return found
}
