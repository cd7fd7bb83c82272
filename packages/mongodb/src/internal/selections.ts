/** Selections by predicates as MongoDB's filters and pipelines. */
import type { ViewStore } from "@kanau/views"
import { Predicate } from "@kanau/views"
import type { Collection, Document, Filter } from "mongodb"
import type { StoredView } from "./documents.ts"
import { bytesOf, readOptions } from "./documents.ts"

/** Documents in order. */
export const select = async (
  collection: Collection<StoredView>,
  { where, sort, skip, limit, bytes = true, fields = [] }: ViewStore.Selection
): Promise<ReadonlyArray<ViewStore.SelectedDocument>> => {
  const condition = conditionOf(where, pathOf)
  // MongoDB takes 0 for no limit.
  if (limit <= 0 || condition === false) return []
  const projection: Document = bytes ? { etag: 1, bytes: 1 } : { etag: 1 }
  for (const field of fields) projection[pathOf(field)] = 1
  const order = new Map([
    ...sort.map(({ field, descending }) => [pathOf(field), descending ? -1 as const : 1 as const] as const),
    ["_id", 1 as const] as const
  ])
  const found = await collection
    .find(live(condition), { ...readOptions, projection, sort: order, skip, limit, batchSize: limit })
    .toArray()
  return found.map((document) => ({
    id: document._id,
    etag: document.etag,
    bytes: bytes ? bytesOf(document.bytes) : new Uint8Array(),
    fields: Object.fromEntries(fields.map((field) => [field, document.fields?.[field] ?? null]))
  }))
}

/** How many documents there are. */
export const tally = async (collection: Collection<StoredView>, where: Predicate.Predicate): Promise<number> => {
  const condition = conditionOf(where, pathOf)
  return condition === false ? 0 : await collection.countDocuments(live(condition))
}

/** The distinct texts of documents, or of the records of a list. */
export const pluck = async (
  collection: Collection<StoredView>,
  plucking: ViewStore.Plucking
): Promise<ReadonlySet<string>> => {
  const stages = plucking.list === undefined
    ? stagesOfDocuments(plucking)
    : stagesOfRecords(plucking, plucking.list)
  const { limit } = plucking
  if (stages === undefined || (limit !== undefined && limit <= 0)) return new Set()
  const found = await collection
    .aggregate<{ readonly _id: string }>([...stages, ...(limit === undefined ? [] : [{ $limit: limit }])], {
      batchSize: batch
    })
    .toArray()
  return new Set(found.map(({ _id }) => _id))
}

/** Values are short, and a reply may have 16 MB. */
const batch = 10_000

const stagesOfDocuments = ({ member, where }: ViewStore.Plucking): ReadonlyArray<Document> | undefined => {
  const condition = conditionOf(where, pathOf)
  if (condition === false) return undefined
  const path = pathOf(member)
  return [
    { $match: live(condition) },
    // A single value is unwound to itself, and null and the empty list to nothing.
    ...(member === "id" ? [] : [{ $unwind: `$${path}` }]),
    { $group: { _id: `$${path}` } }
  ]
}

/** First the documents that can have such a record, which an index may tell; then their records one by one. */
const stagesOfRecords = (
  { member, where }: ViewStore.Plucking,
  list: string
): ReadonlyArray<Document> | undefined => {
  const { both, document, record } = Predicate.parts(where, list)
  const ofDocument = conditionOf({ all: [document, { some: list, where: record }] }, pathOf)
  const ofRecord = conditionOf({ all: [record, { not: { field: member, is: "in", values: [null] } }] }, recordPath)
  // Of the record by its path, of the document as before: the list itself stays what it is.
  const ofBoth = conditionOf(
    both,
    (field) => field.startsWith(`${list}.`) ? recordPath(field.slice(list.length + 1)) : pathOf(field)
  )
  if (ofDocument === false || ofRecord === false || ofBoth === false) return undefined
  const ofPair = [ofRecord, ofBoth].flatMap((each) => each === true ? [] : [each])
  return [
    { $match: live(ofDocument) },
    { $set: { record: `$${pathOf(list)}` } },
    { $unwind: "$record" },
    ...(ofPair.length === 0 ? [] : [{ $match: { $and: ofPair } }]),
    { $group: { _id: `$${recordPath(member)}` } }
  ]
}

type Condition = Filter<StoredView>

/** A filter, or whether the predicate is always or never true, which MongoDB has no plain words for. */
const conditionOf = (predicate: Predicate.Predicate, path: (field: string) => string): Condition | boolean => {
  if ("all" in predicate) return combined("$and", predicate.all.map((each) => conditionOf(each, path)))
  if ("any" in predicate) return combined("$or", predicate.any.map((each) => conditionOf(each, path)))
  if ("not" in predicate) {
    const condition = conditionOf(predicate.not, path)
    return typeof condition === "boolean" ? !condition : { $nor: [condition] }
  }
  if ("some" in predicate) {
    const list = path(predicate.some)
    const condition = conditionOf(predicate.where, (member) => member)
    if (condition === true) return { [`${list}.0`]: { $exists: true } }
    return condition && { [list]: { $elemMatch: condition } }
  }
  return comparisonOf(predicate, path(predicate.field))
}

const combined = (
  operator: "$and" | "$or",
  conditions: ReadonlyArray<Condition | boolean>
): Condition | boolean => {
  // One of these decides, and the other says nothing.
  const decisive = operator === "$or"
  if (conditions.includes(decisive)) return decisive
  const telling = conditions.flatMap((each) => typeof each === "boolean" ? [] : [each])
  const [first] = telling
  if (first === undefined) return !decisive
  return telling.length === 1 ? first : { [operator]: telling }
}

const comparisonOf = ({ is, values }: Predicate.Comparison, path: string): Condition | boolean => {
  const [first = null] = values
  if (is === "in") {
    return values.length > 0 && { [path]: values.length === 1 ? { $eq: first } : { $in: [...values] } }
  }
  if (is === "contains") return typeof first === "string" && { [path]: { $regex: escaped(first) } }
  return first !== null && { [path]: { [`$${is}`]: first } }
}

/** A pattern of nothing but these characters. MongoDB takes no character 0 in it. */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll("\0", "\\x00")

/** Every index is of live documents only. */
const live = (condition: Condition | true): Condition =>
  condition === true ? { deleted: false } : { $and: [{ deleted: false }, condition] }

const pathOf = (field: string): string => field === "id" ? "_id" : `fields.${field}`

const recordPath = (member: string): string => `record.${member}`
