/**
 * A Hono application whose routes are operations. Every request gets its correlation before anything else runs, and
 * every answer carries it, also for unknown paths and crashes. `/openapi.json` describes the routes and `/docs` shows
 * them.
 *
 * The result is an ordinary `OpenAPIHono`: hand-written routes can be added to it. Such a handler finds the correlation
 * in `c.env.correlation`, may throw a fault to answer with it, and costs least when it answers through
 * `Answer.respond`. Validate there with zod or with a decoder of its own; never hand an Effect schema to zod-openapi's
 * validator, which skips what it does not know.
 */
import { OpenAPIHono } from "@hono/zod-openapi"
import { Correlation, Fault, Id, type OnceOnly, type Processor } from "@kanau/core"
import { Cause, Effect, References } from "effect"
import type { Context } from "hono"
import type { IncomingMessage } from "node:http"
import * as Answer from "./Answer.ts"
import type { BearerAuth } from "./BearerAuth.ts"
import type * as ClientLimit from "./ClientLimit.ts"
import * as Admission from "./internal/admission.ts"
import * as CrossOrigin from "./internal/crossOrigin.ts"
import * as Docs from "./internal/docs.ts"
import type { Environment } from "./internal/environment.ts"
import { isDecodable } from "./internal/input.ts"
import * as OpenApi from "./internal/openApi.ts"
import { handler } from "./internal/operation.ts"
import { requestHeader } from "./internal/requestHeader.ts"
import type * as Route from "./Route.ts"

export type { Environment } from "./internal/environment.ts"

/** The Hono application. */
export type HttpApp = OpenAPIHono<Environment>

/** What the handler of a hand-written route is given. */
export type Asked = Context<Environment>

/** What an application is made of. */
export interface Options<H extends Processor.AnyHandler> {
  readonly title: string
  readonly version: string
  /** What readers of the documentation should know of all of it, such as a licence; Markdown. */
  readonly description?: string
  /** Serves the operations of all routes. */
  readonly service: Processor.Service<H>
  readonly routes: ReadonlyArray<Route.Route<H["operation"]>>
  /** Needed when a route has `security: "bearer"`. */
  readonly auth?: BearerAuth
  /** Largest request body in bytes; 1 MiB. */
  readonly bodyLimit?: number
  /** What one client may send; servers of the application hold clients to it. Unlimited when absent. */
  readonly clientLimit?: ClientLimit.ClientLimit
  /**
   * What a client over the limit is told, where hand-written routes speak another language than the rest: by the URL of the
   * request, nothing for the usual answer. The headers of the limit are added.
   */
  readonly overLimit?: (url: string) => Answer.Answer | undefined
}

/**
 * Builds the application, with everything the processors need taken from the context once. When the context has a
 * `KeyValue`, routes that change something honour `Idempotency-Key`. A request is processed at most once, so work that
 * needs `OnceOnly` may be served as it is.
 *
 * @example
 * ```ts
 * const app = HttpApp.make({ title: "Notes", version: "1", service: notes, routes: [Route.get("/notes/{id}", FindNote)] })
 * ```
 */
