/**
 * Serves an application on a port, as a scoped `Layer`. Closing the scope stops accepting connections, lets the requests
 * in flight finish (their answers say `connection: close`), closes idle connections, and cuts what is left after
 * {@link Options.drainTimeout}.
 *
 * TLS, compression and CORS belong to the proxy in front. Headers larger than 16 KiB are answered with 431 by Node.
 */
import { getRequestListener, type HttpBindings, RequestError } from "@hono/node-server"
import { Correlation, Fault, Id } from "@kanau/core"
import { Health } from "@kanau/runner"
import { Cause, Config, Context, Duration, Effect, Layer, Option, type Scope } from "effect"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as Answer from "./Answer.ts"
import type { HttpApp } from "./HttpApp.ts"
import * as FastPath from "./internal/fastPath.ts"

/** Where to listen, and for how long to drain. */
export interface Options {
  /** 0 takes a free port. */
  readonly port: number
  /** `0.0.0.0` when absent. */
  readonly host?: string
  /** How long requests in flight may take once the scope closes; 20 seconds. */
  readonly drainTimeout?: Duration.Input
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
      const server = createServer(limits, (request, response) => {
        for (const answered of fastPaths) if (answered(request, response)) return
        void listener(request, response)
      })
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

/** Slow senders are cut off; idle connections live longer than the usual proxy keeps them. */
const limits = { headersTimeout: 15_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 }

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
