/** Documents and queries out of a seed: the same ones every time. */
import type { ViewStore } from "@kanau/views"
import { document, shape } from "./documents.ts"

export interface Random {
  readonly below: (limit: number) => number
  readonly of: <A>(choices: ReadonlyArray<A>, otherwise: A) => A
}

/** A linear congruential generator is plenty for this. */
export const seeded = (seed: number): Random => {
  let state = seed
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return { below, of: (choices, otherwise) => choices[below(choices.length)] ?? otherwise }
}

export const texts: ReadonlyArray<string> = [
  "",
  "A",
  "a",
  "ab",
  "a b",
  "b",
  "10",
  "9",
  "null",
  "é",
  "e\u0301",
  "ｱ",
  "\uffff",
  "\u{10000}",
  "😀",
  "'",
  "%_\\"
]

export const numbers: ReadonlyArray<number> = [
  -1e21,
  -2.5,
  -1,
  -1e-7,
  0,
  1e-7,
  0.1,
  1,
  2,
  9,
  10,
  2 ** 31,
  2 ** 53,
  1e21
]

const booleans = [true, false]

export const randomDocument = (random: Random, id: string, version: bigint): ViewStore.ViewDocument => {
  const few = <A>(choices: ReadonlyArray<A>, otherwise: A) =>
    Array.from({ length: random.below(4) }, () => random.of(choices, otherwise))
  const fields: Record<string, ViewStore.FieldValue> = {}
  const maybe = (field: string, value: ViewStore.FieldValue) => {
    const chance = random.below(8)
    // Left out, or null, or there.
    if (chance > 0) fields[field] = chance === 1 ? null : value
  }
  maybe("title", random.of(texts, ""))
  maybe("language", random.of(["en", "ja"], ""))
  maybe("rank", random.of(numbers, 0))
  maybe("nsfw", random.of(booleans, true))
  maybe("tags", few(texts, ""))
  maybe("scores", few(numbers, 0))
  return document(id, version, { fields })
}

export const randomQuery = (random: Random): ViewStore.Query => {
  const names = ["title", "language", "rank", "nsfw"]
  const sort = Array.from({ length: random.below(4) }, () => random.of(names, "rank"))
  return {
    where: Array.from({ length: random.below(3) }, () => condition(random)),
    sort: [...new Set(sort)].map((field) => ({ field, descending: random.below(2) === 0 })),
    limit: 1 + random.below(12)
  }
}

const condition = (random: Random): ViewStore.Condition => {
  const field = random.of(["title", "language", "rank", "nsfw", "tags", "scores"], "rank")
  const type = shape.fields[field]
  const choices: ReadonlyArray<string | number | boolean> = field === "language"
    ? ["en", "ja", "de"]
    : type === "number" || type === "numbers"
    ? numbers
    : type === "boolean"
    ? booleans
    : texts
  const value = () => random.below(8) === 0 ? null : random.of<string | number | boolean>(choices, "")
  if (type === "texts" || type === "numbers" || random.below(2) === 0) {
    return { field, is: "in", values: Array.from({ length: 1 + random.below(3) }, value) }
  }
  return { field, is: random.of(["gt", "gte", "lt", "lte"], "gt"), values: [value()] }
}
