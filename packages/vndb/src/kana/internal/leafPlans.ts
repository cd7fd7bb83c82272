/** What each filter by value asks of the documents that `documents` describes. */
import type { Predicate } from "@kanau/views"
import { cupSizes } from "../Enums.ts"
import type { Leaf, Operator, Test } from "../Filter.ts"
import type { Entity } from "../Filters.ts"
import type { Plan, Situation } from "../Plan.ts"
import { words } from "../SearchText.ts"
import { today } from "./filterDates.ts"
import { all, always, any, isIn, never, not } from "./predicates.ts"
import { numberOf } from "./scalars.ts"

/** The plan of a filter by value; `isInVn` when it is asked directly within a visual novel's filter. */
export const leafPlan = (entity: Entity, leaf: Leaf, situation: Situation, isInVn: boolean): Plan => {
  switch (leaf.is) {
    case "id":
      return idPlan(entity, leaf)
    case "search":
      return signed(leaf.op, searchPlan(entity, leaf.value))
    case "text":
      return signed(leaf.op, isIn(leaf.name, leaf.value))
    case "choice":
      return choicePlan(entity, leaf, situation, isInVn)
    case "number":
      return numberPlan(leaf)
    case "date":
      return ordered("released", leaf.op, leaf.value === today ? situation.today : leaf.value)
    case "one":
      return onePlan(leaf, situation)
    case "pair":
      return leaf.name === "birthday" ? signed(leaf.op, birthdayPlan(leaf.value)) : resolutionPlan(leaf)
    case "tag": {
      const { level, noLies, spoiler, tag } = leaf.value
      const rated: Plan = level > 0 ? { field: "l", is: "gte", values: [level] } : always
      return signed(leaf.op, { some: `${leaf.name}s`, where: all([isIn("t", tag), rated, open(spoiler, noLies)]) })
    }
    case "trait": {
      const { noLies, spoiler, trait } = leaf.value
      return signed(leaf.op, { some: `${leaf.name}s`, where: all([isIn("t", trait), open(spoiler, noLies)]) })
    }
    case "label":
      return labelPlan(leaf, situation)
    case "link": {
      const { site, value } = leaf.value
      return signed(leaf.op, isIn("extlinks", value === null ? site : `${site},${value}`))
    }
  }
}

const signed = (op: Operator, plan: Plan): Plan => op === "!=" ? not(plan) : plan

/** Numbers in order. Null is neither equal nor unequal, less nor greater. */
const ordered = (field: string, op: Operator, value: number): Plan => {
  switch (op) {
    case "=":
      return isIn(field, value)
    case "!=":
      return not(isIn(field, value, null))
    case ">=":
      return { field, is: "gte", values: [value] }
    case ">":
      return { field, is: "gt", values: [value] }
    case "<=":
      return { field, is: "lte", values: [value] }
    case "<":
      return { field, is: "lt", values: [value] }
  }
}

const idPlan = (entity: Entity, { name, op, value }: Test<"id">): Plan => {
  if (name === "producer_id") return signed(op, isIn("producers", value))
  if (name === "developer_id") return signed(op, isIn("developers", value))
  // Documents of staff are of aliases, so their ids are others.
  if (entity === "staff") return ordered("num", op, numberOf(value))
  return op === "=" || op === "!=" ? signed(op, isIn("id", value)) : ordered("num", op, numberOf(value))
}

const prefixes: Readonly<Record<Entity, string>> = {
  vn: "v",
  release: "r",
  producer: "p",
  character: "c",
  staff: "s",
  tag: "g",
  trait: "i",
  quote: "q"
}

/** Longer words are in no label. */
const longestWord = 4000

/** One label holds all words; a single word may be an id. */
const searchPlan = (entity: Entity, search: string): Plan => {
  const wanted = words(search)
  const [first = ""] = wanted
  if (wanted.length === 0) return always
  if (wanted.some((word) => word.length > longestWord)) return never
  const otherwise: Predicate.Predicate = {
    some: "labels",
    where: { all: wanted.map((word) => ({ field: "t", is: "contains", values: [word] })) }
  }
  const found: Plan = { entity, search: wanted, otherwise }
  const isId = wanted.length === 1 && new RegExp(`^${prefixes[entity]}[1-9][0-9]{0,6}$`).test(first)
  return isId ? any([isIn("num", numberOf(first)), found]) : found
}

/** Fields that are not named like their filters. */
const fields: Readonly<Record<string, string>> = {
  "vn.lang": "langs",
  "vn.platform": "platforms",
  "release.lang": "langs",
  "release.platform": "platforms",
  "release.medium": "media",
  "release.image": "images",
  "release.rtype": "rtypes",
  "character.role": "roles",
  "staff.role": "roles"
}

