/**
 * Conditions on documents, combined at will: what `ViewStore.select`, `tally` and `pluck` ask for, and what every adapter
 * turns into its own language. {@link holds} says what a predicate means; adapters agree with it.
 *
 * The logic has two values. A comparison with null, or with a field that is missing, is false; only `in` with null among
 * its values holds for null and for a missing field. `not` is the plain complement, so it holds for null where the
 * comparison in it does not. Values of another type than the field's are never equal, greater or less.
 *
 * Does not normalise texts, fold case, or know patterns.
 */
import type { FieldValue, FlatRecord } from "./internal/shape.ts"
import { orderOfTexts } from "./internal/texts.ts"
import type { ViewDocument } from "./ViewStore.ts"

/** A condition on one field. */
export interface Comparison {
  /** A declared field; `id` is the document's own id. In `some` a member; of the current record, `list.member`. */
  readonly field: string
  /**
   * `in`: equal to one of the values or, of a list, holding one of them. The others look at the first value, and are not
   * for lists: texts are compared by code point, and `contains` says that the text holds the value, character by
   * character.
   */
  readonly is: "in" | "gt" | "gte" | "lt" | "lte" | "contains"
  readonly values: ReadonlyArray<string | number | boolean | null>
}

/** What a document must be like. */
export type Predicate =
  /** All of them; true when there are none. */
  | { readonly all: ReadonlyArray<Predicate> }
  /** At least one of them; false when there are none. */
  | { readonly any: ReadonlyArray<Predicate> }
  | { readonly not: Predicate }
  /** A record of this list fulfils `where`, whose fields are members of the record. */
  | { readonly some: string; readonly where: Predicate }
  | Comparison

/** A record of a list that a predicate looks at, by paths such as `tags.level`, beside the document it is in. */
export interface Current {
  readonly list: string
  readonly record: FlatRecord
}

/**
 * Whether a document is as the predicate says.
 *
 * @example
 * ```ts
 * import { Predicate } from "@kanau/views"
 *
 * const document = { id: "v17", fields: { title: "Ever17", tags: [{ name: "g1", level: 2 }] } }
 * const tagged = { some: "tags", where: { all: [
 *   { field: "name", is: "in", values: ["g1"] },
 *   { field: "level", is: "gte", values: [2] }
 * ] } } as const
 *
 * Predicate.holds(tagged, document) // => true
 * Predicate.holds({ all: [tagged, { field: "title", is: "contains", values: ["17%"] }] }, document) // => false
 * ```
 */
export const holds = (
  predicate: Predicate,
  document: Pick<ViewDocument, "id" | "fields">,
  current?: Current
): boolean =>
  test(predicate, (field) => {
    if (field === "id") return document.id
    if (current !== undefined && field.startsWith(`${current.list}.`)) {
      return valueOf(current.record, field.slice(current.list.length + 1))
    }
    return valueOf(document.fields, field)
  })

/** What a predicate of documents and records asks, taken apart: it holds exactly when all three do. */
export interface Parts {
  /** Of the document. */
  readonly document: Predicate
  /** Of the record, whose members it names as `some` does. */
  readonly record: Predicate
  /** Of both together. */
  readonly both: Predicate
}

/**
 * Takes apart what `pluck` asks of documents and of the records of a list. A document with a record that is plucked fulfils
 * `document`, and `some` of the list fulfils `record`: adapters look for that first.
 *
 * @example
 * ```ts
 * import { Predicate } from "@kanau/views"
 *
 * const named = { field: "tags.name", is: "in", values: ["g1"] } as const
 * Predicate.parts(named, "tags").record // => { all: [{ field: "name", is: "in", values: ["g1"] }] }
 * ```
 */
export const parts = (predicate: Predicate, list: string): Parts => {
  const all: { readonly [Part in keyof Parts]: Array<Predicate> } = { document: [], record: [], both: [] }
  const add = (each: Predicate): void => {
    if ("all" in each) return each.all.forEach(add)
    const seen = { document: false, record: false }
    const record = membersOnly(each, `${list}.`, seen)
    all[seen.record ? (seen.document ? "both" : "record") : "document"].push(
      seen.record && !seen.document ? record : each
    )
  }
  add(predicate)
  return { document: { all: all.document }, record: { all: all.record }, both: { all: all.both } }
}

export { mistakeOf } from "./internal/mistakes.ts"

type Look = (field: string) => FieldValue

const test = (predicate: Predicate, look: Look): boolean => {
  if ("all" in predicate) return predicate.all.every((one) => test(one, look))
  if ("any" in predicate) return predicate.any.some((one) => test(one, look))
  if ("not" in predicate) return !test(predicate.not, look)
  if ("some" in predicate) {
    return recordsOf(look(predicate.some)).some((record) => test(predicate.where, (member) => valueOf(record, member)))
  }
  return compares(predicate, look(predicate.field))
}

const compares = ({ is, values }: Comparison, value: FieldValue): boolean => {
  if (is === "in") {
    if (value === null || typeof value !== "object") return values.includes(value)
    return value.some((each) => typeof each !== "object" && values.includes(each))
  }
  const wanted = values[0]
  if (typeof value === "string" && typeof wanted === "string") {
    return is === "contains" ? value.includes(wanted) : isMet(is, orderOfTexts(value, wanted))
  }
  if (typeof value === "number" && typeof wanted === "number") return isMet(is, value - wanted)
  if (typeof value === "boolean" && typeof wanted === "boolean") return isMet(is, Number(value) - Number(wanted))
  return false
}

const isMet = (is: Comparison["is"], order: number): boolean => {
  switch (is) {
    case "gt":
      return order > 0
    case "gte":
      return order >= 0
    case "lt":
      return order < 0
    case "lte":
      return order <= 0
    case "in":
    case "contains":
      return false
  }
}

/** The predicate with members in place of paths to them; notes what it is about. */
const membersOnly = (
  predicate: Predicate,
  prefix: string,
  seen: { document: boolean; record: boolean }
): Predicate => {
  const inner = (each: Predicate) => membersOnly(each, prefix, seen)
  if ("all" in predicate) return { all: predicate.all.map(inner) }
  if ("any" in predicate) return { any: predicate.any.map(inner) }
  if ("not" in predicate) return { not: inner(predicate.not) }
  const isOfRecord = "field" in predicate && predicate.field.startsWith(prefix)
  seen[isOfRecord ? "record" : "document"] = true
  return isOfRecord ? { ...predicate, field: predicate.field.slice(prefix.length) } : predicate
}

const valueOf = (values: Readonly<Record<string, FieldValue>>, name: string): FieldValue =>
  Object.hasOwn(values, name) ? values[name] ?? null : null

const recordsOf = (value: FieldValue): ReadonlyArray<FlatRecord> =>
  value !== null && typeof value === "object" ? value.flatMap((each) => typeof each === "object" ? [each] : []) : []
