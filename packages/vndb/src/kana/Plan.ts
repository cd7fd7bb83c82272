/**
 * Turns filters into predicates over documents, whose fields `documents` describes.
 *
 * A filter on other entries ("has a release that ...") becomes a question for ids, asked when the plan is resolved; what it
 * compares of the pair of both entries (the role of a character in this visual novel) stays with the question, since the
 * other entry's document lists the visual novels it belongs to. Lists of users are asked in the same way.
 *
 * Every filter is complemented by `!=`, save that an unknown value of an ordered filter, and of `uncensored`, fulfils
 * neither `=` nor `!=`.
 */
import type { Predicate } from "@kanau/views"
import { Effect } from "effect"
import type { DocumentName } from "./documents.ts"
import type { Filter, Nested } from "./Filter.ts"
import type { Entity } from "./Filters.ts"
import { leafPlan } from "./internal/leafPlans.ts"
import { all, always, any, not } from "./internal/predicates.ts"

/** What filters depend on beside themselves. */
export interface Situation {
  /** YYYYMMDD of the day in UTC. */
  readonly today: number
  /** Who asks, "u2"; null for a guest. */
  readonly reader: string | null
  /** Whether the reader's private list entries and labels are visible to this request. */
  readonly readsPrivate: boolean
}

/** A question for the ids of other documents. */
export interface Question<Where> {
  readonly documents: DocumentName
  /** Look at the records of this list by themselves: in `where`, `list.member` is of the current record. */
  readonly list: string | null
  /** The text that is asked for: a member of the record, or without a list a field of the document, or `id`. */
  readonly member: string
  readonly where: Where
}

/** A question for one quote: of any visual novel that has quotes with a score above zero, one of these by its score. */
export interface RandomQuote {
  readonly random: "quote"
}

/** A question for the ids of entries with a label that holds all words. */
export interface Search {
  readonly entity: Entity
  readonly search: ReadonlyArray<string>
}

/** A predicate with questions that have not been asked yet. */
export type Plan =
  | { readonly all: ReadonlyArray<Plan> }
  | { readonly any: ReadonlyArray<Plan> }
  | { readonly not: Plan }
  | { readonly some: string; readonly where: Plan }
  | Predicate.Comparison
  /** The field holds one of the answers; with `some` a record of the list does. */
  | { readonly ask: Question<Plan> | RandomQuote; readonly into: string; readonly some?: string }
  /** Asked first, since documents take longer to look through. */
  | (Search & { readonly otherwise: Predicate.Predicate })

/**
 * The plan of a filter; of no filter one that holds always.
 *
 * @example
 * ```ts
 * import { plan } from "@kanau/vndb/kana/Plan"
 *
 * const situation = { today: 20261121, reader: null, readsPrivate: false }
 * plan("vn", { is: "choice", name: "olang", op: "=", value: "ja" }, situation) // => { field: "olang", is: "in", values: ["ja"] }
 * ```
 */
export const plan = (entity: Entity, filter: Filter | null, situation: Situation): Plan =>
  filter === null ? always : planOf(entity, filter, situation, false)

/**
 * The rows of a user's list that are visible; `/ulist` answers those whose visual novels fulfil its filter.
 *
 * @example
 * ```ts
 * import { listPlan } from "@kanau/vndb/kana/Plan"
 *
 * const situation = { today: 20261121, reader: "u2", readsPrivate: true }
 * listPlan("u2", situation) // => { field: "user", is: "in", values: ["u2"] }
 * ```
 */
export const listPlan = (user: string, { reader, readsPrivate }: Situation): Predicate.Predicate => {
  const theirs: Predicate.Predicate = { field: "user", is: "in", values: [user] }
  return reader === user && readsPrivate
    ? theirs
    : { all: [theirs, { field: "private", is: "in", values: [false] }] }
}