/** Of a visual novel's releases, characters and staff, what they are there. */
const inVn: Readonly<Record<string, (value: string) => Plan>> = {
  "release.rtype": (value) => isIn("vns.rtype", value),
  "character.role": (value) => isIn("vns.role", value),
  "staff.role": (value) => ({ field: "vns.roles", is: "contains", values: [`/${value}/`] })
}

const choicePlan = (
  entity: Entity,
  { name, op, value }: Test<"choice">,
  situation: Situation,
  isInVn: boolean
): Plan => {
  const key = `${entity}.${name}`
  if (name === "minage") return measured(name, op, typeof value === "number" ? value : null, false)
  if (name === "cup") return measured(name, op, value === null ? null : cupSizes.indexOf(String(value)) + 1, true)
  if (name === "rlist") {
    // Without a list there is nothing to be on or off.
    if (situation.reader === null) return never
    const where = all([isIn("user", situation.reader), isIn("status", value)])
    return signed(op, { ask: { documents: "rlist", list: null, member: "release", where }, into: "id" })
  }
  if (name === "ani_bg" || name === "ani_face") {
    return signed(op, all([isIn("patch", false), isIn(name, value === null ? null : value === 1)]))
  }
  if (name.startsWith("ani")) return signed(op, all([isIn("patch", false), isIn(name, value ?? "")]))
  const there = isInVn ? inVn[key] : undefined
  return signed(op, there === undefined ? isIn(fields[key] ?? name, value ?? "") : there(String(value)))
}

const numberPlan = ({ name, op, value }: Test<"number">): Plan => {
  if (name === "anime_id") return signed(op, isIn("anime", value))
  if (name === "aid") return signed(op, isIn("aid", value))
  if (name === "popularity") return ordered("votecount", op, (value ?? 0) * 150)
  if (name === "rating") return ordered("rating", op, (value ?? 0) * 10)
  return measured(name, op, value, name !== "weight" && name !== "age")
}

/**
 * An ordered value that may be unknown. Unknown itself is below everything where VNDB stores it as 0; else it has no order,
 * and whatever is not "=" asks for what is known.
 */
const measured = (field: string, op: Operator, value: number | null, isZeroUnknown: boolean): Plan => {
  if (value !== null) return ordered(field, op, value)
  const unknown = isIn(field, null)
  if (op === "=") return unknown
  if (!isZeroUnknown || op === "!=" || op === ">") return not(unknown)
  return op === ">=" ? always : op === "<" ? never : unknown
}

const onePlan = ({ name, op }: Test<"one">, { reader, readsPrivate }: Situation): Plan => {
  if (name === "random") return signed(op, { ask: { random: "quote" }, into: "id" })
  // Unknown is neither censored nor uncensored.
  if (name === "uncensored") return isIn(name, op === "=")
  if (name !== "on_list") return signed(op, isIn(name, true))
  if (reader === null) return signed(op, never)
  const where = all([isIn("user", reader), readsPrivate ? always : isIn("private", false)])
  return signed(op, { ask: { documents: "ulist", list: null, member: "vn", where }, into: "id" })
}

/** Both sides are compared alike. */
const resolutionPlan = ({ name, op, value: [x, y] }: Test<"pair">): Plan =>
  all([
    ordered("resx", op, x),
    ordered("resy", op, y),
    x > 0 ? { field: "resx", is: "gt", values: [0] } : always,
    name === "resolution" ? always : isIn("aspect", Math.trunc((x * 100_000) / Math.max(1, y)))
  ])

/** A day, a month, or none at all. */
const birthdayPlan = ([month, day]: readonly [number, number]): Plan => {
  if (day > 0) return isIn("birthday", month * 100 + day)
  if (month === 0) return isIn("birthday", null)
  return all([
    { field: "birthday", is: "gte", values: [month * 100] },
    { field: "birthday", is: "lte", values: [month * 100 + 99] }
  ])
}

/** What somebody who accepts these spoilers may see. */
const open = (spoiler: number, noLies: boolean): Plan =>
  all([
    spoiler < 2 ? { field: "s", is: "lte", values: [spoiler] } : always,
    noLies ? isIn("x", false) : always
  ])

const labelPlan = ({ op, value: { label, user } }: Test<"label">, { reader, readsPrivate }: Situation): Plan => {
  const isOwn = reader === user && readsPrivate
  if (label === 0 && !isOwn) return never
  const seen = isOwn ? isIn("labels", label) : all([isIn("private", false), isIn("openlabels", label)])
  const where = all([isIn("user", user), label === 0 ? isIn("unlabelled", true) : seen])
  return signed(op, { ask: { documents: "ulist", list: null, member: "vn", where }, into: "id" })
}
