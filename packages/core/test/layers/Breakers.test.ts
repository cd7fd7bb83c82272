import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Metric, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Breakers, Layers } from "../../src/index.ts"
import { unavailable } from "./support.ts"

/** Every series of a metric for one breaker: its labels without the breaker, and its value. */
const series = (id: string, breaker: string) =>
  Effect.map(Metric.snapshot, (all) =>
    Object.fromEntries(
      all
        .filter((metric) => metric.id === id && metric.attributes?.["breaker"] === breaker)
        .map(({ attributes, state }) => [
          attributes?.["result"] ?? "state",
          "count" in state ? Number(state.count) : "value" in state ? Number(state.value) : undefined
        ])
    ))

const isolated = Effect.provideService(Breakers.Breakers, new Set())

describe("Breakers", () => {
  it.effect("NB-19 the report tells every breaker: open is degraded, half-open counts as healthy", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Breakers.report, { status: "healthy", services: [] })
      const search = yield* Layers.circuitBreaker("search", { failures: 1, openFor: "1 minute" })
      yield* Layers.standard("mail", Layers.presets.externalHttp)
      const mail = { name: "mail", state: "closed" as const, healthy: true }
      assert.deepStrictEqual(yield* Breakers.report, {
        status: "healthy",
        services: [{ name: "search", state: "closed", healthy: true }, mail]
      })
      yield* Effect.exit(search.layer(() => Effect.fail(unavailable))(0))
      assert.deepStrictEqual(yield* Breakers.report, {
        status: "degraded",
        services: [{ name: "search", state: "open", healthy: false }, mail]
      })
      // Nobody called: the time alone makes it half-open.
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Breakers.report, {
        status: "healthy",
        services: [{ name: "search", state: "half-open", healthy: true }, mail]
      })
    }).pipe(isolated))

  it.effect("NB-19 a breaker leaves the list and the metrics with its scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      yield* Layers.circuitBreaker("Breakers.scoped").pipe(Effect.provideService(Scope.Scope, scope))
      assert.lengthOf((yield* Breakers.report).services, 1)
      assert.deepStrictEqual(yield* series("kanau_breaker_state", "Breakers.scoped"), { state: 0 })
      yield* Scope.close(scope, Exit.void)
      assert.lengthOf((yield* Breakers.report).services, 0)
      assert.deepStrictEqual(yield* series("kanau_breaker_state", "Breakers.scoped"), {})
    }).pipe(isolated))

  it.effect("NB-19 metrics tell the state (0, 1, 2) and the calls by result", () =>
    Effect.gen(function*() {
      const name = "Breakers.metrics"
      const breaker = yield* Layers.circuitBreaker(name, { failures: 1, successes: 1, openFor: "1 minute" })
      const call = breaker.layer((outcome: Effect.Effect<string, typeof unavailable>) => outcome)
      const state = Effect.map(series("kanau_breaker_state", name), (all) => all["state"])
      assert.strictEqual(yield* state, 0)
      yield* call(Effect.succeed("an exit"))
      yield* call(Effect.sync(() => "an effect"))
      yield* Effect.exit(call(Effect.interrupt))
      yield* Effect.exit(call(Effect.fail(unavailable)))
      assert.strictEqual(yield* state, 2)
      yield* Effect.exit(call(Effect.succeed("refused")))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* state, 1)
      yield* call(Effect.succeed("probe"))
      assert.strictEqual(yield* state, 0)
      assert.deepStrictEqual(yield* series("kanau_breaker_calls_total", name), { success: 3, failure: 1, refused: 1 })
    }).pipe(isolated))

  it.effect("NB-17 what a processor throws, instead of returning it, opens the breaker as any defect", () =>
    Effect.gen(function*() {
      const breaker = yield* Layers.circuitBreaker("Breakers.thrown", { failures: 1, openFor: "1 minute" })
      const call = breaker.layer((_: void): Effect.Effect<void> => {
        throw new Error("thrown")
      })
      assert.isTrue(Exit.hasDies(yield* Effect.exit(call())))
      assert.strictEqual(yield* breaker.state, "open")
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Exit.hasDies(yield* Effect.exit(call())))
      assert.strictEqual(yield* breaker.state, "open")
    }).pipe(isolated))

  it.effect("NB-18 retries and time-outs are counted by operation", () =>
    Effect.gen(function*() {
      const name = "Breakers.standard"
      const protection = yield* Layers.standard(name, {
        timeout: "1 second",
        retry: { times: 2, base: 0 },
        idempotent: true
      })
      const call = yield* Effect.forkChild(Effect.exit(protection.layer((_: void) => Effect.never)()), {
        startImmediately: true
      })
      yield* TestClock.adjust("1 minute")
      assert.isDefined(call.pollUnsafe())
      const count = (id: string) =>
        Effect.map(Metric.snapshot, (all) =>
          all.filter((one) => one.id === id && one.attributes?.["operation"] === name).map(({ state }) => state))
      assert.deepStrictEqual(yield* count("kanau_timeouts_total"), [{ count: 3, incremental: true }])
      assert.deepStrictEqual(yield* count("kanau_retries_total"), [{ count: 2, incremental: true }])
    }).pipe(isolated))
})
