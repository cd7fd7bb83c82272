/** What a list is, said as plainly as possible: the model that view stores are compared with. */
import type { ViewStore } from "@kanau/views"

type Scalar = string | number | boolean | null

/** The documents of a page, in order. */
export const page = (
  documents: ReadonlyArray<ViewStore.ViewDocument>,
  { after, limit, sort, where }: ViewStore.Query
): ReadonlyArray<ViewStore.ViewDocument> => {
  const position = ({ fields, id }: Pick<ViewStore.ViewDocument, "fields" | "id">): ReadonlyArray<Scalar> => [
    ...sort.map(({ field }) => scalar(fields[field])),
    id
  ]
  const directions = [...sort.map(({ descending }) => descending), sort.at(-1)?.descending ?? false]
  const compare = (a: ReadonlyArray<Scalar>, b: ReadonlyArray<Scalar>): number => {
    for (const [at, descending] of directions.entries()) {
      const order = compareScalars(a[at] ?? null, b[at] ?? null)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  }
  return documents
    .filter((document) => !document.deleted && where.every((condition) => holds(condition, document.fields)))
    .filter((document) => after === undefined || compare(position(document), [...after.keys, after.id]) > 0)
    .sort((a, b) => compare(position(a), position(b)))
    .slice(0, limit)
}

const holds = ({ field, is, values }: ViewStore.Condition, fields: ViewStore.ViewDocument["fields"]): boolean => {
  const held = fields[field] ?? null
  const all: ReadonlyArray<Scalar> = typeof held === "object" && held !== null ? held : [held]
  if (is === "in") return all.some((one) => values.includes(one))
  const [bound] = values
  if (bound === undefined || bound === null) return false
  return all.some((one) => {
    if (one === null) return false
    const order = compareScalars(one, bound)
    return is === "gt" ? order > 0 : is === "gte" ? order >= 0 : is === "lt" ? order < 0 : order <= 0
  })
}

const scalar = (value: ViewStore.FieldValue | undefined): Scalar =>
  typeof value === "object" || value === undefined ? null : value

/** Null first; texts by code point, which is also the order of their UTF-8 bytes. */
const compareScalars = (a: Scalar, b: Scalar): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (typeof a === "string" && typeof b === "string") return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return a === b ? 0 : a < b ? -1 : 1
}
