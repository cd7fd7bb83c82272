/**
 * Filters, sorts and projections. Mingo does the work; where it falls short (64-bit integers, order of texts, order of
 * fields, speed of a projection) this module steps in.
 */
import { Decimal128, Long } from "bson"
import { Context } from "mingo/core"
import * as accumulator from "mingo/operators/accumulator"
import * as expression from "mingo/operators/expression"
import * as pipeline from "mingo/operators/pipeline"
import * as projection from "mingo/operators/projection"
import * as standard from "mingo/operators/query"
import * as window from "mingo/operators/window"
import { Query } from "mingo/query"
import type { Options } from "mingo/types"
import { compare } from "mingo/util"
import type { Doc } from "./documents.ts"
import { hasOperators, isPlain, reader, valueAt } from "./documents.ts"
import { $unwind } from "./unwinding.ts"

/** A test of documents against a filter. */
export const matcher = (filter: Doc): (document: Doc) => boolean => {
  if (Object.keys(filter).length === 0) return () => true
  const query = new Query(filter, { context })
  return (document) => query.test(document)
}

/**
 * The ids a filter allows when it says so outright (`_id: x`, `$eq`, `$in`), so that nothing has to be scanned.
 * Undefined when the filter leaves the id open.
 */
export const idsOf = (filter: Doc): ReadonlyArray<unknown> | undefined => {
  if (!("_id" in filter)) {
    const parts: unknown = filter["$and"]
    return Array.isArray(parts) ? parts.map(idsOf).find((ids) => ids !== undefined) : undefined
  }
  const wanted = filter["_id"]
  if (wanted instanceof RegExp) return undefined
  if (!hasOperators(wanted)) return [wanted]
  if ("$eq" in wanted) return [wanted["$eq"]]
  return Array.isArray(wanted["$in"]) && !wanted["$in"].some((id) => id instanceof RegExp) ? wanted["$in"] : undefined
}

/** Whether a filter is about nothing but those ids. */
export const isIdOnly = (filter: Doc): boolean => {
  if (Object.keys(filter).length !== 1 || !("_id" in filter)) return false
  return !hasOperators(filter["_id"]) || Object.keys(filter["_id"]).length === 1
}

export const sorted = (documents: ReadonlyArray<Doc>, sort: Doc): ReadonlyArray<Doc> => {
  const fields = Object.entries(sort)
  if (fields.length === 0) return documents
  const keys = fields.map(([field, direction]) => ({ read: reader(field), isDescending: Number(direction) < 0 }))
  return documents
    .map((document) => ({
      document,
      values: keys.map(({ isDescending, read }) => sortKey(read(document), isDescending))
    }))
    .sort((a, b) => {
      for (const [at, { isDescending }] of keys.entries()) {
        const order = compareValues(a.values[at], b.values[at])
        if (order !== 0) return isDescending ? -order : order
      }
      return 0
    })
    .map(({ document }) => document)
}

/** A projection made once for many documents. */
export const projector = (fields: Doc): (document: Doc) => Doc => {
  const entries = Object.entries(fields)
  if (entries.length === 0) return (document) => document
  const isSimple = entries.every(([field, value]) =>
    !field.includes(".") && (typeof value === "number" || typeof value === "boolean")
  )
  if (!isSimple) {
    // Mingo puts `_id` last.
    const query = new Query({}, { context })
    return (document) => idFirst(query.find<Doc>([document], fields).next() ?? {})
  }
  const isInclusion = entries.some(([field, value]) => field !== "_id" && Boolean(value))
  const named = new Map(entries.map(([field, value]) => [field, Boolean(value)]))
  const keeps = (field: string) => named.get(field) ?? (field === "_id" || !isInclusion)
  return (document) => {
    const kept: Doc = {}
    for (const field of Object.keys(document)) if (keeps(field)) kept[field] = document[field]
    return kept
  }
}

export const idFirst = (document: Doc): Doc => "_id" in document ? { _id: document["_id"], ...document } : document

/** A number as JavaScript compares it exactly; undefined for anything else. */
const exact = (value: unknown): number | bigint | undefined =>
  value instanceof Long ? value.toBigInt() : typeof value === "number" ? value : undefined

/** How two numbers or two texts compare; undefined for anything else. */
const orderOf = (a: unknown, b: unknown): number | undefined => {
  if (typeof a === "string" && typeof b === "string") {
    // By code point, which is how UTF-8 is ordered, but not UTF-16.
    return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
  }
  const [left, right] = [exact(a), exact(b)]
  if (left === undefined || right === undefined) return undefined
  return left < right ? -1 : left > right ? 1 : 0
}

