/**
 * The rule for the value of each kind of filter: what is accepted, what it means, and how it is written in the normal and
 * in the compact form.
 */
import { fromUrl, isSite } from "../Extlinks.ts"
import type { Leaf, Values } from "../Filter.ts"
import type { Rule } from "../Filters.ts"
import { dateOf } from "./filterDates.ts"
import { idOf, numberOf, scalarOf, wholeNumber } from "./scalars.ts"

/** A value in the compact form. */
export type Compact = number | string | readonly [number, number]

/** The value that an input stands for, with the kind of it; nothing for a wrong one. `user` is whose labels are meant. */
export const read = (
  rule: Exclude<Rule, { is: "nested" }>,
  input: unknown,
  user: unknown
): Pick<Leaf, "is" | "value"> | undefined => {
  switch (rule.is) {
    case "id":
      return of("id", idOf(rule.prefix, input))
    case "search":
      return of("search", scalarOf(input) ?? "")
    case "text":
      return of("text", scalarOf(input))
    case "choice":
      return of("choice", choiceOf(rule, input))
    case "number": {
      const text = scalarOf(input)
      return of("number", text === "" ? rule.unknown : wholeNumber(text, rule.min, rule.max))
    }
    case "date":
      return of("date", dateOf(input))
    case "one":
      return of("one", scalarOf(input) === "1" ? 1 : undefined)
    case "pair":
      return of("pair", input === null || input === "" ? rule.unknown : pairOf(input, rule.max))
    case "tag":
      return of("tag", tagOf(input))
    case "trait":
      return of("trait", traitOf(input))
    case "label":
      return of("label", labelOf(input, user))
    case "link":
      return of("link", linkOf(input))
  }
}

/** The value in the normal form. */
export const toJson = (leaf: Leaf): unknown => {
  switch (leaf.is) {
    case "tag": {
      const { level, noLies, spoiler, tag } = leaf.value
      return noLies ? [tag, spoiler, level, 1] : [tag, spoiler, level]
    }
    case "trait": {
      const { noLies, spoiler, trait } = leaf.value
      return noLies ? [trait, spoiler, 1] : [trait, spoiler]
    }
    case "label":
      return [leaf.value.user, leaf.value.label]
    case "link":
      return leaf.value.value === null ? leaf.value.site : [leaf.value.site, leaf.value.value]
    default:
      return leaf.value
  }
}

/** The value in the compact form. */
export const toCompact = (leaf: Leaf): Compact => {
  switch (leaf.is) {
    case "id":
      return numberOf(leaf.value)
    case "tag": {
      const { level, noLies, spoiler, tag } = leaf.value
      // Levels are kept in steps of 0.2.
      const more = (noLies ? 48 : 0) + Math.trunc(level * 5) * 3 + spoiler
      return more === 0 ? numberOf(tag) : [numberOf(tag), more]
    }
    case "trait": {
      const { noLies, spoiler, trait } = leaf.value
      const more = (noLies ? 3 : 0) + spoiler
      return more === 0 ? numberOf(trait) : [numberOf(trait), more]
    }
    case "label":
      return [numberOf(leaf.value.user), leaf.value.label]
    case "link":
      return leaf.value.value === null ? leaf.value.site : `${leaf.value.site},${leaf.value.value}`
    default:
      return leaf.value ?? ""
  }
}

const of = <K extends keyof Values>(is: K, value: Values[K] | undefined): Pick<Leaf, "is" | "value"> | undefined =>
  // The kind and its value belong together by the signature, which the union cannot say of a type parameter.
  value === undefined ? undefined : { is, value } as Pick<Leaf, "is" | "value">

const choiceOf = (rule: Extract<Rule, { is: "choice" }>, input: unknown): string | number | null | undefined => {
  const text = scalarOf(input)
  if (text === undefined) return undefined
  if (text === "" || (text === "unknown" && rule.unknown === "")) return rule.unknown
  return rule.of.find((choice) => String(choice) === text)
}

const pairOf = (input: unknown, max: number): readonly [number, number] | undefined => {
  const [first, second] = partsOf(input, 2, 2) ?? []
  const a = wholeNumber(first, 0, max)
  const b = wholeNumber(second, 0, max)
  return a === undefined || b === undefined ? undefined : [a, b]
}

/** `tag`, `[tag, spoiler, level, noLies?]`, or with two parts, as the compact form has it, all in one number. */
const tagOf = (input: unknown): Values["tag"] | undefined => {
  const [id, first = "0", second, third = "0"] = partsOf(Array.isArray(input) ? input : [input, 0, 0], 2, 4) ?? []
  const tag = idOf("g", id)
  if (tag === undefined) return undefined
  if (second === undefined) {
    const all = wholeNumber(first, 0, Number.MAX_SAFE_INTEGER)
    return all === undefined
      ? undefined
      : { tag, spoiler: all % 3, level: Math.trunc((all % 48) / 3) / 5, noLies: Math.trunc(all / 48) === 1 }
  }
  return /^[0-2]$/.test(first) && /^(?:[0-2](?:\.\d+)?|3(?:\.0+)?)$/.test(second) && /^[01]$/.test(third)
    ? { tag, spoiler: Number(first), level: Number(second), noLies: third === "1" }
    : undefined
}

/** `trait`, `[trait, spoiler, noLies]`, or with two parts the spoiler level, plus 3 for no lies. */
const traitOf = (input: unknown): Values["trait"] | undefined => {
  const [id, first, third] = partsOf(Array.isArray(input) ? input : [input, 0], 2, 3) ?? []
  const trait = idOf("i", id)
  const all = wholeNumber(first, 0, third === undefined ? Number.MAX_SAFE_INTEGER : 2)
  if (trait === undefined || all === undefined || (third !== undefined && !/^[01]$/.test(third))) return undefined
  const noLies = third === undefined ? Math.trunc(all / 3) === 1 : third === "1"
  const spoiler = all % 3
  // VNDB takes "no spoilers, no lies" for a mistake of its old search form, which meant any spoilers.
  return { trait, spoiler: noLies && spoiler === 0 ? 2 : spoiler, noLies }
}

const labelOf = (input: unknown, user: unknown): Values["label"] | undefined => {
  const [whose, which] = Array.isArray(input) ? partsOf(input, 2, 2) ?? [] : [user, scalarOf(input)]
  const id = idOf("u", whose)
  const label = wholeNumber(which, 0, 999_999)
  return id === undefined || label === undefined ? undefined : { user: id, label }
}

/** A site, `[site, value]`, `"site,value"`, or an address. */
const linkOf = (input: unknown): Values["link"] | undefined => {
  if (Array.isArray(input)) {
    const [site = "", value] = partsOf(input, 2, 2) ?? []
    return value === undefined || input[1] === null || !isSite(site) ? undefined : { site, value }
  }
  const text = scalarOf(input)
  if (text === undefined) return undefined
  if (isSite(text)) return { site: text, value: null }
  if (/^https?:/.test(text)) {
    const link = fromUrl(text)
    return link === undefined ? undefined : { site: link[0], value: link[1] }
  }
  const comma = text.indexOf(",")
  const site = text.slice(0, Math.max(comma, 0))
  return isSite(site) ? { site, value: text.slice(comma + 1) } : undefined
}

/** The texts of a list of plain values. */
const partsOf = (input: unknown, min: number, max: number): ReadonlyArray<string> | undefined => {
  if (!Array.isArray(input) || input.length < min || input.length > max) return undefined
  const parts = input.map(scalarOf)
  return parts.every((part) => part !== undefined) ? parts : undefined
}
