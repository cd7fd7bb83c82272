/**
 * A page of a list as one statement. The collection stands in it as a literal, because only then is a partial index of
 * the collection considered, whatever plan is kept for the statement.
 */
import type { ViewStore } from "@kanau/views"
import { condition } from "./conditions.ts"
import type { Fields } from "./keys.ts"
import { expression, keyOf, shortened, sqlType } from "./keys.ts"
import { storable } from "./rows.ts"
import type { Parameter, Statement } from "./statements.ts"
import { binder, inCollection, typeOf } from "./statements.ts"

/** The statement; undefined when nothing can be found. All fields of the query are among those given. */
export const page = (collection: string, fields: Fields, query: ViewStore.Query): Statement | undefined => {
  const bound = binder()
  const { parameter, parameters } = bound
  const conditions = query.where.map((each) => condition(each, typeOf(fields, each.field), bound))
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
