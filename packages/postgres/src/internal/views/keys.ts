/**
 * Keys that fields are compared by. They are never null in SQL: what is null has a key below all others, so one
 * comparison of rows finds where a page begins. Whatever a document holds in a field, its key can be computed.
 */
import type { ViewStore } from "@kanau/views"
import { storable } from "./rows.ts"

export type Fields = Readonly<Record<string, ViewStore.FieldType>>

export type Scalar = string | number | boolean | null

/**
 * How much of a text is its key, in characters: an entry of an index has at most 2704 bytes, and a document with a long
 * title must not be refused. Texts that agree so far are ordered by what the list is sorted by next.
 */
const textKeyLength = 200

export const isList = (type: ViewStore.FieldType): boolean =>
  type === "texts" || type === "numbers" || typeof type === "object"

/** The key of a field as SQL. Names are checked before. */
export const expression = (field: string, type: ViewStore.FieldType): string => {
  if (typeof type === "object") return `(fields -> '${field}')`
  switch (type) {
    case "number":
      return `(case when jsonb_typeof(fields -> '${field}') = 'number' then (fields ->> '${field}')::float8 ` +
        `else '-Infinity' end)`
    case "boolean":
      return `(case fields ->> '${field}' when 'true' then 1 when 'false' then 0 else -1 end)`
    case "text":
      return `(coalesce('s' || left(fields ->> '${field}', ${textKeyLength}), '') collate "C")`
    case "texts":
    case "numbers":
      return `(fields -> '${field}')`
  }
}

/** The elements of a list as rows of one column, `record`. */
export const elementsOf = (field: string): string =>
  `jsonb_array_elements(case jsonb_typeof(fields -> '${field}') when 'array' then fields -> '${field}' else '[]' end)` +
  ` as each (record)`

/** The key of a whole text, for values that are longer than a key. */
export const wholeText = (field: string): string => `(coalesce('s' || (fields ->> '${field}'), '') collate "C")`

/** The key of a value of the type; undefined when the field cannot hold such a value. */
export const keyOf = (value: Scalar, type: ViewStore.FieldType): string | number | undefined => {
  if (typeof type === "object") return undefined
  switch (type) {
    case "number":
      return value === null ? -Infinity : typeof value === "number" ? value : undefined
    case "boolean":
      return value === null ? -1 : typeof value === "boolean" ? Number(value) : undefined
    case "text":
      return value === null ? "" : typeof value === "string" ? `s${storable(value)}` : undefined
    case "texts":
    case "numbers":
      return undefined
  }
}

/** The beginning of a text's key that the index has. */
export const shortened = (key: string | number): string | number =>
  typeof key === "string" && isLong(key) ? [...key].slice(0, textKeyLength + 1).join("") : key

/** Whether a text's key may be more than what the index has. */
export const isLong = (key: string | number): boolean => typeof key === "string" && key.length > textKeyLength

/** The type keys have in SQL. */
export const sqlType = (type: ViewStore.FieldType): string =>
  type === "number" ? "float8" : type === "boolean" ? "integer" : "text"

/** The least key of anything that is not null. */
export const leastPresent = (type: ViewStore.FieldType): string =>
  type === "number" ? "'-Infinity'::float8" : type === "boolean" ? "-1" : "''"
