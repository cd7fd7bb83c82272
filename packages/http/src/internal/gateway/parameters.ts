/** Query strings of public reads: every parameter is declared, stands once, and is text that a store can hold. */
import { Fault } from "@kanau/core"
import { isDecodable } from "../input.ts"

/** What is wrong with a parameter, and what would be right. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** The query string of a URL, without the question mark. */
export const queryOf = (url: string): string => {
  const at = url.indexOf("?")
  if (at === -1) return ""
  const end = url.indexOf("#", at)
  return end === -1 ? url.slice(at + 1) : url.slice(at + 1, end)
}

/** The parameters by name; fails with everything that is wrong with them. */
export const parse = (query: string, isAllowed: (name: string) => boolean, allowed: string): Map<string, string> => {
  const found = new Map<string, string>()
  if (query === "") return found
  if (!isDecodable(query)) throw refuse([{ path: "", message: "The query string is not properly percent-encoded" }])
  const issues: Array<Issue> = []
  for (const [name, value] of new URLSearchParams(query)) {
    if (!isAllowed(name)) issues.push({ path: name, message: `Is no parameter of this; there are ${allowed}` })
    else if (found.has(name)) issues.push({ path: name, message: "Given more than once; join values with commas" })
    else if (!isText(value)) issues.push({ path: name, message: "Holds a character that is no text" })
    else found.set(name, value)
    if (issues.length === mostIssues) break
  }
  if (issues.length > 0) throw refuse(issues)
  return found
}

/** Text that every store can hold: no zero character, no half of a surrogate pair. */
export const isText = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

export const refuse = (issues: ReadonlyArray<Issue>): Fault.InvalidInput => new Fault.InvalidInput({ issues })

const mostIssues = 50
