/**
 * Sparse documents: `?fields=id,title` keeps these top-level members. This is the only read that parses JSON. Members
 * come in the order of the document, so the order in which they are asked for makes no other answer.
 */
import type { Issue } from "./parameters.ts"

/** The members to keep, sorted; everything when the parameter is absent. */
export type Members = ReadonlyArray<string> | undefined

/** Reads the parameter; what is wrong with it goes to `issues`. */
export const parse = (
  text: string | undefined,
  declared: ReadonlyArray<string>,
  issues: Array<Issue>
): Members => {
  if (text === undefined) return undefined
  const asked = text.split(",")
  if (asked.every((name) => declared.includes(name))) return [...new Set(asked)].sort()
  issues.push({ path: "fields", message: `Names something else than ${declared.join(", ")}` })
  return undefined
}

/** The JSON of a document with these members only. */
export const keep = (bytes: Uint8Array, members: ReadonlyArray<string>): Uint8Array<ArrayBuffer> => {
  const whole = JSON.parse(utf8.decode(bytes)) as object
  const kept = Object.entries(whole).filter(([name]) => members.includes(name))
  return encoder.encode(JSON.stringify(Object.fromEntries(kept)))
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()
