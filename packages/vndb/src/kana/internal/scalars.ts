/** How plain values of requests are read: numbers may come as text, and text loses the white space around it. */

/** The text of a value; "" for what is missing; nothing for what is no plain value. */
export const scalarOf = (input: unknown): string | undefined => {
  if (input === null || input === undefined) return ""
  if (typeof input === "string") return input.trim()
  return typeof input === "number" ? String(input) : undefined
}

/** A whole number from `min` to `max`. */
export const wholeNumber = (text: string | undefined, min: number, max: number): number | undefined => {
  if (text === undefined || !/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined
  const value = Number(text)
  return value >= min && value <= max ? value : undefined
}

/** An id with the prefix, also from its bare number. */
export const idOf = (prefix: string, input: unknown): string | undefined => {
  const text = scalarOf(input) ?? ""
  const digits = text.startsWith(prefix) ? text.slice(prefix.length) : text
  return /^[1-9][0-9]{0,6}$/.test(digits) ? prefix + digits : undefined
}

/** The number of an id. */
export const numberOf = (id: string): number => Number(id.replace(/^[a-z]+/, ""))

/** v2 before v10, s1.2 before s1.10. */
export const byNumber = (a: string, b: string): number => {
  if (!a.includes(".") && !b.includes(".")) return byDigits(a, b)
  const [one = "", alias = ""] = a.split(".")
  const [other = "", otherAlias = ""] = b.split(".")
  return byDigits(one, other) || byDigits(alias, otherAlias)
}

/** Numbers without leading zeros, behind the same prefix. */
const byDigits = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
