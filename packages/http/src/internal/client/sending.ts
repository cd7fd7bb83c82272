/** Sends one request and tells answers from refusals. */
import { Correlation, Fault, Layers } from "@kanau/core"
import { Effect, Option, Schema } from "effect"
import { type Headers, type HttpClient, HttpClientRequest } from "effect/http"
import * as Answer from "../../Answer.ts"

/** The server refused for a reason that nobody declared. */
export class Refused extends Fault.define<Refused>()(
  "Refused",
  "invariant",
  { status: Schema.Int, code: Schema.String, reason: Schema.String, requestId: Schema.String },
  (fault) => `The server answered ${fault.status} ${fault.code}: ${fault.reason} (request ${fault.requestId})`
) {}

export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON text. */
  readonly body?: string
}

export interface Answered {
  readonly headers: Headers.Headers
  readonly text: string
}

/** What any request may end in. */
type Failure = Fault.InvalidInput | Fault.Unauthenticated | Fault.Unavailable | Layers.RateLimited | Refused

/** The error that a refusal stands for, if the caller knows it. */
export type Recognise<E> = (code: string, data: Readonly<Record<string, unknown>>) => E | undefined

/** Sends requests to one server. */
export type Sender = <E>(request: Request, recognise: Recognise<E>) => Effect.Effect<Answered, E | Failure>

export const sender = (http: HttpClient.HttpClient, url: string): Sender => {
  const base = url.replace(/\/+$/, "")
  const unavailable = (reason: string) => new Fault.Unavailable({ dependency: new URL(base).host, reason })
  return <E>({ body, headers, method, path }: Request, recognise: Recognise<E>) =>
    Effect.gen(function*() {
      const { correlationId } = yield* Correlation.Correlation
      const traceparent = yield* Correlation.outgoingTraceparent
      const sent = HttpClientRequest.make(method)(base + path, {
        acceptJson: true,
        headers: correlationId === "-" ? headers : { ...headers, "x-correlation-id": correlationId, traceparent }
      })
      const response = yield* http.execute(
        body === undefined ? sent : HttpClientRequest.bodyText(sent, body, "application/json")
      )
      const text = yield* response.text
      return { status: response.status, headers: response.headers, text }
    }).pipe(
      // Reasons of a client may quote the URL, and so the input.
      Effect.mapError((error) => unavailable(error.reason._tag)),
      Effect.flatMap(({ headers: received, status, text }): Effect.Effect<Answered, E | Failure> =>
        status < 300
          ? Effect.succeed({ headers: received, text })
          : Effect.fail(failureOf(status, received, text, recognise, unavailable))
      )
    )
}

const failureOf = <E>(
  status: number,
  headers: Headers.Headers,
  text: string,
  recognise: Recognise<E>,
  unavailable: (reason: string) => Fault.Unavailable
): E | Failure => {
  const body = Option.getOrUndefined(decodeBody(text))
  const requestId = body?.error.requestId ?? headers["x-correlation-id"] ?? "-"
  if (body === undefined) {
    return status === 502 || status === 503 || status === 504
      ? unavailable(`it answered ${status}`)
      : new Refused({ status, code: "unknown", reason: "The answer is none of this service.", requestId })
  }
  const { code, data = {}, details, message } = body.error
  const known = recognise(code, data)
  if (known !== undefined) return known
  switch (status) {
    case 400:
      return details === undefined
        ? new Refused({ status, code, reason: message, requestId })
        : new Fault.InvalidInput({ issues: details })
    case 401:
      return new Fault.Unauthenticated()
    case 429:
      return new Layers.RateLimited({ retryAfterMillis: 1000 * (Number(headers["retry-after"]) || 1) })
    case 503:
    case 504:
      return unavailable(code)
    default:
      return new Refused({ status, code, reason: message, requestId })
  }
}

const decodeBody = Schema.decodeUnknownOption(Schema.fromJsonString(Answer.ErrorBody))

/** A decoder whose failures say that the server answered with something else than it declares. */
export const decoder = <A>(schema: Schema.Codec<A, unknown>, what: string) => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema))
  return ({ headers, text }: Answered): Effect.Effect<A, Refused> =>
    Effect.mapError(decode(text), () =>
      new Refused({
        code: "undecodable",
        status: 200,
        reason: `The answer to ${what} has another form than declared.`,
        requestId: headers["x-correlation-id"] ?? "-"
      }))
}
