import { assert, describe, it } from "@effect/vitest"
import { Breakers, Fault, Layers } from "@kanau/core"
import { Health, HealthServer } from "@kanau/runner"
import { ConfigProvider, Effect, Layer, Logger, References } from "effect"

/** Listens on a free port, which it says in a log line. */
const started = Effect.gen(function*() {
  let port = 0
  const logger = Logger.make(({ fiber }) => {
    const said = fiber.getRef(References.CurrentLogAnnotations)["port"]
    if (typeof said === "number") port = said
  })
  yield* Layer.build(HealthServer.layer.pipe(
    Layer.provide(Health.layer),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({
      env: { HEALTH_HOST: "127.0.0.1", HEALTH_PORT: "0" }
    }))),
    Layer.provide(Logger.layer([logger]))
  ))
  return (path: string) =>
    Effect.promise(async () => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
    })
})

describe("HealthServer", () => {
  it.live("NB-19 /health/circuit-breakers tells every breaker, always with 200; /metrics has their state", () =>
    Effect.gen(function*() {
      const get = yield* started
      const none = yield* get("/health/circuit-breakers")
      assert.deepStrictEqual(JSON.parse(none.text), { status: "healthy", services: [] })
      const breaker = yield* Layers.circuitBreaker("HealthServer.search", { failures: 1, openFor: "1 minute" })
      const down = new Fault.Unavailable({ dependency: "search", reason: "down" })
      yield* Effect.exit(breaker.layer(() => Effect.fail(down))(0))
      const one = yield* get("/health/circuit-breakers")
      assert.deepStrictEqual([one.status, one.type], [200, "application/json"])
      assert.deepStrictEqual(JSON.parse(one.text), {
        status: "degraded",
        services: [{ name: "HealthServer.search", state: "open", healthy: false }]
      })
      const metrics = yield* get("/metrics")
      assert.include(metrics.text, `kanau_breaker_state{breaker="HealthServer.search"} 2`)
      assert.include(metrics.text, `kanau_breaker_calls_total{breaker="HealthServer.search",result="failure"} 1`)
    }).pipe(Effect.scoped, Effect.provideService(Breakers.Breakers, new Set())))
})
