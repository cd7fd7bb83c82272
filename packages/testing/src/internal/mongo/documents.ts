/** Documents as the stand-in holds them: decoded BSON with 64-bit integers as `Long` and buffers as `Binary`. */
import { BSON, Long } from "bson"

export type Doc = Record<string, unknown>

export const decode = (bytes: Uint8Array): Doc =>
  BSON.deserialize(bytes, { promoteLongs: false, promoteBuffers: false })

export const encode = (document: Doc): Uint8Array => BSON.serialize(document, { ignoreUndefined: true })

export const clone = (document: Doc): Doc => decode(encode(document))

/** A value as a map key. Numbers that MongoDB holds equal, 1 and 1 in 64 bits, get the same key. */
export const keyOf = (value: unknown): string => {
  if (typeof value === "string") return `s${value}`
  const small = value instanceof Long && Number.isSafeInteger(value.toNumber()) ? value.toNumber() : value
  return `b${Buffer.from(BSON.serialize({ v: small })).toString("latin1")}`
}

export const isEqual = (a: Doc, b: Doc): boolean => Buffer.compare(encode(a), encode(b)) === 0

/** A sub-document, not an array and not one of BSON's own types. */
export const isPlain = (value: unknown): value is Doc =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RegExp) &&
  !(value instanceof Date) && !("_bsontype" in value)

/** Whether the keys of a sub-document are operators such as `$set`. */
export const hasOperators = (value: unknown): value is Doc =>
  isPlain(value) && Object.keys(value).some((key) => key.startsWith("$"))

export const docOf = (value: unknown): Doc => isPlain(value) ? value : {}

export const docsOf = (value: unknown): Array<Doc> => Array.isArray(value) ? value.filter(isPlain) : []

export const numberOf = (value: unknown, otherwise: number): number =>
  value instanceof Long ? value.toNumber() : typeof value === "number" ? value : otherwise

/** Reads the value at a dotted path; inside an array, the values of its elements. */
export const reader = (path: string): (value: unknown) => unknown => {
  const keys = path.split(".")
  const [only = path] = keys
  return keys.length === 1 ? (value) => step(value, only) : (value) => keys.reduce(step, value)
}

export const valueAt = (value: unknown, path: string): unknown => reader(path)(value)

const step = (value: unknown, key: string): unknown => {
  if (Array.isArray(value) && !/^\d+$/.test(key)) return value.map((element: unknown) => step(element, key))
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined
}

export const setAt = (document: Doc, path: string, value: unknown): void => {
  const keys = path.split(".")
  const last = keys.pop() ?? path
  let at = document
  for (const key of keys) {
    const next = docOf(at[key])
    at[key] = next
    at = next
  }
  at[last] = value
}

const codeNames: Readonly<Record<number, string>> = {
  2: "BadValue",
  9: "FailedToParse",
  26: "NamespaceNotFound",
  27: "IndexNotFound",
  43: "CursorNotFound",
  48: "NamespaceExists",
  59: "CommandNotFound",
  66: "ImmutableField",
  86: "IndexKeySpecsConflict",
  91: "ShutdownInProgress",
  11000: "DuplicateKey"
}

export const codeName = (code: number): string => codeNames[code] ?? `Location${code}`

/** A failed command, with the code the real server gives. */
export class CommandError extends Error {
  readonly code: number
  readonly extra: Doc
  constructor(code: number, message: string, extra: Doc = {}) {
    super(message)
    this.code = code
    this.extra = extra
  }
}
