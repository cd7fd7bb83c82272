/** Schemas as JSON Schema inside an OpenAPI 3.1 document: named ones become components, once each. */
import type { OpenAPIHono } from "@hono/zod-openapi"
import { JsonSchema, Schema } from "effect"

export type Registry = OpenAPIHono["openAPIRegistry"]
type Component = Parameters<Registry["registerComponent"]>[2]
type SchemaObject = JsonSchema.JsonSchema

export interface Components {
  /** The schema for use in place; named parts of it become components. */
  readonly add: (schema: Schema.Constraint, onExcess?: "error") => SchemaObject
  /** The members of a struct, each for use in place. */
  readonly members: (schema: Schema.Constraint) => {
    readonly properties: Readonly<Record<string, SchemaObject>>
    readonly required: ReadonlyArray<string>
  }
}

export const componentsOf = (registry: Registry): Components => {
  const known = new Map<string, string>()
  const convert = (schema: Schema.Constraint, onExcessProperty: "error" | "ignore"): SchemaObject => {
    const { definitions, root } = documentOf(schema, onExcessProperty)
    const strict = onExcessProperty === "error"
      ? stricter(definitions, documentOf(schema, "ignore").definitions)
      : new Set<string>()
    // A class is called `NameEncoded` on the wire, where nothing else is; readers know it as `Name`. What an input
    // refuses and an answer may have (unknown members) makes two schemas of one name: the input's is `NameInput`.
    const rename = (name: string) => {
      const short = name.replace(/Encoded$/, "")
      return `${short in definitions ? name : short}${strict.has(name) ? "Input" : ""}`
    }
    const renamed = (one: JsonSchema.JsonSchema) =>
      JSON.parse(
        JSON.stringify(one),
        (key, value: unknown) =>
          key === "$ref" && typeof value === "string" ? value.replace(/[^/]+$/, (name) => rename(name)) : value
      ) as SchemaObject
    for (const [key, definition] of Object.entries(definitions)) {
      const name = rename(key)
      const text = JSON.stringify(renamed(definition))
      const before = known.get(name)
      if (before === undefined) registry.registerComponent("schemas", name, renamed(definition) as Component)
      else if (before !== text) throw new Error(`Two different schemas are called ${name}; rename one of them`)
      known.set(name, text)
    }
    return renamed(root)
  }
  return {
    add: (schema, onExcess) => convert(schema, onExcess ?? "ignore"),
    members: (schema) => {
      const { properties = {}, required = [] } = convert(schema, "ignore") as {
        readonly properties?: Readonly<Record<string, SchemaObject>>
        readonly required?: ReadonlyArray<string>
      }
      return { properties, required }
    }
  }
}

type Definitions = Readonly<Record<string, JsonSchema.JsonSchema>>

const documentOf = (schema: Schema.Constraint, onExcessProperty: "error" | "ignore") => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty })
  const { definitions, schemas: [root] } = JsonSchema.toMultiDocumentOpenApi3_1({
    dialect: document.dialect,
    schemas: [document.schema],
    definitions: document.definitions
  })
  return { definitions: definitions as Definitions, root }
}

/** The names of the definitions that differ from their lenient form, themselves or in what they refer to. */
const stricter = (strict: Definitions, lenient: Definitions): ReadonlySet<string> => {
  const found = new Set<string>()
  const texts = Object.entries(strict).map(([name, schema]) => [name, JSON.stringify(schema)] as const)
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const [name, text] of texts) {
      const refers = [...text.matchAll(/"\$ref":"[^"]*\/([^"/]+)"/g)].some(([, to]) => found.has(to ?? ""))
      if (refers || text !== JSON.stringify(lenient[name])) found.add(name)
    }
  }
  return found
}
