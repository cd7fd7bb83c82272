/** The routes as OpenAPI 3.1, written into the registry of `@hono/zod-openapi` as plain JSON Schema. */
import type { OpenAPIHono } from "@hono/zod-openapi"
import { Fault } from "@kanau/core"
import { JsonSchema, Schema } from "effect"
import * as Answer from "../Answer.ts"
import * as Route from "../Route.ts"
import * as Input from "./input.ts"

type Registry = OpenAPIHono["openAPIRegistry"]
type PathItem = Parameters<Registry["registerPath"]>[0]
type Component = Parameters<Registry["registerComponent"]>[2]
type SchemaObject = JsonSchema.JsonSchema
type Responses = Readonly<Record<string, { readonly description: string; readonly content?: object }>>

export const register = (registry: Registry, routes: ReadonlyArray<Route.Any>): void => {
  const components = componentsOf(registry)
  const error = components.add(Answer.ErrorBody)
  if (routes.some(({ options }) => options.security !== undefined)) {
    registry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" })
  }
  const names = new Map<string, number>()
  for (const route of routes) {
    const { operation, options } = route
    const used = names.get(operation.operation) ?? 0
    names.set(operation.operation, used + 1)
    const inBody = Input.bodyFields(route)
    const item = {
      method: route.method,
      path: route.path,
      operationId: used === 0 ? operation.operation : `${operation.operation}${used + 1}`,
      summary: operation.summary,
      ...(options.tags === undefined ? {} : { tags: [...options.tags] }),
      ...(options.security === undefined ? {} : { security: [{ bearer: [] }] }),
      parameters: parametersOf(route, components),
      ...(!Input.takesBody(route.method) ? {} : {
        request: {
          body: {
            required: inBody.length > 0,
            content: { "application/json": { schema: components.add(bodyOf(route, inBody), "error") } }
          }
        }
      }),
      responses: { ...successOf(route, components), ...failuresOf(route, error) }
    }
    // The registry's type is a union over three versions of OpenAPI and zod; plain JSON Schema fits it at run time.
    registry.registerPath(item as PathItem)
  }
}

/** Describes a page that is read by id from a view. */
export const registerPage = (registry: Registry, page: {
  readonly path: string
  readonly summary: string
  readonly view: string
  readonly id: Schema.Constraint
  readonly document: Schema.Constraint
}): void => {
  const components = componentsOf(registry)
  const error = { content: { "application/json": { schema: components.add(Answer.ErrorBody) } } }
  const item = {
    method: "get",
    path: page.path,
    operationId: `read-${page.view}`,
    summary: page.summary,
    parameters: [
      { name: "id", in: "path", required: true, schema: components.add(page.id) },
      {
        name: "Kanau-After",
        in: "header",
        description: "The Kanau-Position of a change that the answer must show, or several, joined with commas.",
        schema: { type: "string" }
      },
      { name: "If-None-Match", in: "header", schema: { type: "string" } }
    ],
    responses: {
      200: { description: "Success", content: { "application/json": { schema: components.add(page.document) } } },
      304: { description: "The copy named by If-None-Match is current" },
      400: { description: "invalid-input", ...error },
      404: { description: "not-published", ...error },
      503: { description: "unavailable, view-behind", ...error }
    }
  }
  registry.registerPath(item as PathItem)
}

const bodyOf = ({ operation }: Route.Any, names: ReadonlyArray<string>): Schema.Constraint => {
  const { fields } = operation
  return names.length === Object.keys(fields).length ? operation : Schema.Struct(
    Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))
  ).annotate({ identifier: `${operation.operation}Body` })
}

const parametersOf = (route: Route.Any, components: Components): Array<object> => {
  const { fields } = route.operation
  const inPath = Route.parameters(route.path)
  const inBody = Input.bodyFields(route)
  const own = Object.fromEntries(Object.entries(fields).filter(([name]) => !inBody.includes(name)))
  const { properties, required } = components.members(Schema.Struct(own))
  return [
    ...Object.entries(properties).map(([name, schema]) => ({
      name,
      in: inPath.includes(name) ? "path" : "query",
      required: inPath.includes(name) || required.includes(name),
      schema
    })),
    ...(route.method === "get" ? [] : [{
      name: "Idempotency-Key",
      in: "header",
      description: "Send the same key when you send the same request again; it then has one effect.",
      schema: { type: "string", pattern: "^[A-Za-z0-9._-]{1,128}$" }
    }])
  ]
}

const successOf = ({ operation, options }: Route.Any, components: Components): Responses => {
  const isVoid = operation.output.ast._tag === "Void" || operation.output.ast._tag === "Undefined"
  const status = options.status ?? (isVoid ? 204 : 200)
  return {
    [status]: isVoid ? { description: "Done" } : {
      description: "Success",
      content: { "application/json": { schema: components.add(operation.output) } }
    }
  }
}

/** Every status a route can fail with, each with the codes that are possible there. */
const failuresOf = (route: Route.Any, error: SchemaObject): Responses => {
  const codes = new Map<number, Set<string>>()
  const add = (status: number, code: string) => codes.set(status, (codes.get(status) ?? new Set()).add(code))
  add(400, "invalid-input")
  add(409, "conflict")
  add(500, "internal")
  add(503, "unavailable")
  add(504, "timeout")
  if (route.options.security !== undefined) add(401, "unauthenticated")
  if (route.method !== "get") {
    add(409, "idempotency-in-progress")
    add(422, "idempotency-key-reused")
  }
  if (Input.takesBody(route.method)) {
    add(413, "payload-too-large")
    add(415, "unsupported-media-type")
  }
  for (const { identifier, kind } of route.operation.errors) {
    const { status } = Fault.rule(kind)
    if (status < 500) add(status, Fault.code({ _tag: identifier, kind, message: "" }))
    if (kind === "permission-denied") add(401, "unauthenticated")
  }
  return Object.fromEntries([...codes].map(([status, possible]) => [status, {
    description: [...possible].join(", "),
    content: {
      "application/json": {
        schema: {
          allOf: [error, {
            type: "object",
            properties: {
              error: { type: "object", properties: { code: { type: "string", enum: [...possible] } } }
            }
          }]
        }
      }
    }
  }]))
}

interface Components {
  /** The schema for use in place; named parts of it become components. */
  readonly add: (schema: Schema.Constraint, onExcess?: "error") => SchemaObject
  /** The members of a struct, each for use in place. */
  readonly members: (schema: Schema.Constraint) => {
    readonly properties: Readonly<Record<string, SchemaObject>>
    readonly required: ReadonlyArray<string>
  }
}

const componentsOf = (registry: Registry): Components => {
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
