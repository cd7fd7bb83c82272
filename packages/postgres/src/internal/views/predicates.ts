/**
 * Predicates as SQL. An expression may be null in place of false: "and" and "or" keep that apart from true, and a negation
 * asks for what is not true. So conditions stay as indexes want them.
 */
import type { Predicate } from "@kanau/views"
import { condition } from "./conditions.ts"
import type { Fields, Scalar, Source } from "./keys.ts"
import { storable } from "./rows.ts"
import type { Parameter } from "./statements.ts"
import { typeOf } from "./statements.ts"

/** The predicate for rows of documents; of `list`, also for their current `record`. */
export const expressionOf = (
  predicate: Predicate.Predicate,
  fields: Fields,
  parameter: Parameter,
  list?: string
): string =>
  combined(predicate, (each) => {
    if ("some" in each) return someOf(each.some, each.where, fields, parameter)
    if (each.field === "id") return ofId(each, parameter)
    if (list === undefined || !each.field.startsWith(`${list}.`)) return comparison(each, fields, parameter, "fields")
    return comparison(
      { ...each, field: each.field.slice(list.length + 1) },
      membersOf(fields, list),
      parameter,
      "record"
    )
  })

/** The records of a list as rows. */
export const recordsOf = (list: string): string =>
  `jsonb_array_elements(case jsonb_typeof(fields -> '${list}') when 'array' then fields -> '${list}' else '[]' end)` +
  ` as each (record)`

/**
 * What must be in a list for one of its records to fulfil a predicate, for the index of the list, and whether that is all
 * there is to it. Undefined when the predicate compares no member for equality.
 */
export const contained = (
  list: string,
  where: Predicate.Predicate,
  fields: Fields,
  parameter: Parameter
): { readonly text: string; readonly isExact: boolean } | undefined => {
  const conjuncts = conjunctsOf(where)
  const equations = conjuncts.flatMap((each) => equationOf(each, membersOf(fields, list)) ?? [])
  const single: Record<string, Scalar> = {}
  let used = 0
  for (const { field, values } of equations) {
    if (values.length > 1 || Object.hasOwn(single, field)) continue
    single[field] = values[0] ?? null
    used++
  }
  const several = used === 0 ? equations[0] : undefined
  if (used === 0 && several === undefined) return undefined
  const records = several === undefined ? [single] : several.values.map((value) => ({ [several.field]: value }))
  const tests = records.map((record) => `fields -> '${list}' @> ${parameter(JSON.stringify([record]), "jsonb")}`)
  return { text: `(${tests.join(" or ")})`, isExact: conjuncts.length === Math.max(used, 1) }
}

const someOf = (list: string, where: Predicate.Predicate, fields: Fields, parameter: Parameter): string => {
  const index = contained(list, where, fields, parameter)
  if (index?.isExact === true) return index.text
  const members = membersOf(fields, list)
  // Records hold no lists; whoever checked the predicate said so.
  const test = combined(where, (each) => "some" in each ? "false" : comparison(each, members, parameter, "record"))
  const exists = `exists (select from ${recordsOf(list)} where ${test})`
  return index === undefined ? exists : `(${index.text} and ${exists})`
}

type Simple = Exclude<
  Predicate.Predicate,
  { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }
>

const combined = (predicate: Predicate.Predicate, simple: (each: Simple) => string): string => {
  const inner = (each: Predicate.Predicate) => combined(each, simple)
  if ("all" in predicate) return predicate.all.length === 0 ? "true" : `(${predicate.all.map(inner).join(" and ")})`
  if ("any" in predicate) return predicate.any.length === 0 ? "false" : `(${predicate.any.map(inner).join(" or ")})`
  return "not" in predicate ? `(${inner(predicate.not)}) is not true` : simple(predicate)
}

const comparison = (
  { field, is, values }: Predicate.Comparison,
  types: Fields,
  parameter: Parameter,
  source: Source
): string => {
  const [wanted = null] = values
  if (is === "contains") {
    return typeof wanted === "string"
      ? `strpos(${source} ->> '${field}', ${parameter(storable(wanted), "text")}) > 0`
      : "false"
  }
  // Unlike a list, a predicate never compares null.
  if (is !== "in" && wanted === null) return "false"
  return condition({ field, is, values }, typeOf(types, field), parameter, source) ?? "false"
}

const operators = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const

const ofId = ({ is, values }: Predicate.Comparison, parameter: Parameter): string => {
  const ids = values.flatMap((value) => typeof value === "string" ? [storable(value)] : [])
  if (is === "in") return ids.length === 0 ? "false" : `id = any(${parameter(ids, "text[]")})`
  const [wanted] = values
  if (typeof wanted !== "string") return "false"
  const bound = parameter(storable(wanted), "text")
  return is === "contains" ? `strpos(id, ${bound}) > 0` : `id ${operators[is]} ${bound}`
}

const conjunctsOf = (predicate: Predicate.Predicate): ReadonlyArray<Predicate.Predicate> =>
  "all" in predicate ? predicate.all.flatMap(conjunctsOf) : [predicate]

/** Values that a member must be one of, few enough to look up each. */
const equationOf = (
  predicate: Predicate.Predicate,
  members: Fields
): { readonly field: string; readonly values: ReadonlyArray<Scalar> } | undefined => {
  if (!("field" in predicate) || predicate.is !== "in") return undefined
  const { field, values } = predicate
  const type = kinds.get(typeOf(members, field))
  const isLookup = values.length > 0 && values.length <= mostLookups && values.every((value) => typeof value === type)
  if (!isLookup) return undefined
  return { field, values: values.map((value) => typeof value === "string" ? storable(value) : value) }
}

const kinds = new Map<unknown, string>([["text", "string"], ["number", "number"], ["boolean", "boolean"]])

const mostLookups = 50

const membersOf = (fields: Fields, list: string): Fields => {
  const type = fields[list]
  return typeof type === "object" ? type.records : {}
}
