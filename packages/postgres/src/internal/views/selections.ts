/** Selections by predicates, one statement each. What they name was checked before. */
import { Predicate, type ViewStore } from "@kanau/views"
import type { Fields } from "./keys.ts"
import { elementsOf, expression } from "./keys.ts"
import { contained, expressionOf } from "./predicates.ts"
import type { Statement } from "./statements.ts"
import { binder, inCollection, typeOf } from "./statements.ts"

/** Documents in order, with the fields asked for as `field0`, `field1`… */
export const select = (
  collection: string,
  declared: Fields,
  { where, sort, skip, limit, bytes = true, fields = [] }: ViewStore.Selection
): Statement => {
  const bound = binder()
  const columns = [
    "id",
    "etag",
    bytes ? "bytes" : "''::bytea as bytes",
    ...fields.map((field, index) => `fields -> '${field}' as field${index}`)
  ]
  const order = sort.map(({ field, descending }) =>
    `${expression(field, typeOf(declared, field))}${descending ? " desc" : ""}`
  )
  return {
    text: `select ${columns.join(", ")} from kanau.views
      where ${inCollection(collection)} and ${expressionOf(where, declared, bound)}
      order by ${[...order, "id"].join(", ")}
      limit ${bound.parameter(limit, "bigint")} offset ${bound.parameter(skip, "bigint")}`,
    parameters: bound.parameters
  }
}

export const tally = (collection: string, declared: Fields, where: Predicate.Predicate): Statement => {
  const bound = binder()
  return {
    text: `select count(*)::int as found from kanau.views
      where ${inCollection(collection)} and ${expressionOf(where, declared, bound)}`,
    parameters: bound.parameters
  }
}

/** Distinct texts as `value`. */
export const pluck = (
  collection: string,
  declared: Fields,
  { where, list, member, limit }: ViewStore.Plucking
): Statement => {
  const bound = binder()
  const index = list === undefined
    ? undefined
    : contained(list, Predicate.parts(where, list).record, declared, bound)
  const conditions = [
    inCollection(collection),
    ...(index === undefined ? [] : [index.text]),
    expressionOf(where, declared, bound, list)
  ]
  const [value, rows] = list !== undefined
    ? [`record ->> '${member}'`, `, ${elementsOf(list)}`]
    : member === "id"
    ? ["id", ""]
    // Of a text itself, and of a list each.
    : ["text #>> '{}'", `, jsonb_path_query(fields, 'lax $."${member}"[*]') as each (text)`]
  return {
    text: `select distinct ${value} as value from kanau.views${rows}
      where ${conditions.join(" and ")} and ${value} is not null
      ${limit === undefined ? "" : `limit ${bound.parameter(limit, "bigint")}`}`,
    parameters: bound.parameters
  }
}

/** The fields that a selection needs to know the types of. */
export const namesOf = (
  { where, sort = [], fields = [], list, member }:
    & Pick<ViewStore.Selection, "where">
    & Partial<ViewStore.Selection>
    & Partial<ViewStore.Plucking>
): ReadonlyArray<string> => {
  const plucked = list ?? (member === "id" ? undefined : member)
  return [
    ...namesIn(where),
    ...sort.map(({ field }) => field),
    ...fields,
    ...(plucked === undefined ? [] : [plucked])
  ]
}

const namesIn = (predicate: Predicate.Predicate): ReadonlyArray<string> => {
  if ("all" in predicate) return predicate.all.flatMap(namesIn)
  if ("any" in predicate) return predicate.any.flatMap(namesIn)
  if ("not" in predicate) return namesIn(predicate.not)
  if ("some" in predicate) return [predicate.some]
  return predicate.field === "id" ? [] : [predicate.field.replace(/\..*/, "")]
}
