/**
 * Answers as values, and the one place where errors become HTTP: a stable body
 * `{"error":{"code","message","details"?,"data"?,"requestId"}}`, where `code` is the fault's code, `details` the broken
 * rules of an invalid input, `data` the members of an error that the operation declares, and `requestId` the correlation
 * id. What went wrong inside is never told: 5xx answers carry fixed sentences.
 */
import type { Correlation } from "@kanau/core"
import { Fault } from "@kanau/core"
import { type Cause, Schema } from "effect"

/** An answer before it knows which request it belongs to. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** An answer that says what is wrong; the body is written when the request id is known. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details?: ReadonlyArray<{ readonly path: string; readonly message: string }>
  /** The members of a declared error, as JSON. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The schema of every error body. */
export const ErrorBody = Schema.Struct({
  error: Schema.Struct({
    code: Schema.String,
    message: Schema.String,
    details: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))),
    data: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
    requestId: Schema.String
  })
}).annotate({ identifier: "Error" })

/** A JSON answer from text that is JSON already. */
export const json = (status: number, body: string | null, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: body === null ? { ...uncached, ...headers } : { ...typed, ...headers },
  body
})

const uncached = { "cache-control": "no-store" }
const typed = { "content-type": "application/json; charset=utf-8", ...uncached }

/** The answer to a refusal. */
export const refuse = (refusal: Refusal, requestId: string): Answer => {
  const { code, data, details, message } = refusal
  // What is undefined is left out.
  return json(
    refusal.status,
    JSON.stringify({ error: { code, message, details, data, requestId } }),
    refusal.headers
  )
}

/** What to say when processing ended with this cause. `identified`: somebody proved who they are. */
export const refusalOf = (cause: Cause.Cause<unknown>, identified: boolean): Refusal => {
  const kind = Fault.kindOf(cause)
  const fault = Fault.faultOf(cause)
  if (kind === "interrupted") return unavailable
  if (fault === undefined) return internal
  switch (fault.kind) {
    case "invariant":
    case "defect":
      return internal
    case "unavailable":
      return unavailable
    case "timeout":
      return { status: 504, code: "timeout", message: "This took too long. Try again later.", headers: retryLater }
    case "rate-limited":
      return { ...plain(fault), headers: { "retry-after": retryAfter(fault) } }
    case "unauthenticated":
      return { ...plain(fault), headers: challenge }
    case "permission-denied":
      // Who is nobody yet may be allowed once logged in.
      return identified ? plain(fault) : unauthenticated
    case "invalid-input":
      return invalid(fault)
    default:
      return plain(fault)
  }
}

const plain = (fault: Fault.Fault): Refusal => ({
  status: Fault.rule(fault.kind).status,
  code: Fault.code(fault),
  message: fault.message
})

/** Faults that limit a rate may say for how long, in `retryAfterMillis`. */
const retryAfter = (fault: Fault.Fault): string =>
  "retryAfterMillis" in fault && typeof fault.retryAfterMillis === "number"
    ? String(Math.max(1, Math.ceil(fault.retryAfterMillis / 1000)))
    : "1"

/** At most this many issues of this length, or a megabyte of nonsense would be answered with several. */
const mostIssues = 50
const longestPath = 200

/** The refusal of an input that broke its contract. */
export const invalid = (fault: Fault.Fault<Fault.Kind>): Refusal => {
  const issues = fault instanceof Fault.InvalidInput ? fault.issues : undefined
  return issues === undefined ? plain(fault) : {
    status: 400,
    code: "invalid-input",
    message: "The input does not fit; see details.",
    details: issues.slice(0, mostIssues).map(({ message, path }) => ({ path: path.slice(0, longestPath), message }))
  }
}

/** The refusal of an input for one reason. */
export const invalidBecause = (path: string, message: string): Refusal =>
  invalid(new Fault.InvalidInput({ issues: [{ path, message }] }))

const challenge = { "www-authenticate": "Bearer" }
const retryLater = { "retry-after": "1" }

export const unauthenticated: Refusal = {
  status: 401,
  code: "unauthenticated",
  message: "This needs a valid bearer token.",
  headers: challenge
}

export const internal: Refusal = {
  status: 500,
  code: "internal",
  message: "Something is wrong on our side. Quote the request id when you report it."
}

export const unavailable: Refusal = {
  status: 503,
  code: "unavailable",
  message: "This is not available at the moment. Try again later.",
  headers: retryLater
}

export const notFound: Refusal = { status: 404, code: "not-found", message: "There is nothing at this path." }

export const methodNotAllowed = (allow: ReadonlyArray<string>): Refusal => ({
  status: 405,
  code: "method-not-allowed",
  message: `This path answers ${allow.join(", ")}.`,
  headers: { allow: allow.join(", ") }
})

export const tooLarge = (limit: number): Refusal => ({
  status: 413,
  code: "payload-too-large",
  message: `The body may have at most ${limit} bytes.`
})

export const unsupportedMediaType: Refusal = {
  status: 415,
  code: "unsupported-media-type",
  message: "Send the body as application/json in UTF-8."
}

/**
 * On every answer; a page that needs more than this states its own `content-security-policy`. `frame-ancestors` says
 * what `x-frame-options` used to say.
 */
export const security: Readonly<Record<"x-content-type-options" | "content-security-policy", string>> = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'"
}

/** Marks a response that needs nothing added. */
const finished = Symbol("finished")

/**
 * The response to a request, with the security headers and the correlation id. Handlers that answer through this cost
 * least: nothing is added to their response afterwards.
 */
export const respond = (
  correlation: Correlation.Correlation,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer> | null
): Response => {
  return respondWith(correlation, status, { ...security, ...headers }, body)
}

/** Like {@link respond} with headers from {@link prepare}, which then cost nothing per request. */
export const respondWith = (
  correlation: Correlation.Correlation,
  status: number,
  prepared: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer> | null
): Response => {
  const response: Response & { [finished]?: true } = new Response(body, {
    status,
    headers: { "x-correlation-id": correlation.correlationId, ...prepared }
  })
  response[finished] = true
  return response
}

/** Makes headers for JSON that is sent again and again: what a browser needs to know about data is not to sniff it. */
export const prepare = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  "x-content-type-options": security["x-content-type-options"],
  ...headers
})

/** The response to a refused request. */
export const reject = (correlation: Correlation.Correlation, refusal: Refusal): Response => {
  const { body, headers, status } = refuse(refusal, correlation.correlationId)
  return respond(correlation, status, headers, body)
}

/** Adds what {@link respond} would have added, to a response that somebody else made. */
export const completed = (correlation: Correlation.Correlation, response: Response): Response => {
  // An answer to HEAD is a copy that Hono made of one of ours.
  if (finished in response || response.headers.get("x-correlation-id") === correlation.correlationId) return response
  for (const [name, value] of Object.entries(security)) {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  response.headers.set("x-correlation-id", correlation.correlationId)
  return response
}
