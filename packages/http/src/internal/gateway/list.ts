/** From the query string of a list to a query of the view store, by tables that are made once per page. */
import type { ViewStore } from "@kanau/views"
import type { List } from "../../Page.ts"
import * as Cursor from "./cursor.ts"
import * as Members from "./members.ts"
import type { Issue } from "./parameters.ts"
import * as Parameters from "./parameters.ts"

/** What a request for a list asks for. */
interface Asked {
  readonly query: ViewStore.Query
  readonly members: Members.Members
  /** The cursor behind a document of this list. */
  readonly cursor: (last: ViewStore.FoundDocument) => string
}

/** Reads query strings of one list; throws what is wrong as `Fault.InvalidInput`. */
export type Reader = (query: string) => Asked

/** What a query string can filter by. */
type Plain = Exclude<ViewStore.FieldType, ViewStore.RecordsType>

interface Filter {
  readonly field: string
  readonly type: Plain
  readonly is: ViewStore.Condition["is"]
}

const comparisons = ["gt", "gte", "lt", "lte"] as const

/** The parameters of the declared filters, by name. */
export const filtersOf = ({ filters, types }: List): ReadonlyMap<string, Filter> =>
  new Map(filters.flatMap((field): ReadonlyArray<readonly [string, Filter]> => {
    const type = typeOf(types, field)
    const comparing = type === "text" || type === "number" ? comparisons : []
    return [
      [field, { field, type, is: "in" }],
      ...comparing.map((is) => [`${field}.${is}`, { field, type, is }] as const)
    ]
  }))

const typeOf = (types: List["types"], field: string): Plain => {
  const type = Object.hasOwn(types, field) ? types[field] : undefined
  if (type === undefined) throw new Error(`The list names ${field}, which has no type; add it to types`)
  if (typeof type === "object") throw new Error(`The list names ${field}, which holds records; name a plain field`)
  return type
}

export const defaultLimit = (list: List): number => list.defaultLimit ?? Math.min(50, list.maxLimit)

export const reader = (view: string, list: List, fields: ReadonlyArray<string>): Reader => {
  const filters = filtersOf(list)
  const sorts = new Map(list.sorts.map((sort) => [sort, sortOf(sort, list.types)]))
  const defaultSort = list.defaultSort ?? list.sorts[0]
  const common = fields.length === 0 ? ["sort", "limit", "after"] : ["sort", "limit", "after", "fields"]
  const reserved = [...filters.keys()].find((name) => name === "id" || name === "fields" || common.includes(name))
  if (reserved !== undefined) throw new Error(`A filter of ${view} is called ${reserved}, which means something else`)
  if (defaultSort === undefined || !sorts.has(defaultSort)) {
    throw new Error(`The default sort of ${view} is not among its sorts`)
  }
  const allowed = [...filters.keys(), ...common].join(", ")
  const isAllowed = (name: string) => filters.has(name) || common.includes(name)

  return (query) => {
    const given = Parameters.parse(query, isAllowed, allowed)
    const issues: Array<Issue> = []
    const where: Array<ViewStore.Condition> = []
    for (const [name, { field, is, type }] of filters) {
      const text = given.get(name)
      if (text === undefined) continue
      const values = is === "in" ? text.split(",") : [text]
      if (values.length > mostValues) issues.push({ path: name, message: `Takes at most ${mostValues} values` })
      else where.push({ field, is, values: values.map((value) => valueOf(name, type, value, issues)) })
    }
    const sortName = given.get("sort") ?? defaultSort
    const sort = sorts.get(sortName)
    if (sort === undefined) issues.push({ path: "sort", message: `Is none of ${[...sorts.keys()].join("; ")}` })
    const limit = limitOf(given.get("limit"), list, issues)
    const members = Members.parse(given.get("fields"), fields, issues)
    if (sort === undefined || issues.length > 0) throw Parameters.refuse(issues)
    const name = JSON.stringify([view, sortName, where])
    const after = placeOf(name, given.get("after"), sort.types)
    return {
      query: { where, sort: sort.sort, limit, ...(after === undefined ? {} : { after }) },
      members,
      cursor: ({ id, keys }) => Cursor.encode(name, { id, keys: keys.filter((key) => !Array.isArray(key)) as Keys })
    }
  }
}

/** Sorts name no lists. */
type Keys = Cursor.Place["keys"]

interface Sorted {
  readonly sort: ReadonlyArray<ViewStore.Sort>
  /** Of the fields, as `typeof` says them. */
  readonly types: ReadonlyArray<string>
}

const sortOf = (text: string, types: List["types"]): Sorted => {
  const sort = text.split(",").map((part) => ({ field: part.replace(/^-/, ""), descending: part.startsWith("-") }))
  return {
    sort,
    types: sort.map(({ field }) => {
      const type = typeOf(types, field)
      if (type === "texts" || type === "numbers") {
        throw new Error(`A list cannot be sorted by ${field}, which is a list`)
      }
      return type === "text" ? "string" : type
    })
  }
}

const valueOf = (
  name: string,
  type: Plain,
  text: string,
  issues: Array<Issue>
): string | number | boolean => {
  switch (type) {
    case "text":
    case "texts":
      return text
    case "boolean":
      if (text !== "true" && text !== "false") issues.push({ path: name, message: "Takes true or false" })
      return text === "true"
    case "number":
    case "numbers": {
      const isNumber = /^-?\d{1,15}(\.\d{1,15})?$/.test(text)
      if (!isNumber) issues.push({ path: name, message: "Takes numbers of at most 15 digits" })
      return isNumber ? Number(text) + 0 : 0
    }
  }
}

const limitOf = (text: string | undefined, list: List, issues: Array<Issue>): number => {
  if (text === undefined) return defaultLimit(list)
  const limit = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(limit <= list.maxLimit)) issues.push({ path: "limit", message: `Takes a number from 1 to ${list.maxLimit}` })
  return limit
}

const placeOf = (name: string, cursor: string | undefined, types: ReadonlyArray<string>): Cursor.Place | undefined => {
  if (cursor === undefined) return undefined
  const place = Cursor.decode(name, cursor, types)
  if (place !== undefined) return place
  const message = "Is no cursor of this list with these filters and this sort; leave it out to begin at the front"
  throw Parameters.refuse([{ path: "after", message }])
}

/** Values of one filter. */
const mostValues = 100
