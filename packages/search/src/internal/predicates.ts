/** Filters, orders and facets of the embedded adapter, over documents in memory. */
import type { Filter, Scalar } from "../Filter.ts"
import type { Document, FacetCount, Order, Value } from "../SearchIndex.ts"
import { limits } from "./limits.ts"

export type Predicate = (document: Document) => boolean

export const predicate = (filter: Filter): Predicate => {
  switch (filter.op) {
    case "is":
      return has(filter.field, equals(filter.value))
    case "oneOf": {
      const tests = filter.values.map(equals)
      return has(filter.field, (value) => tests.some((test) => test(value)))
    }
    case "between": {
      const { field, atLeast = -Infinity, atMost = Infinity } = filter
      return has(field, (value) => typeof value === "number" && value >= atLeast && value <= atMost)
    }
    case "missing":
      return (document) => document[filter.field] === undefined || document[filter.field] === null
    case "not": {
      const test = predicate(filter.filter)
      return (document) => !test(document)
    }
    case "allOf": {
      const tests = filter.filters.map(predicate)
      return (document) => tests.every((test) => test(document))
    }
    case "anyOf": {
      const tests = filter.filters.map(predicate)
      return (document) => tests.some((test) => test(document))
    }
  }
}

const valuesOf = (value: Value | undefined): ReadonlyArray<Scalar> =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value as Scalar]

const has = (field: string, test: (value: Scalar) => boolean): Predicate => (document) =>
  valuesOf(document[field]).some(test)

const equals = (wanted: Scalar): (value: Scalar) => boolean => {
  const text = plain(wanted)
  return (value) => plain(value) === text
}

const plain = (value: Scalar): string => String(value).normalize("NFKD").toLowerCase()

/** Documents without the field come last in either direction, numbers before text. */
export const comparator = ({ direction, field }: Order): (a: Document, b: Document) => number => {
  const sign = direction === "asc" ? 1 : -1
  return (a, b) => {
    const [x] = valuesOf(a[field])
    const [y] = valuesOf(b[field])
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
    if (typeof x === "number" && typeof y === "number") return sign * (x - y)
    if (typeof x === "number" || typeof y === "number") return typeof x === "number" ? -1 : 1
    const [s, t] = [plain(x), plain(y)]
    return s === t ? 0 : s < t ? -sign : sign
  }
}

/** How often each value of a field occurs, the most frequent first. */
export const countValues = (field: string, documents: ReadonlyArray<Document>): ReadonlyArray<FacetCount> => {
  const counts = new Map<string, number>()
  for (const document of documents) {
    for (const value of new Set(valuesOf(document[field]).map(String))) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return inOrder([...counts].map(([value, count]) => ({ value, count })))
}

/** Facet counts in the one order every adapter answers with. */
export const inOrder = (counts: ReadonlyArray<FacetCount>): ReadonlyArray<FacetCount> =>
  counts.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, limits.facetValues)
