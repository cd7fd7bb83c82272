/**
 * Predicates as SQL. An expression may be null in place of false: "and" and "or" keep that apart from true, and a negation
 * asks for what is not true. So conditions stay as indexes want them.
 */
import type { Predicate } from "@kanau/views"
import { condition } from "./conditions.ts"
import type { Fields, Scalar } from "./keys.ts"
import { elementsOf } from "./keys.ts"
import { storable } from "./rows.ts"
import type { Binder } from "./statements.ts"
import { canLookUp, typeOf } from "./statements.ts"

/** The predicate for rows of documents; of `list`, also for their current `record`. */
export const expressionOf = (
  predicate: Predicate.Predicate,
  fields: Fields,
  binder: Binder,
  list?: string
): string =>
  combined(predicate, (each) => {
    if ("some" in each) return someOf(each.some, each.where, fields, binder)
    if (each.field === "id") return compared("id", "text", each, binder)
    const prefix = `${list ?? ""}.`
    if (list === undefined || !each.field.startsWith(prefix)) return ofDocument(each, fields, binder)
    return ofRecord({ ...each, field: each.field.slice(prefix.length) }, membersOf(fields, list), binder)
  })

/**
 * What must be in a list for one of its records to fulfil a predicate, for the index of the list, and whether that is all
 * there is to it. Undefined when the predicate compares no member for equality.
 */
export const contained = (
  list: string,
  where: Predicate.Predicate,
  fields: Fields,
  binder: Binder
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
  const several = equations.find(({ field, values }) =>
    values.length > 1 && !Object.hasOwn(single, field) && canLookUp(binder, values.length)
  )
  if (several !== undefined) used++
  if (used === 0) return undefined
  const records = several === undefined
    ? [single]
    : several.values.map((value) => ({ ...single, [several.field]: value }))
  const tests = records.map((record) => `fields -> '${list}' @> ${binder.parameter(JSON.stringify([record]), "jsonb")}`)
  return { text: `(${tests.join(" or ")})`, isExact: conjuncts.length === used }
}

const someOf = (list: string, where: Predicate.Predicate, fields: Fields, binder: Binder): string => {
  const index = contained(list, where, fields, binder)
  if (index?.isExact === true) return index.text
  const members = membersOf(fields, list)
  // Records hold no lists; whoever checked the predicate said so.
  const test = combined(where, (each) => "some" in each ? "false" : ofRecord(each, members, binder))
  const exists = `exists (select from ${elementsOf(list)} where ${test})`
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

const ofDocument = (comparison: Predicate.Comparison, fields: Fields, binder: Binder): string => {
  const { field, is, values } = comparison
  if (is === "contains") return compared(`(fields ->> '${field}')`, "text", comparison, binder)
  // Unlike a list, a predicate never compares null.
  if (is !== "in" && (values[0] ?? null) === null) return "false"
  return condition({ field, is, values }, typeOf(fields, field), binder) ?? "false"
}

const ofRecord = (comparison: Predicate.Comparison, members: Fields, binder: Binder): string => {
  const { field } = comparison
  switch (typeOf(members, field)) {
    case "number":
      return compared(
        `(case jsonb_typeof(record -> '${field}') when 'number' then (record ->> '${field}')::float8 end)`,
        "number",
        comparison,
        binder
      )
    case "boolean":
      return compared(
        `(case jsonb_typeof(record -> '${field}') when 'boolean' then (record ->> '${field}')::boolean end)`,
        "boolean",
        comparison,
        binder
      )
    default:
      return compared(`((record ->> '${field}') collate "C")`, "text", comparison, binder)
  }
}

const compared = (
  value: string,
  type: "text" | "number" | "boolean",
  { is, values }: Predicate.Comparison,
  binder: Binder
): string => {
  const { javaScript, sql } = types[type]
  const keys = (is === "in" ? values : values.slice(0, 1)).flatMap((each) =>
    each !== null && typeof each === javaScript ? [storable(String(each))] : []
  )
  if (is === "in") {
    const tests = [
      ...(keys.length === 0 ? [] : [`${value} = any(${binder.parameter(keys, `${sql}[]`)})`]),
      ...(values.includes(null) ? [`${value} is null`] : [])
    ]
    return tests.length === 0 ? "false" : `(${tests.join(" or ")})`
  }
  const [key] = keys
  if (key === undefined) return "false"
  return is === "contains"
    ? `strpos(${value}, ${binder.parameter(key, sql)}) > 0`
    : `${value} ${operators[is]} ${binder.parameter(key, sql)}`
}

const operators = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const

const types = {
  text: { javaScript: "string", sql: "text" },
  number: { javaScript: "number", sql: "float8" },
  boolean: { javaScript: "boolean", sql: "boolean" }
} as const

const conjunctsOf = (predicate: Predicate.Predicate): ReadonlyArray<Predicate.Predicate> =>
  "all" in predicate ? predicate.all.flatMap(conjunctsOf) : [predicate]

/** Values that a member must be one of. */
const equationOf = (
  predicate: Predicate.Predicate,
  members: Fields
): { readonly field: string; readonly values: ReadonlyArray<Scalar> } | undefined => {
  if (!("field" in predicate) || predicate.is !== "in") return undefined
  const { field, values } = predicate
  const type = typeOf(members, field)
  const isLookup = (type === "text" || type === "number" || type === "boolean") && values.length > 0 &&
    values.every((value) => typeof value === types[type].javaScript)
  if (!isLookup) return undefined
  return { field, values: values.map((value) => typeof value === "string" ? storable(value) : value) }
}

const membersOf = (fields: Fields, list: string): Fields => {
  const type = fields[list]
  return typeof type === "object" ? type.records : {}
}