/**
 * The predicate of a plan, once `ask` has answered every question in it, the inner ones first. A question for nothing but
 * ids that are known is not asked. Where `ask` knows nothing of a search, documents are looked through.
 *
 * @example
 * ```ts
 * import { resolve } from "@kanau/vndb/kana/Plan"
 * import { Effect } from "effect"
 *
 * const where = { field: "lang", is: "in", values: ["ja"] } as const
 * const plan = { ask: { documents: "producer", list: null, member: "id", where }, into: "developers" } as const
 * Effect.runSync(resolve(plan, () => Effect.succeed(["p1"]))) // => { field: "developers", is: "in", values: ["p1"] }
 * ```
 */
export const resolve = <E, R>(
  plan: Plan,
  ask: (
    question: Question<Predicate.Predicate> | RandomQuote | Search
  ) => Effect.Effect<Iterable<string> | undefined, E, R>
): Effect.Effect<Predicate.Predicate, E, R> => {
  const each = (plans: ReadonlyArray<Plan>) =>
    Effect.forEach(plans, (one) => resolve(one, ask), { concurrency: "unbounded" })
  if ("all" in plan) return Effect.map(each(plan.all), (parts) => ({ all: parts }))
  if ("any" in plan) return Effect.map(each(plan.any), (parts) => ({ any: parts }))
  if ("not" in plan) return Effect.map(resolve(plan.not, ask), (part) => ({ not: part }))
  if ("where" in plan) return Effect.map(resolve(plan.where, ask), (where) => ({ some: plan.some, where }))
  if ("field" in plan) return Effect.succeed(plan)
  if ("search" in plan) {
    return Effect.map(
      ask(plan),
      (ids) => ids === undefined ? plan.otherwise : { field: "id", is: "in", values: [...ids] }
    )
  }
  const { ask: question, into, some } = plan
  const held = (ids: Iterable<string> = []): Predicate.Predicate => {
    const found = { field: into, is: "in", values: [...ids] } as const
    return some === undefined ? found : { some, where: found }
  }
  if ("random" in question) return Effect.map(ask(question), held)
  return Effect.flatMap(resolve(question.where, ask), (where) => {
    const known = question.list === null && question.member === "id" ? idsIn(where) : undefined
    return known === undefined ? Effect.map(ask({ ...question, where }), held) : Effect.succeed(held(known))
  })
}

const planOf = (entity: Entity, filter: Filter, situation: Situation, isInVn: boolean): Plan => {
  switch (filter.is) {
    case "and":
      return all(filter.of.map((each) => planOf(entity, each, situation, isInVn)))
    case "or":
      return any(filter.of.map((each) => planOf(entity, each, situation, isInVn)))
    case "nested": {
      const where = planOf(filter.of, filter.filter, situation, entity === "vn")
      const found = nestedPlan(entity, filter, where)
      return filter.op === "=" ? found : not(found)
    }
    default:
      return leafPlan(entity, filter, situation, isInVn)
  }
}

/** Where the ids of the other entries are: in this entry's document, or this entry's id in theirs. */
const nestedPlan = (entity: Entity, { name, of }: Nested, where: Plan): Plan => {
  const theirs: Question<Plan> = { documents: of, list: null, member: "id", where }
  switch (`${entity}.${name}`) {
    case "vn.developer":
      return { ask: theirs, into: "developers" }
    case "release.producer":
      return { ask: theirs, into: "producers" }
    case "character.seiyuu":
      return { ask: theirs, into: "seiyuu" }
    case "release.vn":
    case "character.vn":
      return { ask: theirs, into: "id", some: "vns" }
    case "quote.vn":
    case "quote.character":
      return { ask: theirs, into: name }
    default:
      // Releases, characters and staff of a visual novel.
      return { ask: { ...theirs, list: "vns" }, into: "id" }
  }
}

/**
 * The ids, where a predicate says nothing else than these.
 *
 * @example
 * ```ts
 * import { idsIn } from "@kanau/vndb/kana/Plan"
 *
 * idsIn({ field: "id", is: "in", values: ["v17"] }) // => ["v17"]
 * idsIn({ field: "olang", is: "in", values: ["ja"] }) // => undefined
 * ```
 */
export const idsIn = (where: Predicate.Predicate): ReadonlyArray<string> | undefined =>
  "field" in where && where.field === "id" && where.is === "in"
    ? where.values.filter((value) => typeof value === "string")
    : undefined
