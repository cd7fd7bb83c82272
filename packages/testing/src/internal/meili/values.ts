/** JSON as it comes off the wire, and how the engine reads it. */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/** A member by its path; of lists, the members of all that have it. */
export const member = (value: Json | undefined, path: string): Json | undefined => {
  if (isObject(value) && path in value) return value[path]
  return path.split(".").reduce<Json | undefined>((from, name) => {
    if (isList(from)) return from.flatMap((one) => isObject(one) && name in one ? [one[name] ?? null] : [])
    return isObject(from) ? from[name] : undefined
  }, value)
}

/** The values of a member that are not null, one by one. */
export const valuesOf = (document: Json, path: string): ReadonlyArray<Json> =>
  flat(member(document, path)).filter((value) => value !== null)

const flat = (value: Json | undefined): ReadonlyArray<Json> =>
  value === undefined ? [] : isList(value) ? value.flatMap(flat) : [value]

/** Everything that can be read as text. */
export const texts = (value: Json | undefined): ReadonlyArray<string> =>
  value === undefined || value === null
    ? []
    : isList(value)
    ? value.flatMap(texts)
    : isObject(value)
    ? Object.values(value).flatMap(texts)
    : [String(value)]

/** Without diacritics and case. */
export const fold = (text: string): string => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()

export const words = (text: string): ReadonlyArray<string> => fold(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? []

export const listOf = (value: Json | undefined): ReadonlyArray<Json> => isList(value) ? value : []

export const stringsOf = (value: Json | undefined): ReadonlyArray<string> => listOf(value).map(textOf)

/** A value as text; none is the empty one. */
export const textOf = (value: Json | undefined): string =>
  value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value)

export const numberOr = (value: Json | undefined, otherwise: number): number =>
  typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : otherwise

/** An object with some of its members. */
export const pick = (document: JsonObject, names: ReadonlyArray<string> | undefined): JsonObject =>
  names === undefined || names.includes("*")
    ? document
    : Object.fromEntries(Object.entries(document).filter(([name]) => names.includes(name)))