/** MongoDB's order of everything: first by kind, then by value. */
const compareValues = (a: unknown, b: unknown): number => orderOf(a, b) ?? (rankOf(a) - rankOf(b) || compare(a, b))

/** An array is sorted by its least element, or by its greatest in a descending order; a missing field is null. */
const sortKey = (value: unknown, isDescending: boolean): unknown => {
  if (!Array.isArray(value)) return value ?? null
  if (value.length === 0) return undefined
  return value.reduce<unknown>(
    (best, each: unknown) => (compareValues(each, best) < 0) === isDescending ? best : each,
    value[0]
  )
}

const kinds = [
  "MinKey",
  "undefined",
  "null",
  "number",
  "string",
  "object",
  "array",
  "Binary",
  "ObjectId",
  "boolean",
  "Date",
  "Timestamp",
  "RegExp",
  "MaxKey"
]

const rankOf = (value: unknown): number => {
  const kind = value === null ?
    "null"
    : Array.isArray(value) ?
    "array"
    : value instanceof Date ?
    "Date"
    : value instanceof RegExp ?
    "RegExp"
    : value instanceof Long || value instanceof Decimal128 ?
    "number"
    : typeof value === "object" && "_bsontype" in value ?
    String(value._bsontype)
    : typeof value
  return kinds.indexOf(kind)
}

type Comparison = (selector: string, operand: unknown, options: Options) => (document: Doc) => boolean

/** The operator for numbers and texts, mingo's own for every other operand. */
const comparing =
  (holds: (order: number) => boolean, otherwise: Comparison): Comparison => (selector, operand, options) => {
    if (typeof operand !== "string" && exact(operand) === undefined) return otherwise(selector, operand, options)
    const read = reader(selector)
    return (document) => {
      const found = read(document)
      const values: ReadonlyArray<unknown> = Array.isArray(found) ? found.flat() : [found]
      return values.some((value) => {
        const order = orderOf(value, operand)
        return order !== undefined && holds(order)
      })
    }
  }

const negated = (operator: Comparison): Comparison => (selector, operand, options) => {
  const test = operator(selector, operand, options)
  return (document) => !test(document)
}

/** Sub-documents are only equal if the order of their fields is. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (isPlain(a) && isPlain(b)) {
    const [left, right] = [Object.entries(a), Object.entries(b)]
    return left.length === right.length &&
      left.every(([key, value], index) => key === right[index]?.[0] && isSame(value, right[index][1]))
  }
  return (orderOf(a, b) ?? compare(a, b)) === 0
}

const $eq: Comparison = (selector, operand, options) =>
  isPlain(operand)
    ? (document) => {
      const found = valueAt(document, selector)
      return isSame(found, operand) || (Array.isArray(found) && found.some((each) => isSame(each, operand)))
    }
    : comparing((order) => order === 0, standard.$eq)(selector, operand, options)

/** Null is as great as a missing field, and nothing is greater or less. */
const withNull = (operator: Comparison): Comparison => (selector, operand, options) =>
  operand === null ? $eq(selector, operand, options) : operator(selector, operand, options)

/** Texts, which may be thousands, are looked up; anything else is tested one by one. */
const $in: Comparison = (selector, operands, options) => {
  const given: ReadonlyArray<unknown> = Array.isArray(operands) ? operands : []
  const texts = new Set(given.filter((operand) => typeof operand === "string"))
  const tests = given.filter((operand) => typeof operand !== "string").map((operand) =>
    operand instanceof RegExp ? standard.$regex(selector, operand, options) : $eq(selector, operand, options)
  )
  const read = reader(selector)
  const isText = (value: unknown) => typeof value === "string" && texts.has(value)
  return (document) => {
    const found = read(document)
    return (Array.isArray(found) ? found.flat().some(isText) : isText(found)) || tests.some((test) => test(document))
  }
}

/** Mingo's operators with ours in place of those that compare. */
export const context = Context.init({
  accumulator,
  expression,
  pipeline: { ...pipeline, $unwind },
  projection,
  window,
  query: {
    ...standard,
    $eq,
    $in,
    $ne: negated($eq),
    $nin: negated($in),
    $lt: comparing((order) => order < 0, standard.$lt),
    $lte: withNull(comparing((order) => order <= 0, standard.$lte)),
    $gt: comparing((order) => order > 0, standard.$gt),
    $gte: withNull(comparing((order) => order >= 0, standard.$gte))
  }
})
