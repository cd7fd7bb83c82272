/** A method of the client for one route. */
import { Fault } from "@kanau/core"
import { Effect, Exit, Redacted, Schema } from "effect"
import type { CallOptions, Failure } from "../../ApiClient.ts"
import * as Route from "../../Route.ts"
import * as Input from "../input.ts"
import { decoder, type Recognise, type Request, type Sender } from "./sending.ts"

/** The positions of the last changes, newest last. */
export class Positions {
  #last: ReadonlyArray<string> = []

  /** As a read sends them; nothing if there were no changes. */
  get header(): string | undefined {
    return this.#last.length === 0 ? undefined : this.#last.join(",")
  }

  add(position: string): void {
    this.#last = [...this.#last.filter((one) => one !== position), position].slice(-mostPositions)
  }
}

/** As many as a read may name. */
const mostPositions = 16

/** Encodes an input, sends it, and decodes the answer. */
export type Method = (input: unknown, options?: CallOptions) => Effect.Effect<unknown, Fault.Fault | Failure>

export const method = (
  route: Route.Any,
  send: Sender,
  token: Redacted.Redacted | undefined,
  positions: Positions
): Method => {
  const { operation } = route
  const encode = Schema.encodeUnknownExit(Input.codecOf(route))
  const isVoid = operation.output.ast._tag === "Void" || operation.output.ast._tag === "Undefined"
  const decode = decoder(Schema.toCodecJson(operation.output), operation.operation)
  const recognise = recognising(route)
  const headers: Record<string, string> = route.options.security !== undefined && token !== undefined
    ? { authorization: `Bearer ${Redacted.value(token)}` }
    : {}
  return (input, { idempotencyKey } = {}) =>
    Effect.suspend(() => {
      const encoded = encode(input)
      if (Exit.isFailure(encoded)) return Effect.fail(invalid(encoded))
      const request = requestOf(route, encoded.value as Readonly<Record<string, unknown>>)
      const sent = {
        ...request,
        headers: idempotencyKey === undefined ? headers : { ...headers, "idempotency-key": idempotencyKey }
      }
      return Effect.flatMap(send(sent, recognise), (answered) => {
        const position = answered.headers["kanau-position"]
        if (position !== undefined) positions.add(position)
        return isVoid ? Effect.void : decode(answered)
      })
    })
}

const invalid = (exit: Exit.Failure<unknown, Schema.SchemaError>): Fault.InvalidInput => {
  const [reason] = exit.cause.reasons
  if (reason?._tag === "Fail") return new Fault.InvalidInput({ issues: Fault.issuesOf(reason.error) })
  throw new Error("A schema of an operation needs services to encode; give it one that does not")
}

/** The members where the route reads them: path, query or body. */
const requestOf = (
  route: Route.Any,
  members: Readonly<Record<string, unknown>>
): Pick<Request, "method" | "path" | "body"> => {
  const inPath = Route.parameters(route.path)
  const inBody = Input.bodyFields(route)
  const path = route.path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(members[name])))
  const query = new URLSearchParams()
  const body: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || inPath.includes(name)) continue
    if (inBody.includes(name)) body[name] = value
    else for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  return {
    method: route.method.toUpperCase() as Request["method"],
    path: query.size === 0 ? path : `${path}?${query.toString()}`,
    ...(Input.takesBody(route.method) ? { body: JSON.stringify(body) } : {})
  }
}

/** Refusals as the errors that the operation declares. */
const recognising = ({ operation }: Route.Any): Recognise<Fault.Fault> => {
  const known = new Map(operation.errors.map((error) => {
    const { identifier, kind } = error
    const decode = Schema.decodeUnknownExit(Schema.toCodecJson(error))
    return [Fault.code({ _tag: identifier, kind, message: "" }), { identifier, decode }]
  }))
  return (code, data) => {
    const found = known.get(code)
    const decoded = found?.decode({ ...data, _tag: found.identifier })
    return decoded !== undefined && Exit.isSuccess(decoded) ? decoded.value : undefined
  }
}
