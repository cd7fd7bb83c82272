/** The routes as OpenAPI 3.1, written into the registry of `@hono/zod-openapi` as plain JSON Schema. */
import { Fault } from "@kanau/core"
import { type JsonSchema, Schema } from "effect"
import * as Answer from "../Answer.ts"
import * as Route from "../Route.ts"
import { type Components, componentsOf, type Registry } from "./components.ts"
import * as Input from "./input.ts"

type PathItem = Parameters<Registry["registerPath"]>[0]
type SchemaObject = JsonSchema.JsonSchema
type Responses = Readonly<Record<string, { readonly description: string; readonly content?: object }>>

export const register = (registry: Registry, routes: ReadonlyArray<Route.Any>, isLimited: boolean): void => {
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
      responses: { ...successOf(route, components), ...failuresOf(route, error, isLimited) }
    }
    // The registry's type is a union over three versions of OpenAPI and zod; plain JSON Schema fits it at run time.
    registry.registerPath(item as PathItem)
  }
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
const failuresOf = (route: Route.Any, error: SchemaObject, isLimited: boolean): Responses => {
  const codes = new Map<number, Set<string>>()
  const add = (status: number, code: string) => codes.set(status, (codes.get(status) ?? new Set()).add(code))
  add(400, "invalid-input")
  add(409, "conflict")
  add(500, "internal")
  add(503, "unavailable")
  add(504, "timeout")
  if (isLimited) add(429, "rate-limited")
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
