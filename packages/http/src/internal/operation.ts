/** The Hono handler of one route: authenticate, read, validate, enter Effect once, answer. */
import { Correlation, Fault, KeyValue, Layers, Principal, type Processor } from "@kanau/core"
import { Context, Effect, Exit, Option, References, Schema, Tracer } from "effect"
import type { Context as HonoContext } from "hono"
import * as Answer from "../Answer.ts"
import type { BearerAuth } from "../BearerAuth.ts"
import * as Body from "../Body.ts"
import type * as Route from "../Route.ts"
import type { Environment } from "./environment.ts"
import * as Idempotency from "./idempotency.ts"
import * as Input from "./input.ts"

/** What all routes of an application share. */
export interface Shared {
  /** Everything the processors need, resolved once. */
  readonly context: Context.Context<never>
  readonly auth: BearerAuth | undefined
  readonly bodyLimit: number
}

type Handle = (c: HonoContext<Environment>) => Response | Promise<Response>

export const handler = (
  route: Route.Any,
  process: Processor.Processor<unknown, unknown, unknown>,
  shared: Shared
): Handle => {
  const name = `${route.method.toUpperCase()} ${route.path}`
  const { auth } = shared
  const secured = route.options.security !== undefined
  if (secured && auth === undefined) throw new Error(`${name} needs bearer tokens, but the application knows none`)
  const read = Input.reader(route)
  const succeed = success(route)
  const withData = declared(route)
  const measured = Layers.trace(name, "server")(Layers.meter(name)(process))
  const hasBody = Input.takesBody(route.method)
  const bodyOptional = Input.bodyFields(route).length === 0
  const store = route.method === "get"
    ? undefined
    : Option.getOrUndefined(Context.getOption(shared.context, KeyValue.KeyValue))

  const answered = (c: HonoContext<Environment>, principal: Principal.Principal | undefined, body: Read) => {
    const { correlation } = c.env
    const { url } = c.req
    const at = url.indexOf("?")
    const input = read({
      parameter: (parameter) => c.req.param(parameter),
      query: at === -1 ? "" : url.slice(at + 1),
      body: body.json
    })
    if (Exit.isFailure(input)) return Answer.reject(correlation, Answer.refusalOf(input.cause, true))
    const key = store === undefined ? undefined : c.req.header("idempotency-key")
    if (key !== undefined && !Idempotency.isKey(key)) return Answer.reject(correlation, badKey)
    const answer = Effect.matchCauseEffect(measured(input.value), {
      onSuccess: succeed,
      onFailure: (cause) =>
        Effect.as(report(name, cause), withData(cause, Answer.refusalOf(cause, principal !== undefined)))
    }).pipe(
      Effect.map((result) => "code" in result ? Answer.refuse(result, correlation.correlationId) : result),
      Effect.tap((result) => logAnswer(name, result.status, principal))
    )
    const context = contextOf(shared.context, c, principal)
    if (key === undefined || store === undefined) {
      return run(context, correlation, answer, c.req.raw.signal)
    }
    const request = {
      key,
      principal: principal?.name ?? "",
      method: route.method,
      path: url.slice(url.indexOf("/", 8)),
      body: body.text
    }
    // The answer is stored also when the client has gone: it is what a second attempt will ask for.
    return run(context, correlation, Idempotency.once(store, request, answer), undefined)
  }

  return (c) => {
    const principal = secured ? auth?.(c.req.header("authorization")) : undefined
    if (secured && principal === undefined) return Answer.reject(c.env.correlation, Answer.unauthenticated)
    if (!hasBody) return answered(c, principal, nothing)
    return Body.read(c.req.raw, shared.bodyLimit, bodyOptional).then((body) =>
      "refusal" in body ? Answer.reject(c.env.correlation, body.refusal) : answered(c, principal, body)
    )
  }
}

interface Read {
  readonly text: string
  readonly json: unknown
}

const nothing: Read = { text: "", json: undefined }

const badKey = Answer.invalidBecause("Idempotency-Key", "Must be 1 to 128 of the characters A-Z a-z 0-9 . _ -")

