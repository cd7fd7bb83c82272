/** Documents and queries out of a seed: the same ones every time. */
import type { Predicate, ViewStore } from "@kanau/views"
import { document, shape, tombstone } from "./documents.ts"

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
  maybe("links", Array.from({ length: random.below(5) }, () => randomRecord(random)))
  return document(id, version, { fields })
}

const randomRecord = (random: Random): ViewStore.FlatRecord => {
  const record: Record<string, string | number | boolean | null> = {}
  const maybe = (member: string, value: string | number | boolean) => {
    const chance = random.below(6)
    if (chance > 0) record[member] = chance === 1 ? null : value
  }
  maybe("name", random.of(texts.slice(0, 6), ""))
  maybe("level", random.below(4))
  maybe("minor", random.of(booleans, true))
  return record
}

/** What predicates name: of documents, of records in `some`, and of the current record. */
const fieldsOf = {
  document: {
    id: "id",
    title: "text",
    language: "text",
    rank: "number",
    nsfw: "boolean",
    tags: "list",
    scores: "list"
  },
  record: { name: "text", level: "number", minor: "boolean" },
  current: { "links.name": "text", "links.level": "number", "links.minor": "boolean" }
} as const

/** A predicate for documents; with a current record, for both. */
export const randomPredicate = (random: Random, isOfPairs = false, depth = 3): Predicate.Predicate => {
  const part = () => randomPredicate(random, isOfPairs, depth - 1)
  const parts = () => Array.from({ length: random.below(4) }, part)
  switch (depth === 0 ? 9 : random.below(9)) {
    case 0:
    case 1:
      return { all: parts() }
    case 2:
      return { any: parts() }
    case 3:
      return { not: part() }
    case 4:
    case 5:
      return { some: "links", where: recordPredicate(random, depth - 1) }
    default:
      return isOfPairs && random.below(2) === 0
        ? comparison(random, fieldsOf.current)
        : comparison(random, fieldsOf.document)
  }
}

const recordPredicate = (random: Random, depth: number): Predicate.Predicate => {
  const parts = () => Array.from({ length: random.below(3) }, () => recordPredicate(random, depth - 1))
  switch (depth <= 0 ? 9 : random.below(6)) {
    case 0:
      return { all: parts() }
    case 1:
      return { any: parts() }
    case 2:
      return { not: recordPredicate(random, depth - 1) }
    default:
      return comparison(random, fieldsOf.record)
  }
}

const comparison = (
  random: Random,
  fields: Readonly<Record<string, "id" | "text" | "number" | "boolean" | "list">>
): Predicate.Predicate => {
  const [field, type] = random.of(Object.entries(fields), ["title", "text"])
  const choices: ReadonlyArray<string | number | boolean> = type === "id"
    ? ["d1", "d2", "d7", "d11", "d"]
    : field.endsWith("level")
    ? [0, 1, 2, 3]
    : type === "number" || field === "scores"
    ? numbers
    : type === "boolean"
    ? booleans
    : field === "language"
    ? ["en", "ja", "de"]
    : texts.slice(0, field.endsWith("name") ? 6 : texts.length)
  const value = () => random.below(8) === 0 ? null : random.of<string | number | boolean>(choices, "")
  const comparisons = ["in", "gt", "gte", "lt", "lte", "contains"] as const
  const is = type === "list" ? "in" : random.of(comparisons.slice(0, type === "text" || type === "id" ? 6 : 5), "in")
  return { field, is, values: Array.from({ length: is === "in" ? random.below(4) : 1 }, value) }
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

/** Documents with values of every kind, with none, and one that is gone. */
export const ofEveryKind = () => [
  ...texts.map((title, n) => document(`t${n}`, 1n, { fields: { title, tags: [title, "common"] } })),
  ...numbers.map((rank, n) => document(`n${n}`, 1n, { fields: { rank, scores: [rank, 7] } })),
  ...[true, false].map((nsfw) => document(`b${nsfw}`, 1n, { fields: { nsfw } })),
  document("nulls", 1n, { fields: { title: null, rank: null, nsfw: null, tags: null, scores: null } }),
  document("bare", 1n, { fields: {} }),
  document("empty", 1n, { fields: { tags: [], scores: [] } }),
  tombstone("gone", 1n)
]
