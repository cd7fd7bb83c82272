/**
 * A page of a list as one statement. The collection stands in it as a literal, because only then is a partial index of
 * the collection considered, whatever plan is kept for the statement.
 */
import type { ViewStore } from "@kanau/views"
import type { Fields, Scalar } from "./keys.ts"
import { expression, isList, isLong, keyOf, leastPresent, shortened, sqlType, wholeText } from "./keys.ts"
import { storable } from "./rows.ts"

export interface Page {
  readonly text: string
  readonly parameters: ReadonlyArray<string | ReadonlyArray<string>>
}

/** The statement; undefined when nothing can be found. All fields of the query are among those given. */
export const page = (collection: string, fields: Fields, query: ViewStore.Query): Page | undefined => {
  const parameters: Array<string | ReadonlyArray<string>> = []
  // Sent as text: the client takes the type of a number from its value, and it must not differ from one to the next.
  const parameter: Parameter = (value, type) => {
    const text = typeof value === "object" ? value.map(String) : String(value)
    return `$${parameters.push(text)}::text${typeof value === "object" ? "[]" : ""}::${type}`
  }
  const conditions = query.where.map((each) => condition(each, typeOf(fields, each.field), parameter))
  if (query.after !== undefined) conditions.push(behind(query.sort, fields, query.after, parameter))
  if (query.limit <= 0 || conditions.includes(undefined)) return undefined
  const keys = query.sort.map(({ field }, index) => `, fields -> '${field}' as key${index}`)
  const order = query.sort.map(({ field, descending }) =>
    `${expression(field, typeOf(fields, field))}${descending ? " desc" : ""}`
  )
  return {
    text: `select id, etag, bytes${keys.join("")} from kanau.views
      where ${[inCollection(collection), ...conditions].join(" and ")}
      order by ${[...order, query.sort.at(-1)?.descending === true ? "id desc" : "id"].join(", ")}
      limit ${parameter(query.limit, "integer")}`,
    parameters
  }
}

/** What every index of a collection is restricted to. */
export const inCollection = (collection: string): string => `collection = ${literal(collection)} and not deleted`

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

type Parameter = (value: string | number | ReadonlyArray<string | number>, type: string) => string

const typeOf = (fields: Fields, field: string): ViewStore.FieldType => fields[field] ?? "text"

const operators = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const

const condition = (
  { field, is, values }: ViewStore.Condition,
  type: ViewStore.FieldType,
  parameter: Parameter
): string | undefined => {
  if (isList(type)) return is === "in" ? holdsOne(field, type, values, parameter) : undefined
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
  parameter: Parameter
): string | undefined => {
  const list = expression(field, type)
  const tests = values.flatMap((value) => {
    if (value === null) return [`coalesce(${list}, 'null') = 'null'`]
    if (typeof value === "number" && type === "numbers" && Number.isFinite(value)) {
      return [`${list} @> ${parameter(JSON.stringify([value]), "jsonb")}`]
    }
    if (typeof value === "string" && type === "texts") {
      return [`${list} @> ${parameter(JSON.stringify([storable(value)]), "jsonb")}`]
    }
    return []
  })
  return tests.length === 0 ? undefined : `(${tests.join(" or ")})`
}

/** What comes behind a document; undefined when its keys are not of the fields' types. */
const behind = (
  sort: ReadonlyArray<ViewStore.Sort>,
  fields: Fields,
  { keys, id }: NonNullable<ViewStore.Query["after"]>,
  parameter: Parameter
): string | undefined => {
  const columns: Array<Column> = []
  for (const [index, { field, descending }] of sort.entries()) {
    const type = typeOf(fields, field)
    const key = keyOf(keys[index] ?? null, type)
    if (key === undefined) return undefined
    columns.push({ key: expression(field, type), value: parameter(shortened(key), sqlType(type)), descending })
  }
  const last = columns.at(-1)?.descending ?? false
  columns.push({ key: "id", value: parameter(storable(id), "text"), descending: last })
  if (columns.every(({ descending }) => descending === last)) {
    return `(${columns.map(({ key }) => key).join(", ")}) ${last ? "<" : ">"} (${
      columns.map(({ value }) => value).join(", ")
    })`
  }
  const [first, ...others] = columns
  return first && `${first.key} ${first.descending ? "<=" : ">="} ${first.value} and ${chain(first, others)}`
}

interface Column {
  readonly key: string
  readonly value: string
  readonly descending: boolean
}

const chain = ({ key, value, descending }: Column, [next, ...others]: ReadonlyArray<Column>): string => {
  const beyond = `${key} ${descending ? "<" : ">"} ${value}`
  return next === undefined ? beyond : `(${beyond} or (${key} = ${value} and ${chain(next, others)}))`
}
