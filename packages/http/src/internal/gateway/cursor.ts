/**
 * Cursors: the place behind the last document of a page, as opaque text. A cursor belongs to a view, its filters and its
 * sort; used with others, or changed, it is refused. It names values and not a count, so whatever happens to documents
 * between two pages, those that do not change are seen exactly once.
 *
 * The check is against mistakes and not a signature: who forges one may begin at a place of their choice, which harms
 * nobody, so what is inside is looked at as any other input.
 */
import { hash } from "node:crypto"
import { isText } from "./parameters.ts"

type Key = string | number | boolean | null

/** Behind the document with these keys and this id. */
export interface Place {
  readonly keys: ReadonlyArray<Key>
  readonly id: string
}

/** `list` is text that is the same for pages of the same list, and only for those. */
export const encode = (list: string, place: Place): string => {
  const text = JSON.stringify([place.keys, place.id])
  return Buffer.from(check(list, text) + text).toString("base64url")
}

/** The place, or nothing if this is no cursor of the list. `types` are those of the keys, as `typeof` says them. */
export const decode = (list: string, cursor: string, types: ReadonlyArray<string>): Place | undefined => {
  if (!/^[A-Za-z0-9_-]{1,2000}$/.test(cursor)) return undefined
  const whole = Buffer.from(cursor, "base64url").toString()
  const text = whole.slice(checkLength)
  if (whole.slice(0, checkLength) !== check(list, text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isPlace(value, types) ? { keys: value[0], id: value[1] } : undefined
  } catch {
    return undefined
  }
}

const checkLength = 16

const check = (list: string, text: string): string =>
  hash("sha256", `${list}\n${text}`, "base64url").slice(0, checkLength)

const isPlace = (value: unknown, types: ReadonlyArray<string>): value is [ReadonlyArray<Key>, string] =>
  Array.isArray(value) && value.length === 2 && typeof value[1] === "string" && isText(value[1]) &&
  Array.isArray(value[0]) && value[0].length === types.length &&
  value[0].every((key: unknown, at) =>
    key === null || typeof key === types[at] && (typeof key !== "string" || isText(key))
  )
