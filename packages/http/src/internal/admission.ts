/** What a request must pass before anything looks at it: its size, and the limit of its client. */
import { Correlation, type Id } from "@kanau/core"
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Answer from "../Answer.ts"
import type { BearerAuth } from "../BearerAuth.ts"
import type { ClientLimit, Verdict } from "../ClientLimit.ts"
import { rawHeader } from "./requestHeader.ts"

/** The limit of an application, and how it knows its clients. */
export interface Clients {
  readonly limit: ClientLimit
  readonly auth: BearerAuth | undefined
  /** See `HttpApp.Options`. */
  readonly overLimit: ((url: string) => Answer.Answer | undefined) | undefined
}

const byApplication = new WeakMap<object, Clients>()

/** Tells servers of an application what to hold its clients to. */
export const add = (application: object, clients: Clients): void => void byApplication.set(application, clients)

export interface Limits {
  readonly maxUrlLength: number
  readonly maxHeaders: number
}

export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** A handler that hands to `go` what may go on, and answers the rest. */
export const make = (
  application: object,
  { maxHeaders, maxUrlLength }: Limits,
  ids: Id.Generator,
  go: Handler
): Handler => {
  const clients = byApplication.get(application)
  const refuse = (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    refusal: Answer.Refusal,
    own?: Answer.Answer
  ) => {
    const correlationId = Correlation.acceptId(ids, rawHeader(incoming, "x-correlation-id"))
    const { body, headers, status } = own ?? Answer.refuse(refusal, correlationId)
    outgoing.writeHead(status, { "x-correlation-id": correlationId, ...Answer.security, ...headers })
    outgoing.end(incoming.method === "HEAD" ? undefined : body)
  }
  const isLarge = (incoming: IncomingMessage) =>
    (incoming.url?.length ?? 0) > maxUrlLength || incoming.rawHeaders.length > maxHeaders * 2
  const refuseLarge: Handler = (incoming, outgoing) => {
    const isUrl = (incoming.url?.length ?? 0) > maxUrlLength
    refuse(incoming, outgoing, isUrl ? urlTooLong(maxUrlLength) : tooManyHeaders(maxHeaders))
  }
  if (clients === undefined) {
    return (incoming, outgoing) => isLarge(incoming) ? refuseLarge(incoming, outgoing) : go(incoming, outgoing)
  }
  const { auth, limit, overLimit } = clients
  return (incoming, outgoing) => {
    if (isLarge(incoming)) return refuseLarge(incoming, outgoing)
    const authorization = rawHeader(incoming, "authorization")
    const principal = authorization === undefined ? undefined : auth?.(authorization)?.name
    const judge = ({ headers, isAllowed }: Verdict) => {
      if (!isAllowed) {
        const own = overLimit?.(incoming.url ?? "")
        return refuse(incoming, outgoing, tooMany(headers), own && { ...own, headers: { ...headers, ...own.headers } })
      }
      for (const name in headers) outgoing.setHeader(name, headers[name] as string)
      go(incoming, outgoing)
    }
    const verdict = limit.take(incoming, principal)
    if (verdict instanceof Promise) void verdict.then(judge)
    else judge(verdict)
  }
}

const urlTooLong = (most: number): Answer.Refusal => ({
  status: 414,
  code: "uri-too-long",
  message: `The path and query may have at most ${most} characters.`
})

const tooManyHeaders = (most: number): Answer.Refusal => ({
  status: 431,
  code: "request-header-fields-too-large",
  message: `There may be at most ${most} headers.`
})

/** Scripts of other sites must see why they are refused; there is nothing else in it. */
const tooMany = (headers: Readonly<Record<string, string>>): Answer.Refusal => ({
  status: 429,
  code: "rate-limited",
  message: `These are too many requests; wait ${headers["retry-after"] ?? "1"} s.`,
  headers: { ...headers, "access-control-allow-origin": "*", "access-control-expose-headers": "*" }
})
