/** What the fields of documents hold, and what is looked up by index. */
import { Effect } from "effect"

/** One of a list of records: flat, and small, since all of them are read with the document. */
export type FlatRecord = Readonly<Record<string, string | number | boolean | null>>

/** What a field of a document may hold, for filters and sorts. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | ReadonlyArray<string>
  | ReadonlyArray<number>
  | ReadonlyArray<FlatRecord>

/** A list of records: `{ records: { name: "text", level: "number" } }`. Each member may be null too. */
export interface RecordsType {
  readonly records: Readonly<Record<string, "text" | "number" | "boolean">>
}

/** What kind of value a field holds; each may be null too. `texts` and `numbers` are lists, and so are records. */
export type FieldType = "text" | "number" | "boolean" | "texts" | "numbers" | RecordsType

/** What lists may filter and sort by, and which combinations are looked up by index. */
export interface Shape {
  readonly fields: Readonly<Record<string, FieldType>>
  /**
   * Fields of each index, in order; of a list of records a member, as in `tags.name`. Every index ends with the id by
   * itself. At most one list is in an index, but several members of it may be.
   */
  readonly indexes: ReadonlyArray<ReadonlyArray<string>>
}

/**
 * What is wrong with a shape, which is a mistake in code; nothing for one that is right. Names of fields stand in paths and
 * statements, so they are nothing but words.
 *
 * @example
 * ```ts
 * import { ViewStore } from "@kanau/views"
 *
 * ViewStore.mistakeOf({ fields: { title: "text" }, indexes: [["year"]] }) // => "an index names the field year, which is not declared"
 * ```
 */
export const mistakeOf = ({ fields, indexes }: Shape): string | undefined => {
  const types = Object.entries(fields)
  const odd = types.flatMap(([field, type]) => [field, ...(typeof type === "object" ? Object.keys(type.records) : [])])
    .find((name) => !/^[a-z][a-z0-9_]*$/.test(name))
  if (odd !== undefined) return `the field ${odd} must be named by a lower-case word`
  if (Object.hasOwn(fields, "id")) return "no field may be called id, which is the document's own"
  const empty = types.find(([, type]) => typeof type === "object" && Object.keys(type.records).length === 0)
  if (empty !== undefined) return `the records of ${empty[0]} have no members`
  for (const path of indexes.flat()) {
    const [field = path, ...members] = path.split(".")
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (type === undefined) return `an index names the field ${path}, which is not declared`
    if (typeof type !== "object" && members.length > 0) return `an index names ${path}, but ${field} holds no records`
    if (typeof type === "object" && (members.length !== 1 || !Object.hasOwn(type.records, members[0] ?? ""))) {
      return `an index names ${path}; of records, name a member that is declared: ${field}.${
        Object.keys(type.records).join(`, ${field}.`)
      }`
    }
  }
  const listsOf = (index: ReadonlyArray<string>) =>
    new Set(index.map((path) => path.replace(/\..*/, "")).filter((field) => isList(fields[field])))
  return indexes.some((index) => listsOf(index).size > 1)
    ? "an index has two fields that are lists; declare an index for each"
    : undefined
}

/** Whether a field holds many values. */
export const isList = (type: FieldType | undefined): boolean =>
  type === "texts" || type === "numbers" || typeof type === "object"

/** Dies with {@link mistakeOf}, for adapters. */
export const checkShape = (collection: string, shape: Shape): Effect.Effect<void> => {
  const mistake = mistakeOf(shape)
  return mistake === undefined ? Effect.void : Effect.die(new Error(`The shape of ${collection} is wrong: ${mistake}`))
}
