/** Conditions on one field as SQL. */
import type { ViewStore } from "@kanau/views"
import type { Scalar } from "./keys.ts"
import { elementsOf, expression, isList, isLong, keyOf, leastPresent, sqlType, wholeText } from "./keys.ts"
import { storable } from "./rows.ts"
import type { Binder } from "./statements.ts"
import { canLookUp } from "./statements.ts"

const operators = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const

/** A condition as SQL, which may be null in place of false; undefined when nothing can meet it. */
export const condition = (
  { field, is, values }: ViewStore.Condition,
  type: ViewStore.FieldType,
  binder: Binder
): string | undefined => {
  if (isList(type)) return is === "in" ? holdsOne(field, type, values, binder) : undefined
  const { parameter } = binder
  const keys = values.flatMap((value) => keyOf(value, type) ?? [])
  const key = keys[0]
  if (key === undefined) return undefined
  if (is !== "in") {
    const compared = comparable(field, type, [key])
    // Null is only equal to itself.
    if (values[0] === null) {
      return is === "gt" || is === "lt" ? undefined : `${compared} = ${parameter(key, sqlType(type))}`
    }
    const present = is === "lt" || is === "lte" ? `${compared} > ${leastPresent(type)} and ` : ""
    return `${present}${compared} ${operators[is]} ${parameter(key, sqlType(type))}`
  }
  // An equation tells the planner that the field is the same all along an index.
  return keys.length === 1
    ? `${comparable(field, type, keys)} = ${parameter(key, sqlType(type))}`
    : `${comparable(field, type, keys)} = any(${parameter(keys, `${sqlType(type)}[]`)})`
}

const comparable = (field: string, type: ViewStore.FieldType, keys: ReadonlyArray<string | number>): string =>
  keys.some(isLong) ? wholeText(field) : expression(field, type)

const holdsOne = (
  field: string,
  type: ViewStore.FieldType,
  values: ReadonlyArray<Scalar>,
  binder: Binder
): string | undefined => {
  const list = expression(field, type)
  const elements = values.flatMap((value) => {
    if (typeof value === "number" && type === "numbers" && Number.isFinite(value)) return [JSON.stringify(value)]
    return typeof value === "string" && type === "texts" ? [JSON.stringify(storable(value))] : []
  })
  const tests = canLookUp(binder, elements.length)
    ? elements.map((element) => `${list} @> ${binder.parameter(`[${element}]`, "jsonb")}`)
    : [`exists (select from ${elementsOf(field)} where record = any(${binder.parameter(elements, "jsonb[]")}))`]
  if (values.includes(null)) tests.push(`coalesce(${list}, 'null') = 'null'`)
  return tests.length === 0 ? undefined : `(${tests.join(" or ")})`
}
