/** From path, query and body to the instance of an operation, by decoders that are built once per route. */
import { Fault, type Operation } from "@kanau/core"
import { Exit, Schema, SchemaAST } from "effect"
import * as Route from "../Route.ts"

/** What a request brings along. */
interface Raw {
  readonly parameter: (name: string) => string | undefined
  /** The query string, without the question mark. */
  readonly query: string
  /** The parsed body; nothing for routes without one. */
  readonly body: unknown
}

/** Makes the operation's input, or says what does not fit. */
export type Reader = (raw: Raw) => Exit.Exit<unknown, Fault.InvalidInput>

/** Whether members of the input come in a body. */
export const takesBody = (method: Route.Method): boolean => method !== "get" && method !== "delete"

/** The fields that come neither from the path nor from the query. */
export const bodyFields = (route: Route.Any): ReadonlyArray<string> => {
  const inPath = Route.parameters(route.path)
  return takesBody(route.method) ? Object.keys(route.operation.fields).filter((name) => !inPath.includes(name)) : []
}

const fieldsOf = ({ operation }: Route.Any) =>
  Object.entries(operation.fields as Record<string, Schema.Codec<unknown, unknown>>)

/** The members of an operation as they travel: in path and query as text, in the body as JSON. */
export const codecOf = (route: Route.Any): Schema.Codec<object, unknown> => {
  const inBody = bodyFields(route)
  return Schema.Struct(Object.fromEntries(
    fieldsOf(route).map(([name, field]) => [
      name,
      inBody.includes(name) ? Schema.toCodecJson(field) : Schema.toCodecStringTree(field)
    ])
  )) as unknown as Schema.Codec<object, unknown>
}

export const reader = (route: Route.Any): Reader => {
  const { operation } = route
  const inPath = Route.parameters(route.path)
  const inBody = takesBody(route.method)
  const fields = fieldsOf(route)
  const codec = codecOf(route)
  const lists = new Set(fields.filter(([, field]) => isList(Schema.toCodecStringTree(field).ast)).map(([name]) => name))
  const decode = Schema.decodeUnknownExit(codec, { errors: "all", onExcessProperty: "error" })
  return (raw) => {
    const source = inBody ? fromBody(raw, inPath) : fromQuery(raw.query, inPath, lists)
    if (source instanceof Fault.InvalidInput) return Exit.fail(source)
    for (const name of inPath) source[name] = raw.parameter(name)
    try {
      const decoded = decode(source)
      return Exit.isSuccess(decoded)
        ? Exit.succeed(instance(operation, decoded.value))
        : Exit.fail(new Fault.InvalidInput({ issues: issuesOf(decoded) }))
    } catch {
      // Only the call stack can end here: an input nested deeper than any schema needs.
      return Exit.fail(refused("", "Nested too deeply"))
    }
  }
}

const issuesOf = (exit: Exit.Failure<unknown, Schema.SchemaError>): Fault.InvalidInput["issues"] => {
  const [reason] = exit.cause.reasons
  if (reason?._tag === "Fail") return Fault.issuesOf(reason.error)
  throw new Error("A schema of an operation needs services to decode; give it one that does not")
}

/** The value has just been checked by the same fields, so the class need not check it again. */
const instance = (operation: Operation.Any, value: object): unknown => operation.make(value, { disableChecks: true })

/** Without a prototype, so that a member named `__proto__` is a member like any other: an unknown one. */
const empty = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>

const fromBody = (raw: Raw, inPath: ReadonlyArray<string>): Record<string, unknown> | Fault.InvalidInput => {
  if (raw.query !== "") return refused("", "This operation takes no query parameters")
  if (typeof raw.body !== "object" || raw.body === null || Array.isArray(raw.body)) {
    return refused("", "Expected an object")
  }
  const source = Object.assign(empty(), raw.body) as Record<string, unknown>
  const twice = inPath.find((name) => name in source)
  return twice === undefined ? source : refused(twice, "Comes from the path, leave it out of the body")
}

const fromQuery = (
  query: string,
  inPath: ReadonlyArray<string>,
  lists: ReadonlySet<string>
): Record<string, unknown> | Fault.InvalidInput => {
  const source = empty()
  if (query === "") return source
  if (!isDecodable(query)) return refused("", "The query string is not properly percent-encoded")
  for (const [name, value] of new URLSearchParams(query)) {
    if (inPath.includes(name)) return refused(name, "Comes from the path, leave it out of the query")
    const before = source[name]
    if (lists.has(name)) source[name] = before === undefined ? [value] : [...before as Array<string>, value]
    else if (before === undefined) source[name] = value
    else return refused(name, "Given more than once")
  }
  return source
}

/** Whether percent-encoding means something. */
export const isDecodable = (text: string): boolean => {
  if (!text.includes("%")) return true
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

const refused = (path: string, message: string) => new Fault.InvalidInput({ issues: [{ path, message }] })

const isList = (ast: SchemaAST.AST): boolean => {
  const encoded = SchemaAST.toEncoded(ast)
  return encoded._tag === "Arrays" ||
    encoded._tag === "Union" && encoded.types.some((member) => SchemaAST.toEncoded(member)._tag === "Arrays")
}
