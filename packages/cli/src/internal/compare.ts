/** What has changed between two JSON Schemas, by rule and path. */
import type { Schema } from "effect"
import type { RuleName } from "../Rules.ts"
import { asNode, canonical, expand, isNode, type Node } from "./expand.ts"

/** One change. */
export interface Change {
  readonly rule: RuleName
  /** `items[].price`; empty for the value itself. */
  readonly path: string
  readonly detail: string
}

/** All changes from one schema to another. */
export const compare = (before: Node, after: Node): ReadonlyArray<Change> => {
  const [older, newer] = [expand(before), expand(after)]
  const changes: Array<Change> = []
  compareNodes(older, newer, "", changes)
  if (changes.length === 0 && canonical(older) !== canonical(newer)) {
    changes.push({ rule: "schema-changed", path: "", detail: "the schemas differ" })
  }
  return changes
}

const compareNodes = (older: Node, newer: Node, path: string, changes: Array<Change>): void => {
  if (canonical(older) === canonical(newer)) return
  const [before, after] = [variants(older), variants(newer)]
  if (before.size > 1 || after.size > 1) return compareVariants(before, after, path, changes)
  const [a, b] = [[...before.values()][0] ?? {}, [...after.values()][0] ?? {}]
  const [was, is] = [typeOf(a), typeOf(b)]
  if (was === is) return compareAlike(a, b, was, path, changes)
  if (was === "anything" || (was === "number" && is === "integer")) {
    changes.push({ rule: "constraint-narrowed", path, detail: `${was} became ${is}` })
  } else if (is === "anything" || (was === "integer" && is === "number")) {
    changes.push({ rule: "constraint-widened", path, detail: `${was} became ${is}` })
  } else changes.push({ rule: "type-changed", path, detail: `${was} became ${is}` })
}

const compareVariants = (
  before: ReadonlyMap<string, Node>,
  after: ReadonlyMap<string, Node>,
  path: string,
  changes: Array<Change>
): void => {
  const common = [...before.keys()].filter((name) => after.has(name))
  if (common.length === 0 && !before.has("anything") && !after.has("anything")) {
    changes.push({
      rule: "type-changed",
      path,
      detail: `${[...before.keys()].join(" or ")} became ${[...after.keys()].join(" or ")}`
    })
    return
  }
  for (const [name, variant] of before) {
    const other = after.get(name)
    if (other === undefined) changes.push({ rule: "variant-removed", path, detail: name })
    else compareNodes(variant, other, name.includes("=") ? `${path}<${name}>` : path, changes)
  }
  for (const name of after.keys()) if (!before.has(name)) changes.push({ rule: "variant-added", path, detail: name })
}

/** The members of a union by what tells them apart: a tag, or the type. */
const variants = (node: Node): ReadonlyMap<string, Node> => {
  const members = (node["anyOf"] ?? node["oneOf"]) as ReadonlyArray<Node> | undefined
  const found = new Map<string, Node>()
  for (const member of (members ?? [node]).flatMap((each) => isUnion(each) ? [...variants(each).values()] : [each])) {
    const base = members === undefined ? typeOf(member) : tagOf(member) ?? typeOf(member)
    let name = base
    for (let count = 2; found.has(name); count++) name = `${base} ${count}`
    found.set(name, member)
  }
  return found
}

const isUnion = (node: Node): boolean => node["anyOf"] !== undefined || node["oneOf"] !== undefined

/** The first required property that has only one value, as `_tag=Circle`. */
const tagOf = (node: Node): string | undefined => {
  for (const [name, property] of Object.entries(asNode(node["properties"]))) {
    const values = asNode(property)["enum"]
    if (required(node).has(name) && Array.isArray(values) && values.length === 1) return `${name}=${values[0]}`
  }
  return undefined
}

const typeOf = (node: Node): string =>
  typeof node["type"] === "string"
    ? node["contentEncoding"] === undefined ? node["type"] : `${node["type"]} in ${node["contentEncoding"] as string}`
    : "$recursive" in node
    ? `itself, ${node["$recursive"] as number} up`
    : "anything"

const compareAlike = (older: Node, newer: Node, type: string, path: string, changes: Array<Change>): void => {
  compareEnums(older, newer, path, changes)
  compareLimits(older, newer, path, changes)
  if (type === "object") compareObjects(older, newer, path, changes)
  if (type === "array") compareArrays(older, newer, path, changes)
}

