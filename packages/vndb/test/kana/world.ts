/** A few documents of every kind, and a store in memory that answers what plans ask. */
import { Predicate, type ViewStore } from "@kanau/views"
import { Effect, Result } from "effect"
import { type DocumentName, documents } from "../../src/kana/documents.ts"
import { parse } from "../../src/kana/FilterParser.ts"
import type { Entity } from "../../src/kana/Filters.ts"
import { type Plan, plan, type Question, type RandomQuote, resolve, type Situation } from "../../src/kana/Plan.ts"

export interface Document {
  readonly id: string
  readonly fields: Readonly<Record<string, ViewStore.FieldValue>>
}

export type World = Partial<Readonly<Record<DocumentName, ReadonlyArray<Document>>>>

export const guest: Situation = { today: 20220115, reader: null, readsPrivate: false }

/** The declared fields of documents, as a store wants them. */
export const shapeOf = (name: DocumentName): ViewStore.Shape => ({
  fields: Object.fromEntries(Object.entries(documents[name]).map(([field, { type }]) => [field, type])),
  indexes: []
})

/** What a store would die of. */
const check = (name: DocumentName, where: Predicate.Predicate, list?: string): void => {
  const mistake = Predicate.mistakeOf(where, shapeOf(name).fields, list)
  if (mistake !== undefined) throw new Error(`${name}: ${mistake}`)
}

const pluck = (world: World, { documents: name, list, member, where }: Question<Predicate.Predicate>) => {
  check(name, where, list ?? undefined)
  const found = new Set<string>()
  for (const document of world[name] ?? []) {
    if (list === null) {
      const value = member === "id" ? document.id : document.fields[member]
      if (typeof value === "string" && Predicate.holds(where, document)) found.add(value)
    } else {
      for (const record of document.fields[list] as ReadonlyArray<Readonly<Record<string, string>>>) {
        if (Predicate.holds(where, document, { list, record })) found.add(record[member]!)
      }
    }
  }
  return found
}

/** Ids of the documents that fulfil a plan, and the questions that were asked. */
export const found = (
  world: World,
  name: DocumentName,
  what: Plan,
  drawn?: string
): {
  readonly ids: ReadonlyArray<string>
  readonly asked: ReadonlyArray<Question<Predicate.Predicate> | RandomQuote>
} => {
  const asked: Array<Question<Predicate.Predicate> | RandomQuote> = []
  const where = Effect.runSync(resolve(what, (question) =>
    Effect.sync(() => {
      // Left to the documents.
      if ("search" in question) return undefined
      asked.push(question)
      if (!("random" in question)) return pluck(world, question)
      return drawn === undefined ? [] : [drawn]
    })))
  check(name, where)
  return { ids: (world[name] ?? []).filter((each) => Predicate.holds(where, each)).map(({ id }) => id), asked }
}

/** Ids of the documents that a filter matches, within a single text. */
export const matches = (
  world: World,
  entity: Entity,
  filter: unknown,
  situation: Situation = guest,
  drawn?: string
): string =>
  found(world, entity, plan(entity, Result.getOrThrow(parse(entity, filter, situation.reader)), situation), drawn).ids
    .join(" ")

/** Documents v1, v2 ... (or of another prefix) with these fields. */
export const those = (prefix: string, ...all: ReadonlyArray<Readonly<Record<string, ViewStore.FieldValue>>>) =>
  all.map((fields, at) => ({ id: `${prefix}${at + 1}`, fields: { num: at + 1, ...fields } }))
