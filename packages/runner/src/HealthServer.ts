/**
 * Answers the orchestrator on a port of its own: `/healthz` (200 while the process lives), `/readyz` (200, or 503 with
 * the failing checks by name), `/metrics` (Prometheus text), `/health/circuit-breakers` (200 with the state of every
 * circuit breaker of this process; an open one is a reason to look, not to restart).
 *
 * The port is never the public one: metrics and dependency names are nobody's business outside, and probes must get an
 * answer when the public port is saturated. It starts before the application and stops after it.
 */
import { Breakers, Fault } from "@kanau/core"
import { Config, Effect, Exit, Layer } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Health from "./Health.ts"

/** Listens on `HEALTH_HOST` (default `0.0.0.0`) and `HEALTH_PORT` (default 9464; 0 takes a free one and logs it). */
export const layer: Layer.Layer<never, Config.ConfigError | Fault.Unavailable, Health.Health> = Layer.effectDiscard(
  Effect.gen(function*() {
    const { host, port } = yield* settings
    const health = yield* Health.Health
    const context = yield* Effect.context<never>()
    const server = createServer((request, response) => {
      const answer = (status: number, type: string, body: string) => {
        response.writeHead(status, { "content-type": type, "cache-control": "no-store" })
        response.end(request.method === "HEAD" ? undefined : body)
      }
      const path = (request.url ?? "/").split("?")[0]
      if (request.method !== "GET" && request.method !== "HEAD") answer(405, text, "Only GET is answered here.\n")
      else if (path === "/healthz") answer(200, text, "ok\n")
      else if (path === "/metrics") answer(200, prometheus, PrometheusMetrics.formatUnsafe(context))
      else if (path === "/readyz") {
        Effect.runForkWith(context)(health.ready).addObserver((exit) =>
          Exit.isSuccess(exit)
            ? answer(exit.value.ready ? 200 : 503, "application/json", JSON.stringify(exit.value))
            : answer(500, text, "The readiness checks crashed; see the log.\n")
        )
      } else if (path === "/health/circuit-breakers") {
        Effect.runForkWith(context)(Breakers.report).addObserver((exit) =>
          Exit.isSuccess(exit)
            ? answer(200, "application/json", JSON.stringify(exit.value))
            : answer(500, text, "The circuit breakers could not be read; see the log.\n")
        )
      } else answer(404, text, "Only /healthz, /readyz, /metrics and /health/circuit-breakers are here.\n")
    })
    yield* Effect.acquireRelease(
      Effect.callback<void, Fault.Unavailable>((resume) => {
        server.once("error", (error) =>
          resume(Effect.fail(
            new Fault.Unavailable({
              dependency: `health port ${port}`,
              reason: `${error.message}; choose another HEALTH_PORT`
            })
          )))
        server.listen(port, host, () => resume(Effect.void))
      }),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    yield* Effect.logInfo("Health server listens").pipe(
      Effect.annotateLogs({ host, port: (server.address() as AddressInfo).port })
    )
  })
)

const text = "text/plain; charset=utf-8"
const prometheus = "text/plain; version=0.0.4; charset=utf-8"

const settings = Config.all({
  host: Config.String("HEALTH_HOST").pipe(Config.withDefault("0.0.0.0")),
  // Config.Port refuses 0, which here means "any free port".
  port: Config.Int("HEALTH_PORT").pipe(Config.withDefault(9464))
})
