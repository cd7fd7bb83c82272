/**
 * The compact form of filters as text, without knowing any filter: numbers, texts and pairs behind codes and operators.
 *
 * Numbers up to 48 take one character, up to 688 two, and from there on a character that says how many digits follow.
 * Texts of two and three characters stand for themselves, longer ones end with "-". Punctuation is escaped by "_".
 */
import { operators } from "../Filter.ts"
import type { Compact } from "./filterValues.ts"

/** A filter whose names are codes: `[0 | 1, ...filters]`, or `[code, operator, value]`. */
export type CompactFilter = ReadonlyArray<unknown>

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
const escaped = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
/** What a number of 2, 3, ... digits starts from. */
const bases = [689, 4785, 266929, 17044145, 1090785969, 69810262705]
const types = { number: 0, filter: 1, two: 2, three: 3, text: 4, pair: 5 }

/** Deeper filters are refused, so that reading them cannot exhaust the stack. */
export const maxDepth = 20

/** The filter that a text stands for; a message for none. */
export const decode = (text: string): CompactFilter | string => {
  const reader = new Reader(text)
  const filter = reader.filter(0)
  if (filter === undefined) return "Invalid compact encoded form"
  return reader.at === reader.chars.length ? filter : "Trailing garbage"
}

/** The text of a number. */
export const encodeNumber = (value: number): string => {
  if (value < 49) return digit(value)
  if (value < 689) return digit(49 + Math.trunc((value - 49) / 64)) + digit((value - 49) % 64)
  const length = bases.findIndex((base) => value < base)
  let rest = value - (bases[length - 1] ?? 0)
  let digits = ""
  for (let left = length + 1; left > 0; left--) {
    digits = digit(rest % 64) + digits
    rest = Math.trunc(rest / 64)
  }
  return digit(58 + length) + digits
}

/** The text of a test. */
export const encodeTest = (code: number, op: number, value: Compact): string => {
  const head = (type: number) => encodeNumber(code) + encodeNumber(type * 8 + op)
  if (typeof value === "number") return head(types.number) + encodeNumber(value)
  if (typeof value !== "string") return head(types.pair) + value.map(encodeNumber).join("")
  const text = value.replace(/[ -/:-@[-`{-~]/g, (char) => `_${digit(escaped.indexOf(char))}`)
  const { length } = Array.from(text)
  if (length === 2) return head(types.two) + text
  return length === 3 ? head(types.three) + text : `${head(types.text)}${text}-`
}

/** What comes before a nested filter. */
export const encodeNested = (code: number, op: number): string =>
  encodeNumber(code) + encodeNumber(types.filter * 8 + op)

const digit = (value: number): string => alphabet.charAt(value)

class Reader {
  /** By code points, as lengths count them. */
  readonly chars: ReadonlyArray<string>
  at = 0

  constructor(text: string) {
    this.chars = Array.from(text)
  }

  filter(depth: number): CompactFilter | undefined {
    const code = this.number()
    const next = this.number()
    if (code === undefined || next === undefined || depth > maxDepth) return undefined
    if (code > 1) {
      const value = this.value(Math.trunc(next / 8), depth)
      return value === undefined ? undefined : [code, operators[next % 8] ?? "", value]
    }
    // Every filter takes at least three characters, so a greater count cannot be meant.
    if (next > this.chars.length) return undefined
    const parts: Array<unknown> = [code]
    for (let left = next; left > 0; left--) {
      const part = this.filter(depth + 1)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return parts
  }

  private value(type: number, depth: number): unknown {
    if (type === types.number) return this.number()
    if (type === types.filter) return this.filter(depth + 1)
    if (type === types.two) return this.plain(2)
    if (type === types.three) return this.plain(3)
    if (type === types.text) {
      const end = this.chars.indexOf("-", this.at)
      const text = end < 0 ? undefined : this.plain(end - this.at)
      this.at++
      return text
    }
    const first = type === types.pair ? this.number() : undefined
    const second = this.number()
    return first === undefined || second === undefined ? undefined : [first, second]
  }

  private plain(length: number): string | undefined {
    const raw = this.chars.slice(this.at, this.at + length)
    this.at += length
    if (raw.length < length) return undefined
    let isRight = true
    const text = raw.join("").replace(/_(.?)/gs, (_, char: string) => {
      const found = char === "" ? "" : escaped.charAt(alphabet.indexOf(char))
      isRight &&= found !== ""
      return found
    })
    return isRight ? text : undefined
  }

  private number(): number | undefined {
    const first = this.next()
    if (first === undefined || first < 49) return first
    let value = 0
    for (let left = Math.max(1, first - 57); left > 0; left--) {
      const next = this.next()
      if (next === undefined) return undefined
      value = value * 64 + next
    }
    return first < 59 ? 49 + (first - 49) * 64 + value : value + (bases[first - 59] ?? 0)
  }

  private next(): number | undefined {
    const char = this.chars[this.at++]
    const found = char === undefined ? -1 : alphabet.indexOf(char)
    return found < 0 ? undefined : found
  }
}
