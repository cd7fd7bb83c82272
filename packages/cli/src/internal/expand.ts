/** JSON Schemas without references and words for people, so that two of them can be compared. */
import type { Schema } from "effect"

/** A schema or a part of one. */
export type Node = Readonly<Record<string, Schema.Json>>

/** Puts every definition in the place of its reference. Where one holds itself stands how many references up it began. */
export const expand = (root: Node): Node => {
  const definitions = asNode(root["$defs"])
  const walk = (value: Schema.Json, open: ReadonlyArray<string>): Schema.Json => {
    if (Array.isArray(value)) return value.map((item) => walk(item as Schema.Json, open))
    if (!isNode(value)) return value
    const reference = value["$ref"]
    if (typeof reference === "string") {
      const name = decodeURIComponent(reference.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~"))
      const at = open.indexOf(name)
      return at === -1 ? walk(definitions[name] ?? {}, [...open, name]) : { $recursive: open.length - at }
    }
    const merged: Record<string, Schema.Json> = {}
    for (const [key, member] of Object.entries(value)) {
      if (annotations.has(key)) continue
      // Members of an object schema are named by users, so nothing among them is an annotation.
      merged[key] = key === "properties" || key === "patternProperties"
        ? Object.fromEntries(Object.entries(asNode(member)).map(([name, each]) => [name, walk(each, open)]))
        : key === "enum" || key === "const" || key === "required"
        ? member
        : walk(member, open)
    }
    return flattened(merged)
  }
  return asNode(walk(root, []))
}

const annotations = new Set(["title", "description", "examples", "default", "$defs", "$schema", "$id", "$comment"])

/** One form for what is the same: conditions of `allOf` in the node that holds it, sets in order, one empty object. */
const flattened = ({ allOf, ...rest }: Record<string, Schema.Json>): Record<string, Schema.Json> => {
  const whole: Record<string, Schema.Json> = Array.isArray(allOf)
    ? Object.assign({}, ...allOf.map((each: Schema.Json) => asNode(each)), rest)
    : { ...rest }
  for (const name of ["required", "enum", "anyOf", "oneOf"]) {
    const set = whole[name]
    if (Array.isArray(set)) whole[name] = set.toSorted((a, b) => canonical(a) < canonical(b) ? -1 : 1)
  }
  // What Effect says of a struct without members: anything but null.
  return canonical(whole) === notNull ? { type: "object" } : whole
}

/** The same text for the same value, whatever the order of its members. */
export const canonical = (value: Schema.Json | undefined): string =>
  JSON.stringify(
    value,
    (_, member: unknown) =>
      isNode(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a < b ? -1 : 1)) : member
  ) ?? ""

/** Whether a value is a JSON object. */
export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A JSON object, or an empty one in place of anything else. */
export const asNode = (value: unknown): Node => isNode(value) ? value : {}

const notNull = canonical({ not: { type: "null" } })
