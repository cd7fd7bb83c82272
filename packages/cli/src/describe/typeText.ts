/** JSON Schema the way a TypeScript developer would write the type. */
import type { JsonSchema } from "effect"

type Json = JsonSchema.JsonSchema

/** The type of a schema on one line. Named parts are written out where they are used, once deep. */
export const typeText = (schema: Json): string => {
  const definitions = (schema["$defs"] ?? {}) as Readonly<Record<string, Json>>
  const write = (part: Json, seen: ReadonlySet<string>): string => {
    const reference = part["$ref"]
    if (typeof reference === "string") {
      const name = reference.slice("#/$defs/".length)
      const target = definitions[name]
      return target === undefined || seen.has(name) ? name : write(target, new Set([...seen, name]))
    }
    if ("const" in part) return JSON.stringify(part["const"])
    if (Array.isArray(part["enum"])) return choices(part["enum"].map((value) => JSON.stringify(value)))
    const union = part["anyOf"] ?? part["oneOf"]
    if (Array.isArray(union)) return choices((union as ReadonlyArray<Json>).map((one) => write(one, seen)))
    const type = part["type"]
    if (type === "array") return arrayText(part, (one) => write(one, seen))
    if (type === "object") return objectText(part, (one) => write(one, seen))
    if (Array.isArray(type)) return type.join(" | ")
    if (typeof type === "string") return type
    const [only] = Array.isArray(part["allOf"]) ? part["allOf"] as ReadonlyArray<Json> : []
    return only === undefined ? "unknown" : write(only, seen)
  }
  return write(schema, new Set())
}

/** A long list is cut: whoever needs all of it reads the JSON. */
const choices = (all: ReadonlyArray<string>): string =>
  all.length <= 8 ? all.join(" | ") : `${all.slice(0, 6).join(" | ")} | … ${all.length - 6} more`

const arrayText = (schema: Json, write: (part: Json) => string): string => {
  const fixed = schema["prefixItems"]
  if (Array.isArray(fixed)) return `[${(fixed as ReadonlyArray<Json>).map(write).join(", ")}]`
  const items = schema["items"]
  return `Array<${typeof items === "object" && items !== null ? write(items as Json) : "unknown"}>`
}

const objectText = (schema: Json, write: (part: Json) => string): string => {
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Json>>)
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : [])
  const rest = schema["additionalProperties"]
  const members = properties.map(([name, one]) => `${name}${required.has(name) ? "" : "?"}: ${write(one)}`)
  if (typeof rest === "object" && rest !== null) members.push(`[name: string]: ${write(rest as Json)}`)
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`
}
