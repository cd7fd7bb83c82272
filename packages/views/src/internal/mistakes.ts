/** What can be wrong with what is asked of a view store. */
import { Effect } from "effect"
import type { Comparison, Predicate } from "../Predicate.ts"
import type { Plucking, Selection } from "../ViewStore.ts"
import type { FieldType, Shape } from "./shape.ts"
import { isList } from "./shape.ts"

/** Most levels of a predicate. */
const maxDepth = 50

/** Most comparisons of a predicate, together with what combines them. */
const maxParts = 20_000

/** Most UTF-16 units of a text that `contains` looks for. */
const maxContained = 4000

/**
 * What is wrong with a predicate, which is a mistake of whoever made it; nothing for one that is right. It may have 50
 * levels and 20 000 parts, and `contains` looks for texts of up to 4000 characters. Without the fields of a shape only its
 * form is looked at. With a list it may name members of the current record, as in `pluck`.
 *
 * @example
 * ```ts
 * import { Predicate } from "@kanau/views"
 *
 * Predicate.mistakeOf({ field: "year", is: "in", values: [1] }, { title: "text" }) // => "it names the field year, which is not declared"
 * ```
 */
export const mistakeOf = (predicate: Predicate, fields?: Shape["fields"], list?: string): string | undefined => {
  let parts = 0
  const look = (each: Predicate, depth: number, inside?: string): string | undefined => {
    if (++parts > maxParts) return `it has more than ${maxParts} parts`
    if (depth > maxDepth) return `it has more than ${maxDepth} levels`
    if ("all" in each) return firstOf(each.all, (one) => look(one, depth + 1, inside))
    if ("any" in each) return firstOf(each.any, (one) => look(one, depth + 1, inside))
    if ("not" in each) return look(each.not, depth + 1, inside)
    if ("some" in each) {
      if (inside !== undefined) return `records of ${inside} hold no lists, but it asks for ${each.some} in them`
      return mistakeOfList(each.some, fields) ?? look(each.where, depth + 1, each.some)
    }
    return mistakeOfComparison(each, inside ?? list, inside !== undefined, fields)
  }
  return (list === undefined ? undefined : mistakeOfList(list, fields)) ?? look(predicate, 1)
}

/**
 * Dies when what is asked of a collection is a mistake, for adapters: of `select`, `tally` or `pluck`. An adapter that
 * does not know the fields leaves them out; then only the form is looked at.
 *
 * @example
 * ```ts
 * import { ViewStore } from "@kanau/views"
 * import { Effect } from "effect"
 *
 * Effect.runSync(ViewStore.checkAsked("notes", { where: { all: [] }, member: "id" })) // => undefined
 * ```
 */
export const checkAsked = (
  collection: string,
  asked: Pick<Selection, "where"> & Partial<Selection> & Partial<Plucking>,
  fields?: Shape["fields"]
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const mistake = mistakeOfAsked(asked, fields)
    return mistake === undefined
      ? Effect.void
      : Effect.die(new Error(`What is asked of ${collection} is wrong: ${mistake}`))
  })

const mistakeOfAsked = (
  { where, sort = [], skip = 0, limit = 0, fields = [], list, member }: Parameters<typeof checkAsked>[1],
  declared: Shape["fields"] | undefined
): string | undefined => {
  if (![skip, limit].every((number) => Number.isSafeInteger(number) && number >= 0)) {
    return "skip and limit are whole numbers from 0"
  }
  const unsorted = sort.find(({ field }) => declared !== undefined && isList(declared[field]))
  if (unsorted !== undefined) return `it is sorted by ${unsorted.field}, which is a list`
  const named = [...sort.map(({ field }) => field), ...fields]
  const known = declared !== undefined && list !== undefined ? membersOf(declared, list) : declared
  const plucked = member === undefined || (member === "id" && list === undefined) ? [] : [member]
  const odd = named.find((field) => !isKnown(field, declared)) ?? plucked.find((field) => !isKnown(field, known))
  if (odd !== undefined) return `it names ${odd}, which is not declared`
  const type = plucked.map((name) => known?.[name])[0]
  if (type !== undefined && type !== "text" && type !== "texts") return `it plucks ${member}, which holds no texts`
  return mistakeOf(where, declared, list)
}

const isKnown = (name: string, declared: Readonly<Record<string, FieldType>> | undefined): boolean =>
  isWord(name) && (declared === undefined || Object.hasOwn(declared, name))

const mistakeOfList = (name: string, fields: Shape["fields"] | undefined): string | undefined => {
  if (!isWord(name)) return `it names the list ${name}, which is no field`
  return fields === undefined || membersOf(fields, name) !== undefined
    ? undefined
    : `it looks for records in ${name}, which is not declared as a list of records`
}

const mistakeOfComparison = (
  { field, is, values }: Comparison,
  list: string | undefined,
  isInside: boolean,
  fields: Shape["fields"] | undefined
): string | undefined => {
  if (values.some((value) => typeof value === "number" && !Number.isFinite(value))) {
    return `it compares ${field} with what is no number`
  }
  const [wanted] = values
  if (is === "contains" && typeof wanted === "string" && wanted.length > maxContained) {
    return `it looks for a text of more than ${maxContained} characters in ${field}`
  }
  if (field === "id" && !isInside) return undefined
  const isMember = isInside || (list !== undefined && field.startsWith(`${list}.`))
  const name = isMember && !isInside ? field.slice((list ?? "").length + 1) : field
  if (!isWord(name)) return `it names ${field}, which is no field`
  if (fields === undefined) return undefined
  const known: Readonly<Record<string, FieldType>> | undefined = isMember ? membersOf(fields, list ?? "") : fields
  const type = known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined
  if (type === undefined) return `it names the ${isMember ? "member" : "field"} ${field}, which is not declared`
  if (typeof type === "object") return `it compares ${field}, which holds records; ask for some of them`
  if (is === "in" || type === "text") return undefined
  if (is === "contains") return `it looks for a text in ${field}, which is no text`
  return type === "texts" || type === "numbers" ? `it asks whether the list ${field} is greater or less` : undefined
}

const membersOf = (fields: Shape["fields"], name: string) => {
  const type = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof type === "object" ? type.records : undefined
}

const isWord = (name: string): boolean => /^[a-z][a-z0-9_]*$/.test(name)

const firstOf = <A>(all: ReadonlyArray<A>, mistake: (one: A) => string | undefined): string | undefined => {
  for (const one of all) {
    const found = mistake(one)
    if (found !== undefined) return found
  }
  return undefined
}
