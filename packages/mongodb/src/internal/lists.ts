/** Lists as MongoDB's filters, sorts and projections. */
import type { ViewStore } from "@kanau/views"
import type { Collection, Document, Filter, Sort } from "mongodb"
import type { StoredView } from "./documents.ts"
import { bytesOf, readOptions } from "./documents.ts"

/** A page of a list. */
export const page = async (
  collection: Collection<StoredView>,
  { where, sort, after, limit }: ViewStore.Query
): Promise<ReadonlyArray<ViewStore.FoundDocument>> => {
  const conditions = where.map(conditionOf)
  // MongoDB takes 0 for no limit.
  if (limit <= 0 || conditions.includes(undefined)) return []
  const filter = filterOf(conditions.flatMap((condition) => condition ?? []), sort, after)
  const found = await collection
    .find(filter, { ...readOptions, projection: projectionOf(sort), sort: sortOf(sort), limit, batchSize: limit })
    .toArray()
  return found.map((document) => ({
    id: document._id,
    etag: document.etag,
    bytes: bytesOf(document.bytes),
    keys: sort.map(({ field }) => document.fields?.[field] ?? null)
  }))
}

type Condition = Filter<StoredView>

/** Undefined for what nothing can meet: null is neither greater nor less than anything. */
const conditionOf = ({ field, is, values }: ViewStore.Condition): Condition | undefined => {
  const [first = null] = values
  const path = pathOf(field)
  if (is === "in" && values.length !== 1) return { [path]: { $in: [...values] } }
  if (is === "gt" || is === "lt") return first === null ? undefined : { [path]: { [`$${is}`]: first } }
  return { [path]: { [is === "in" || first === null ? "$eq" : `$${is}`]: first } }
}

const sortOf = (sort: ReadonlyArray<ViewStore.Sort>): Sort =>
  new Map([
    ...sort.map(({ field, descending }) => [pathOf(field), descending ? -1 : 1] as const),
    ["_id", sort.at(-1)?.descending === true ? -1 : 1]
  ])

/**
 * Everything behind a document, as alternatives that each follow an index in the order of the list, so that the server
 * can merge them without sorting: the first key is beyond the document's, or it is equal and the second key is beyond…
 */
const filterOf = (
  conditions: ReadonlyArray<Condition>,
  sort: ReadonlyArray<ViewStore.Sort>,
  after: ViewStore.Query["after"]
): Condition => {
  const always = [{ deleted: false }, ...conditions]
  if (after === undefined) return { $and: always }
  const alternatives: Array<Condition> = []
  const equal: Array<Condition> = []
  for (const [index, { field, descending }] of sort.entries()) {
    const key = after.keys[index] ?? null
    for (const beyond of beyondOf(pathOf(field), key, descending)) {
      alternatives.push({ $and: [...always, ...equal, beyond] })
    }
    equal.push({ [pathOf(field)]: { $eq: key } })
  }
  const direction = sort.at(-1)?.descending === true ? "$lt" : "$gt"
  alternatives.push({ $and: [...always, ...equal, { _id: { [direction]: after.id } }] })
  return { $or: alternatives }
}

/** Comparisons leave out null, which is least. */
const beyondOf = (
  path: string,
  key: string | number | boolean | null,
  descending: boolean
): ReadonlyArray<Condition> => {
  if (!descending) return [{ [path]: key === null ? { $ne: null } : { $gt: key } }]
  return key === null ? [] : [{ [path]: { $lt: key } }, { [path]: { $eq: null } }]
}

const projectionOf = (sort: ReadonlyArray<ViewStore.Sort>): Document => ({
  etag: 1,
  bytes: 1,
  ...Object.fromEntries(sort.map(({ field }) => [pathOf(field), 1]))
})

const pathOf = (field: string): string => `fields.${field}`
