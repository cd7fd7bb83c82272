/** Lists and selections as the port describes them, in a few lines over an array: what the stores are compared with. */
import { Predicate, type ViewStore } from "@kanau/views"

type Value = ViewStore.FieldValue

/** All that a query finds, in order, whatever its limit and where it starts. */
export const all = (
  documents: ReadonlyArray<ViewStore.ViewDocument>,
  { where, sort }: Pick<ViewStore.Query, "where" | "sort">
): ReadonlyArray<ViewStore.ViewDocument> =>
  documents
    .filter((document) =>
      !document.deleted && where.every((condition) => holds(fieldOf(document, condition.field), condition))
    )
    .toSorted((a, b) =>
      bySort(sort, a, b) || (sort.at(-1)?.descending === true ? compare(b.id, a.id) : compare(a.id, b.id))
    )

/** The page that a query asks for. */
export const page = (
  documents: ReadonlyArray<ViewStore.ViewDocument>,
  { after, limit, sort, where }: ViewStore.Query
): ReadonlyArray<ViewStore.ViewDocument> => {
  const found = all(documents, { where, sort })
  const [first] = found
  if (after === undefined || first === undefined) return found.slice(0, limit)
  // Behind the last document that is not behind the cursor, as if there were one at the cursor.
  const fields = Object.fromEntries(sort.map(({ field }, at) => [field, after.keys[at] ?? null]))
  const cursor = { ...first, id: after.id, fields }
  const order = all([...found, cursor], { where: [], sort })
  return order.slice(order.indexOf(cursor) + 1).slice(0, limit)
}

/** What a selection finds. */
export const selected = (
  documents: ReadonlyArray<ViewStore.ViewDocument>,
  { limit, skip = 0, sort, where }: Pick<ViewStore.Selection, "where" | "sort"> & Partial<ViewStore.Selection>
): ReadonlyArray<ViewStore.ViewDocument> =>
  documents
    .filter((document) => !document.deleted && Predicate.holds(where, document))
    .toSorted((a, b) => bySort(sort, a, b) || compare(a.id, b.id))
    .slice(skip, limit === undefined ? undefined : skip + limit)

/** What is plucked, whatever the limit. */
export const plucked = (
  documents: ReadonlyArray<ViewStore.ViewDocument>,
  { list, member, where }: ViewStore.Plucking
): ReadonlySet<string> => {
  const values = new Set<string>()
  const add = (value: Value | undefined) => {
    if (typeof value === "string") values.add(value)
    else if (Array.isArray(value)) value.forEach(add)
  }
  for (const document of documents) {
    if (document.deleted) continue
    if (list === undefined) {
      if (Predicate.holds(where, document)) add(member === "id" ? document.id : fieldOf(document, member))
      continue
    }
    for (const record of recordsOf(fieldOf(document, list))) {
      if (Predicate.holds(where, document, { list, record })) add(record[member])
    }
  }
  return values
}

const recordsOf = (value: Value): ReadonlyArray<ViewStore.FlatRecord> =>
  value !== null && typeof value === "object" ? value.flatMap((each) => typeof each === "object" ? [each] : []) : []

export const fieldOf = (document: ViewStore.ViewDocument, field: string): Value => document.fields[field] ?? null

const holds = (value: Value, { is, values }: ViewStore.Condition): boolean => {
  if (is === "in") {
    return values.some((wanted) =>
      value !== null && typeof value === "object" ? value.some((each) => each === wanted) : value === wanted
    )
  }
  const wanted = values[0] ?? null
  if (wanted === null || value === null) return is.endsWith("e") && wanted === value
  if (typeof wanted !== typeof value) return false
  const order = compare(value, wanted)
  return order === 0 ? is.endsWith("e") : is.startsWith("g") === order > 0
}

const bySort = (
  sort: ReadonlyArray<ViewStore.Sort>,
  a: ViewStore.ViewDocument,
  b: ViewStore.ViewDocument
): number => {
  for (const { field, descending } of sort) {
    const order = compare(fieldOf(a, field), fieldOf(b, field))
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

/** Null, then by value; texts by code point. */
const compare = (a: Value, b: Value): number => {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}