export const make = <H extends Processor.AnyHandler>(
  options: Options<H>
): Effect.Effect<HttpApp, never, Exclude<Processor.Requirements<H>, OnceOnly.OnceOnly>> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<Exclude<Processor.Requirements<H>, OnceOnly.OnceOnly>>()
    const ids = yield* Id.generator
    const tracing = yield* References.TracerEnabled
    const app = new OpenAPIHono<Environment>({ strict: true })

    const inner = app.fetch
    app.fetch = (request, given, execution) => {
      const environment: { -readonly [K in keyof Environment["Bindings"]]?: Environment["Bindings"][K] } = given ?? {}
      const correlation = correlationOf(ids, request, environment.incoming, tracing)
      const { url } = request
      const at = url.indexOf("?")
      if (!isDecodable(at === -1 ? url : url.slice(0, at))) return Answer.reject(correlation, badPath)
      environment.correlation = correlation
      const response = inner(request, environment, execution)
      return response instanceof Promise
        ? response.then((late) => Answer.completed(correlation, late))
        : Answer.completed(correlation, response)
    }

    const shared = { context, auth: options.auth, bodyLimit: options.bodyLimit ?? 2 ** 20 }
    for (const route of options.routes) {
      const found = options.service.handlers.find(({ operation }) => operation === route.operation)
      if (found === undefined) {
        throw new Error(`${route.path}: the service has no handler for ${route.operation.operation}`)
      }
      // What the processor needs is in the context: that is what this effect's type says.
      const process = found.process as Processor.Processor<unknown, unknown, unknown>
      const path = route.path.replace(/\{([^}]+)\}/g, ":$1")
      const handle = handler(route, process, shared)
      app[route.method](path, route.options.cors === "any" ? CrossOrigin.open(handle) : handle)
      if (route.options.cors === "any") app.options(path, CrossOrigin.preflighted)
    }
    OpenApi.register(app.openAPIRegistry, options.routes, options.clientLimit !== undefined)
    documentation(app, options)
    if (options.clientLimit !== undefined) {
      Admission.add(app, { limit: options.clientLimit, auth: options.auth, overLimit: options.overLimit })
    }

    app.notFound((c) => {
      const allow = allowed(app, c.req.path)
      return Answer.reject(c.env.correlation, allow.length === 0 ? Answer.notFound : Answer.methodNotAllowed(allow))
    })
    app.onError((error, c) => {
      const { correlation } = c.env
      const cause = Fault.isFault(error) ? Cause.fail(error) : Cause.die(error)
      const refusal = Answer.refusalOf(cause, true)
      if (refusal.status === 500) {
        Effect.runForkWith(context)(
          Effect.provideService(
            Effect.logError(`${c.req.method} ${c.req.routePath} failed`, cause),
            Correlation.Correlation,
            correlation
          )
        )
      }
      return Answer.reject(correlation, refusal)
    })
    return app
  })

const badPath = Answer.invalidBecause("", "The path is not properly percent-encoded")

/** With tracing on, requests that come without a trace start one that is recorded. */
const correlationOf = (
  ids: Id.Generator,
  request: Request,
  incoming: IncomingMessage | undefined,
  tracing: boolean
): Correlation.Correlation => {
  const correlationId = requestHeader(request, incoming, "x-correlation-id")
  const traceparent = requestHeader(request, incoming, "traceparent")
  const correlation = Correlation.accept(ids, { correlationId, traceparent })
  return tracing && traceparent === undefined
    ? { correlationId: correlation.correlationId, traceparent: `${correlation.traceparent.slice(0, -2)}01` }
    : correlation
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

/** The methods that a path answers, hand-written routes included. Routes for all methods are middleware. */
const allowed = (app: HttpApp, path: string): ReadonlyArray<string> =>
  methods.filter((method) => app.router.match(method, path)[0].some(([[, route]]) => route.method === method))
    .flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method])

/** `/openapi.json`, made when it is first asked for, so that routes added later are in it; and `/docs`. */
const documentation = (
  app: HttpApp,
  { description, title, version }: Pick<Options<never>, "description" | "title" | "version">
): void => {
  let document: string | undefined
  let script: Promise<string> | undefined
  const page = Docs.page(title)
  app.get("/openapi.json", (c) => {
    document ??= JSON.stringify(app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title, version, ...(description === undefined ? {} : { description }) },
      servers: [{ url: "/" }],
      // Routes that need a token say so themselves.
      security: []
    }))
    return Answer.respond(
      c.env.correlation,
      200,
      { "content-type": "application/json", "cache-control": "no-cache" },
      document
    )
  })
  app.get("/docs", (c) =>
    Answer.respond(c.env.correlation, 200, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": page.policy
    }, page.html))
  app.get("/docs/reference.js", async (c) =>
    Answer.respond(c.env.correlation, 200, {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=86400"
    }, await (script ??= Docs.script())))
}
