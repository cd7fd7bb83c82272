/** The API in OpenAPI 3.1. Filters are recursive; names of filters and fields are those of each endpoint's tables. */
import type { HttpApp } from "@kanau/http"
import { type Endpoint, fields } from "./Fields.ts"
import { type Entity, filters } from "./Filters.ts"
import { sortNames } from "./Sorts.ts"

type Registry = HttpApp.HttpApp["openAPIRegistry"]

/** Adds every endpoint to the documentation of an application, under `base`. */
export const describeIn = (app: HttpApp.HttpApp, base: string): void => {
  const registry = app.openAPIRegistry
  registry.registerComponent("securitySchemes", "kanaToken", {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "`Token xxxx-xxxxx-xxxxx-xxxx-xxxxx-xxxxx-xxxx`"
  })
  for (const entity of Object.keys(filters) as ReadonlyArray<Entity>) {
    component(registry, nameOf(entity), filterSchema(entity))
  }
  for (const endpoint of Object.keys(fields) as ReadonlyArray<Endpoint>) {
    path(registry, {
      method: "post",
      path: `${base}/${endpoint}`,
      operationId: `kana-${endpoint}`,
      summary: endpoint === "ulist" ? "Visual novels on a list" : `Query ${endpoint} entries, as VNDB's API does`,
      tags: ["kana"],
      security: [{}, { kanaToken: [] }],
      parameters: [after],
      request: { body: { required: true, content: { "application/json": { schema: requestSchema(endpoint) } } } },
      responses: answers({
        type: "object",
        required: ["results", "more"],
        properties: {
          results: { type: "array", items: { type: "object" } },
          more: { type: "boolean", description: "There is another page." },
          count: { type: "integer" },
          compact_filters: { type: "string" },
          normalized_filters: { type: ["array", "null"] },
          time: { type: "integer", description: "Milliseconds." }
        }
      })
    })
  }
  for (const [name, { parameters, summary }] of Object.entries(reads)) {
    path(registry, {
      method: "get",
      path: `${base}/${name}`,
      operationId: `kana-${name}`,
      summary,
      tags: ["kana"],
      security: [{}, { kanaToken: [] }],
      // The schema does not change while a process runs.
      parameters: name === "schema" ? parameters : [...parameters, after],
      responses: answers({ type: "object" })
    })
  }
}

const parameter = (name: string, description: string) => ({
  name,
  in: "query",
  description,
  schema: { type: "string" }
})

const after = {
  name: "Kanau-After",
  in: "header",
  description: "The Kanau-Position of a change that the answer must show, or several, joined with commas.",
  schema: { type: "string" }
}

const reads: Readonly<Record<string, { readonly summary: string; readonly parameters: ReadonlyArray<object> }>> = {
  schema: { summary: "What can be asked for and selected", parameters: [] },
  stats: { summary: "How many entries there are", parameters: [] },
  user: {
    summary: "Users by id or name",
    parameters: [
      { name: "q", in: "query", required: true, schema: { type: "array", items: { type: "string" }, maxItems: 100 } },
      parameter("fields", "`lengthvotes`, `lengthvotes_sum`, joined with commas.")
    ]
  },
  authinfo: { summary: "Whose token this is", parameters: [] },
  ulist_labels: {
    summary: "Labels of a list",
    parameters: [parameter("user", "Whose; that of the token when absent."), parameter("fields", "`count`")]
  }
}

const nameOf = (entity: Entity): string => `Kana${entity.slice(0, 1).toUpperCase()}${entity.slice(1)}Filter`

const reference = (entity: Entity) => ({ $ref: `#/components/schemas/${nameOf(entity)}` })

/** A predicate, or several combined. */
const filterSchema = (entity: Entity): object => ({
  oneOf: [
    {
      type: "array",
      description: "Several filters combined.",
      prefixItems: [{ enum: ["and", "or"] }],
      items: reference(entity),
      minItems: 2
    },
    ...Object.entries(filters[entity]).map(([name, { ordered, rule }]) => ({
      type: "array",
      prefixItems: [
        { const: name },
        { enum: ordered ? ["=", "!=", ">=", ">", "<=", "<"] : ["=", "!="] },
        rule.is === "nested" ? reference(rule.of) : {}
      ],
      minItems: 3,
      maxItems: 3
    }))
  ]
})

const requestSchema = (endpoint: Endpoint): object => ({
  type: "object",
  additionalProperties: false,
  properties: {
    filters: {
      oneOf: [
        reference(endpoint === "ulist" ? "vn" : endpoint),
        { type: "array", maxItems: 0 },
        { type: "string", description: "The compact form, or the filter as JSON." }
      ]
    },
    fields: { type: "string", description: `Some of: ${Object.keys(fields[endpoint]).join(", ")}.`, default: "" },
    sort: { type: "string", enum: [...sortNames(endpoint)], default: "id" },
    reverse: { type: "boolean", default: false },
    results: { type: "integer", minimum: 0, maximum: 100, default: 10 },
    page: { type: "integer", minimum: 1, maximum: 1_000_000, default: 1 },
    user: { type: ["string", "null"], description: "Whose list; that of the token when absent." },
    count: { type: "boolean", default: false },
    compact_filters: { type: "boolean", default: false },
    normalized_filters: { type: "boolean", default: false },
    time: { type: "boolean", default: false }
  }
})

const answers = (schema: object) => ({
  200: {
    description: "Success",
    headers: {
      "Kanau-Source-Timestamp": {
        description: "When the dump was made that was imported last; what was edited here is newer.",
        schema: { type: "string", format: "date-time" }
      }
    },
    content: { "application/json": { schema } }
  },
  ...Object.fromEntries(
    ([[400, "The request is wrong"], [401, "The token is wrong"], [429, "Too many requests"], [
      500,
      "It took too long"
    ], [503, "The change named in Kanau-After is not visible yet"]] as const).map(([status, description]) => [
      status,
      { description, content: { "text/plain": { schema: { type: "string" } } } }
    ])
  )
})

// The registry's types are unions over three versions of OpenAPI and zod; plain JSON Schema fits them at run time.
const path = (registry: Registry, item: object): void =>
  registry.registerPath(item as Parameters<Registry["registerPath"]>[0])
const component = (registry: Registry, name: string, schema: object): void =>
  void registry.registerComponent("schemas", name, schema as Parameters<Registry["registerComponent"]>[2])
