/** Filters as clients might send them, at random from a seed. */
import { sites } from "../../src/kana/Extlinks.ts"
import { type Entity, filters, type Rule } from "../../src/kana/Filters.ts"

/** Numbers in [0, 1), the same for the same seed. */
export const randomFrom = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What a generator may take from. */
export interface Choices {
  /** Greatest number of an id. */
  readonly ids: number
  readonly words: ReadonlyArray<string>
}

/** A function that makes a filter of an entity. */
export const filtersFrom = (
  seed: number,
  choices: Choices = { ids: 9_999_999, words: ["", "ever17", "a b", "\"c d\" e", "日本-語", "v17", "x_y~!"] }
): (entity: Entity) => ReadonlyArray<unknown> => {
  const random = randomFrom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const pick = <A>(list: ReadonlyArray<A>): A => list[below(list.length)]!
  const id = (prefix: string) => `${prefix}${1 + below(choices.ids)}`
  const valueOf = (rule: Rule, depth: number): unknown => {
    switch (rule.is) {
      case "id":
        return random() < 0.2 ? 1 + below(choices.ids) : id(rule.prefix)
      case "search":
      case "text":
        return pick(choices.words)
      case "choice":
        return rule.unknown === undefined || random() < 0.8 ? pick(rule.of) : rule.unknown
      case "number": {
        if (rule.unknown === null && random() < 0.2) return null
        return rule.min + below(Math.min(rule.max - rule.min + 1, random() < 0.5 ? 300 : Infinity))
      }
      case "date":
        return pick(["2022-01-31", "2022-01", "2022", "TBA", "unknown", "today", 20200131, "2012-12", "2015-06-15"])
      case "one":
        return 1
      case "pair":
        return [below(Math.min(rule.max + 1, 1300)), below(Math.min(rule.max + 1, 1000))]
      case "tag":
        return pick<unknown>([id("g"), [id("g"), below(3), below(16) / 5], [
          id("g"),
          below(3),
          below(16) / 5,
          below(2)
        ]])
      case "trait":
        return pick<unknown>([id("i"), [id("i"), below(3)], [id("i"), 1 + below(2), below(2)]])
      case "label":
        return [id("u"), pick([0, 1, 5, 7, 10])]
      case "link":
        return pick<unknown>([pick(Object.keys(sites)), ["steam", String(below(choices.ids))], [
          "website",
          "https://a,b"
        ]])
      case "nested":
        return filter(rule.of, depth + 1)
    }
  }
  const filter = (entity: Entity, depth: number): ReadonlyArray<unknown> => {
    if (depth < 4 && random() < 0.3) {
      return [pick(["and", "or"]), ...Array.from({ length: 1 + below(4) }, () => filter(entity, depth + 1))]
    }
    const known = Object.entries(filters[entity]).filter(([, { rule }]) => depth < 4 || rule.is !== "nested")
    const [name, { ordered, rule }] = pick(known)
    return [name, pick(ordered ? ["=", "!=", ">=", ">", "<=", "<"] : ["=", "=", "!="]), valueOf(rule, depth)]
  }
  return (entity) => filter(entity, 0)
}
