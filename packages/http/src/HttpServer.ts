/**
 * Serves an application on a port, as a scoped `Layer`. Closing the scope stops accepting connections, lets the requests
 * in flight finish (their answers say `connection: close`), closes idle connections, and cuts what is left after
 * {@link Options.drainTimeout}.
 *
 * Requests are bounded before anything looks at them: the length of the URL (414), number and size of the headers (431),
 * the time they may take to arrive (408), and the time in which a client may take nothing of its answer. An application
 * with a `clientLimit` holds each client to it here (429).
 *
 * TLS belongs to the proxy in front.
 */
import { getRequestListener, type HttpBindings, RequestError } from "@hono/node-server"
import { Correlation, Fault, Id } from "@kanau/core"
import { Health } from "@kanau/runner"
import { Cause, Config, Context, Duration, Effect, Layer, Option, type Scope } from "effect"
import { createServer, type Server, type ServerOptions } from "node:http"
import type { AddressInfo } from "node:net"
import * as Answer from "./Answer.ts"
import type { HttpApp } from "./HttpApp.ts"
import * as Admission from "./internal/admission.ts"
import * as FastPath from "./internal/fastPath.ts"
import * as SlowReaders from "./internal/slowReaders.ts"

/** Where to listen, and for how long to drain. */
export interface Options {
  /** 0 takes a free port. */
  readonly port: number
  /** `0.0.0.0` when absent. */
  readonly host?: string
  /** How long requests in flight may take once the scope closes; 20 seconds. */
  readonly drainTimeout?: Duration.Input
  /** Bounds of a request; each has a default. */
  readonly limits?: Partial<Limits>
}

/** Bounds of a request and of its connection. */
export interface Limits {
  /** Characters of path and query; 8192. */
  readonly maxUrlLength: number
  /** 100. */
  readonly maxHeaders: number
  /** All headers with the request line; 16 KiB. */
  readonly maxHeaderBytes: number
  /** For all headers to arrive; 15 seconds. */
  readonly headersTimeout: Duration.Input
  /** For the whole request to arrive; 60 seconds. */
  readonly requestTimeout: Duration.Input
  /** How long an idle connection is kept, longer than the usual proxy does; 65 seconds. */
  readonly keepAliveTimeout: Duration.Input
  /** How long a client may take nothing of its answer; 2 minutes. */
  readonly stallTimeout: Duration.Input
}

/** The running server. */
export class HttpServer extends Context.Service<HttpServer, {
  /** The address it is bound to, with the port that was really taken. */
  readonly url: string
}>()("@kanau/http/HttpServer") {}

/** Builds the application and serves it. */
export const layer = <E, R>(
  app: Effect.Effect<HttpApp, E, R>,
  options: Options
): Layer.Layer<HttpServer, E | Fault.Unavailable, Exclude<R, Scope.Scope>> =>
  Layer.effect(
    HttpServer,
    Effect.gen(function*() {
      const application = yield* app
      const { fetch } = application
      const fastPaths = FastPath.of(application)
      const context = yield* Effect.context<never>()
      const ids = yield* Id.generator
      let draining = false
      const answered = (response: Response, { outgoing }: HttpBindings): Response => {
        if (draining) outgoing.setHeader("connection", "close")
        return response
      }
      const listener = getRequestListener((request, bindings) => {
        const http = bindings as HttpBindings
        const response = fetch(request, http)
        return response instanceof Promise ? response.then((late) => answered(late, http)) : answered(response, http)
      }, {
        // What cannot even become a request, such as a forbidden host header, or a crash of the application itself.
        errorHandler: (error) => {
          const correlation = Correlation.accept(ids, {})
          if (error instanceof RequestError) return Answer.reject(correlation, malformed)
          Effect.runForkWith(Context.add(context, Correlation.Correlation, correlation))(
            Effect.logError("A request could not be answered", Cause.die(error))
          )
          return Answer.reject(correlation, Answer.internal)
        }
      })
      const limits = { ...defaultLimits, ...options.limits }
      const admitted = Admission.make(application, limits, ids, (request, response) => {
        for (const answered of fastPaths) if (answered(request, response)) return
        void listener(request, response)
      })
      const server = createServer(serverOptions(limits), admitted)
      server.maxHeadersCount = limits.maxHeaders + 1
      yield* Effect.forkScoped(SlowReaders.cut(server, limits.stallTimeout), { startImmediately: true })
      const health = yield* Effect.serviceOption(Health.Health)
      if (Option.isSome(health)) {
        // From here on clients look for another process, while this one still answers.
        yield* Effect.forkScoped(Effect.andThen(health.value.draining, Effect.sync(() => draining = true)))
      }
      const host = options.host ?? "0.0.0.0"
      const port = yield* Effect.acquireRelease(
        listen(server, host, options.port),
        () => Effect.suspend(() => (draining = true, close(server, options.drainTimeout ?? "20 seconds")))
      )
      yield* Effect.logInfo("HTTP server listens").pipe(Effect.annotateLogs({ host, port }))
      return { url: `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${port}` }
    })
  )

/** `PORT` (default 8080) and `HOST` (default `0.0.0.0`) from the configuration. */
export const config: Config.Config<Options> = Config.all({
  port: Config.Int("PORT").pipe(Config.withDefault(8080)),
  host: Config.String("HOST").pipe(Config.withDefault("0.0.0.0"))
})

const malformed = Answer.invalidBecause("", "The request line or the host header is malformed")

const defaultLimits: Limits = {
  maxUrlLength: 8192,
  maxHeaders: 100,
  maxHeaderBytes: 16 * 1024,
  headersTimeout: "15 seconds",
  requestTimeout: "60 seconds",
  keepAliveTimeout: "65 seconds",
  stallTimeout: "2 minutes"
}

const serverOptions = (limits: Limits): ServerOptions => {
  const headersTimeout = Duration.toMillis(limits.headersTimeout)
  return {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout,
    requestTimeout: Duration.toMillis(limits.requestTimeout),
    keepAliveTimeout: Duration.toMillis(limits.keepAliveTimeout),
    // How often Node looks for slow senders.
    connectionsCheckingInterval: Math.max(100, Math.min(5000, headersTimeout / 3))
  }
}

const listen = (server: Server, host: string, port: number): Effect.Effect<number, Fault.Unavailable> =>
  Effect.callback((resume) => {
    const fail = (error: Error) =>
      resume(
        Effect.fail(
          new Fault.Unavailable({ dependency: `port ${port}`, reason: `${error.message}; choose another PORT` })
        )
      )
    server.once("error", fail)
    server.listen(port, host, () => {
      server.off("error", fail)
      resume(Effect.succeed((server.address() as AddressInfo).port))
    })
  })

const close = (server: Server, limit: Duration.Input): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    // Closes the connections that are idle; the others end with their answer, which says so.
    server.close(() => resume(Effect.void))
  }).pipe(
    Effect.timeoutOption(limit),
    Effect.flatMap((closed) =>
      Option.isSome(closed) ? Effect.void : Effect.andThen(
        Effect.logWarning(`Requests were still running after ${Duration.format(Duration.fromInputUnsafe(limit))}`),
        Effect.sync(() => server.closeAllConnections())
      )
    )
  )
