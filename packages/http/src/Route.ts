/**
 * A route binds an operation to a method and a path. Everything else (validation, OpenAPI, status codes) follows from
 * the operation.
 *
 * Members of the input that the path names come from the path; the others from the query string (GET, DELETE) or from
 * the JSON body (POST, PUT, PATCH). Members that the operation does not declare are refused, wherever they come from.
 */
import type { Operation, System } from "@kanau/core"

/** The methods a route can have. */
export type Method = "get" | "post" | "put" | "patch" | "delete"

/** What a route may say beyond operation and path. */
export interface Options<Op extends Operation.Any> {
  /** Status of a successful answer: 200 when absent, 204 when the output is void. */
  readonly status?: number
  /** Headers of a successful answer, such as `location`. */
  readonly headers?: (output: Operation.Output<Op>) => Readonly<Record<string, string>>
  /** `bearer` answers 401 to whoever shows no known token. */
  readonly security?: "bearer"
  /** `any` lets scripts of every site read the answers; for what is public and changes nothing. */
  readonly cors?: "any"
  /** Groups in the documentation. */
  readonly tags?: ReadonlyArray<string>
}

/** One route. */
export interface Route<Op extends Operation.Any> {
  readonly method: Method
  /** As in OpenAPI: `/v1/notes/{id}`. */
  readonly path: string
  readonly operation: Op
  readonly options: RouteOptions<Op>
}

/** {@link Options} in the form that lets routes of different operations stand in one list. */
export interface RouteOptions<Op extends Operation.Any> extends Omit<Options<Op>, "headers"> {
  headers?(output: Operation.Output<Op>): Readonly<Record<string, string>>
}

/** A route of any operation. */
export type Any = Route<Operation.Any>

type Parameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Parameters<Rest>
  : never

/** `unknown` when the operation has all parameters of the path, otherwise a sentence that says which it does not have. */
type Fitting<Path extends string, Op extends Operation.Any> = Exclude<Parameters<Path>, keyof Op["fields"]> extends
  infer Unknown extends string ? [Unknown] extends [never] ? unknown : Mistake<`The operation has no member ${Unknown}`>
  : never

/** What no path is; its text says what to change. */
interface Mistake<Text extends string> {
  readonly mistake: Text
}

const make = (method: Method) =>
<const Path extends string, Op extends Operation.Any>(
  path: Path & Fitting<Path, Op>,
  operation: Op,
  options: Options<Op> = {}
): Route<Op> => {
  for (const name of parameters(path)) {
    if (!(name in operation.fields)) {
      throw new Error(`${path} has the parameter ${name}, which ${operation.operation} does not declare`)
    }
  }
  return { method, path, operation, options }
}

/** The names in braces. */
export const parameters = (path: string): ReadonlyArray<string> =>
  [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] as string)

/**
 * Reads something.
 *
 * @example
 * ```ts
 * Route.get("/v1/notes/{id}", FindNote)
 * ```
 */
export const get = make("get")

/** Makes something, or does something that is no plain change of a resource. */
export const post = make("post")

/** Replaces something. */
export const put = make("put")

/** Changes part of something. */
export const patch = make("patch")

/** Removes something. */
export { remove as delete }
const remove = make("delete")

/**
 * Routes as parts of a role, for `System.make`.
 *
 * @example
 * ```ts
 * import { Operation } from "@kanau/core"
 * import { Route } from "@kanau/http"
 * import { Schema } from "effect"
 *
 * class Find extends Operation.define<Find>()("Find", { input: { id: Schema.String }, output: Schema.String }) {}
 * Route.parts([Route.get("/notes/{id}", Find)]).map(({ method, path }) => `${method} ${path}`) // => ["GET /notes/{id}"]
 * ```
 */
export const parts = (routes: ReadonlyArray<Any>): ReadonlyArray<System.RoutePart> =>
  routes.map(({ method, path, operation, options }) => ({
    kind: "route",
    method: method.toUpperCase(),
    path,
    operation,
    security: options.security ?? "open"
  }))