/** From output to answer, by an encoder that is built once. */
const success = (route: Route.Any) => {
  const { operation, options } = route
  const isVoid = operation.output.ast._tag === "Void" || operation.output.ast._tag === "Undefined"
  const encode = Schema.encodeUnknownEffect(Schema.toCodecJson(operation.output))
  const status = options.status ?? (isVoid ? 204 : 200)
  const report = internalError(`${operation.operation} answered with something its output schema does not allow`)
  return (output: unknown): Effect.Effect<Answer.Answer | Answer.Refusal> => {
    const headers = options.headers?.(output)
    if (isVoid) return Effect.succeed(Answer.json(status, null, headers))
    return Effect.matchCauseEffect(encode(output), {
      onSuccess: (json) => Effect.succeed(Answer.json(status, JSON.stringify(json), headers)),
      onFailure: (cause) => Effect.as(report(cause), Answer.internal)
    })
  }
}

/** Tells the members of the errors that the operation declares, so that clients get the same error back. */
const declared = ({ operation }: Route.Any) => {
  const encoders = new Map(
    operation.errors.map((error) => [error.identifier, Schema.encodeUnknownExit(Schema.toCodecJson(error))])
  )
  return (cause: Parameters<typeof Fault.kindOf>[0], refusal: Answer.Refusal): Answer.Refusal => {
    const fault = Fault.faultOf(cause)
    // Somebody unknown is told to log in, whatever the error was; details of an input say it all.
    if (fault === undefined || refusal.status >= 500 || refusal.code !== Fault.code(fault)) return refusal
    const encoded = refusal.details === undefined ? encoders.get(fault._tag)?.(fault) : undefined
    if (encoded === undefined || Exit.isFailure(encoded)) return refusal
    const { _tag, ...data } = encoded.value as Readonly<Record<string, unknown>>
    return Object.keys(data).length === 0 ? refusal : { ...refusal, data }
  }
}

const internalError = (message: string) => (cause: Parameters<typeof Fault.kindOf>[0]) =>
  Effect.logError(message, cause)

/** Who did what, and how it ended; never with which input. Reads are many and change nothing: they are for debugging. */
const logAnswer = (name: string, status: number, principal: Principal.Principal | undefined): Effect.Effect<void> =>
  (name.startsWith("GET ") ? Effect.logDebug : Effect.logInfo)(`${name} answered ${status}`).pipe(
    principal === undefined ? (log) => log : Effect.annotateLogs({ principal: principal.name })
  )

/** What clients did wrong is theirs; what went wrong with us goes into the log, by its correlation id. */
const report = (name: string, cause: Parameters<typeof Fault.kindOf>[0]): Effect.Effect<void> => {
  switch (Fault.kindOf(cause)) {
    case "defect":
    case "invariant":
      return Effect.logError(`${name} failed`, cause)
    case "unavailable":
    case "timeout":
      return Effect.logWarning(`${name} failed`, cause)
    default:
      return Effect.void
  }
}

/** The base context with what belongs to this request. */
const contextOf = (
  base: Context.Context<never>,
  c: HonoContext<Environment>,
  principal: Principal.Principal | undefined
): Context.Context<never> => {
  const { correlation } = c.env
  let context = Context.add(base, Correlation.Correlation, correlation)
  if (principal !== undefined) context = Context.add(context, Principal.Principal, principal)
  if (!Context.get(base, References.TracerEnabled)) return context
  // The parent is the caller's span when it sent one; else one of our own, so that log and trace share the trace id.
  const sent = c.req.header("traceparent")
  const from = sent?.startsWith(correlation.traceparent.slice(0, 35)) === true ? sent : correlation.traceparent
  // Nobody outside decided about this trace: it is recorded.
  return Context.add(
    context,
    Tracer.ParentSpan,
    Correlation.parentSpan(from === sent ? from : `${from.slice(0, 53)}01`)
  )
}

/** Runs to an answer, in the same turn of the event loop when nothing has to be waited for. */
const run = (
  context: Context.Context<never>,
  correlation: Correlation.Correlation,
  answer: Effect.Effect<Answer.Answer>,
  signal: AbortSignal | undefined
): Response | Promise<Response> => {
  const fiber = Effect.runForkWith(context)(answer, signal === undefined ? {} : { signal })
  const respond = (exit: Exit.Exit<Answer.Answer>): Response =>
    Exit.isSuccess(exit)
      ? Answer.respond(correlation, exit.value.status, exit.value.headers, exit.value.body)
      : Answer.reject(correlation, Answer.refusalOf(exit.cause, true))
  const done = fiber.pollUnsafe()
  return done === undefined
    ? new Promise((resolve) => fiber.addObserver((exit) => resolve(respond(exit))))
    : respond(done)
}