const compareEnums = (older: Node, newer: Node, path: string, changes: Array<Change>): void => {
  const [before, after] = [older["enum"], newer["enum"]] as ReadonlyArray<ReadonlyArray<Schema.Json> | undefined>
  if (before === undefined && after === undefined) return
  if (before === undefined) changes.push({ rule: "constraint-narrowed", path, detail: "only listed values remain" })
  else if (after === undefined) changes.push({ rule: "constraint-widened", path, detail: "any value is allowed" })
  else {
    for (const value of before) {
      if (!after.includes(value)) changes.push({ rule: "enum-value-removed", path, detail: JSON.stringify(value) })
    }
    for (const value of after) {
      if (!before.includes(value)) changes.push({ rule: "enum-value-added", path, detail: JSON.stringify(value) })
    }
  }
}

/** Limits that narrow as they grow (1), as they shrink (-1), or by being another (0). */
const limits: Readonly<Record<string, -1 | 0 | 1>> = {
  minimum: 1,
  exclusiveMinimum: 1,
  minLength: 1,
  minItems: 1,
  minProperties: 1,
  maximum: -1,
  exclusiveMaximum: -1,
  maxLength: -1,
  maxItems: -1,
  maxProperties: -1,
  multipleOf: 0,
  pattern: 0,
  format: 0,
  uniqueItems: 0,
  propertyNames: 0
}

const compareLimits = (older: Node, newer: Node, path: string, changes: Array<Change>): void => {
  for (const [name, sign] of Object.entries(limits)) {
    const [before, after] = [older[name], newer[name]]
    if (canonical(before) === canonical(after)) continue
    const narrowed = after !== undefined &&
      (before === undefined || sign === 0 || (Number(after) - Number(before)) * sign > 0)
    changes.push({
      rule: narrowed ? "constraint-narrowed" : "constraint-widened",
      path,
      detail: `${name} ${JSON.stringify(before) ?? "absent"} became ${JSON.stringify(after) ?? "absent"}`
    })
  }
}

const compareObjects = (older: Node, newer: Node, path: string, changes: Array<Change>): void => {
  const [before, after] = [asNode(older["properties"]), asNode(newer["properties"])]
  const [needed, needs] = [required(older), required(newer)]
  for (const name of Object.keys(before)) {
    const at = path === "" ? name : `${path}.${name}`
    if (!Object.hasOwn(after, name)) {
      changes.push({ rule: needed.has(name) ? "required-field-removed" : "field-removed", path: at, detail: name })
      continue
    }
    if (needed.has(name) && !needs.has(name)) changes.push({ rule: "required-to-optional", path: at, detail: name })
    if (!needed.has(name) && needs.has(name)) changes.push({ rule: "optional-to-required", path: at, detail: name })
    compareNodes(asNode(before[name]), asNode(after[name]), at, changes)
  }
  for (const name of Object.keys(after)) {
    if (Object.hasOwn(before, name)) continue
    const at = path === "" ? name : `${path}.${name}`
    changes.push({ rule: needs.has(name) ? "required-field-added" : "field-added", path: at, detail: name })
  }
  compareRest(older["additionalProperties"], newer["additionalProperties"], `${path}{}`, changes)
}

const compareArrays = (older: Node, newer: Node, path: string, changes: Array<Change>): void => {
  const [before, after] = [older["prefixItems"] ?? [], newer["prefixItems"] ?? []] as ReadonlyArray<ReadonlyArray<Node>>
  for (const [index, item] of (before ?? []).entries()) {
    const other = after?.[index]
    if (other !== undefined) compareNodes(item, other, `${path}[${index}]`, changes)
  }
  compareRest(older["items"], newer["items"], `${path}[]`, changes)
}

/** What may stand beside what is named: a schema, anything (`true` or nothing said), or nothing (`false`). */
const compareRest = (
  before: Schema.Json | undefined,
  after: Schema.Json | undefined,
  path: string,
  changes: Array<Change>
): void => {
  if (before === false || after === false) {
    if (before === after) return
    const rule = after === false ? "constraint-narrowed" : "constraint-widened"
    changes.push({ rule, path, detail: "what may stand beside the named ones" })
  } else compareNodes(isNode(before) ? before : {}, isNode(after) ? after : {}, path, changes)
}

const required = (node: Node): ReadonlySet<string> => new Set((node["required"] ?? []) as ReadonlyArray<string>)
