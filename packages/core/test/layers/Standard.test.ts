import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric } from "effect"
import { TestClock } from "effect/testing"
import { Layers } from "../../src/index.ts"
import { shapeOf } from "../../src/internal/shape.ts"
import { makeControlled, settle, start, unavailable } from "./support.ts"

const counted = (operation: string) =>
  Effect.map(Metric.snapshot, (metrics) =>
    Object.fromEntries(
      metrics
        .filter(({ attributes, id }) => id === "kanau_processed_total" && attributes?.["operation"] === operation)
        .map(({ attributes, state }) => [attributes?.["outcome"], "count" in state ? Number(state.count) : 0])
    ))

const options = {
  timeout: "1 second",
  retry: { times: 2, base: 0 },
  breaker: { failures: 2, openFor: "1 minute" }
} as const

describe("Layers.standard", () => {
  it.effect("NB-18 time-out inside retry inside breaker; counter outside", () =>
    Effect.gen(function*() {
      const name = "Standard.order"
      const dependency = makeControlled()
      const protection = yield* Layers.standard(name, { ...options, idempotent: true })
      const call = protection.layer(dependency.process)
      const fail = Effect.gen(function*() {
        const running = yield* start(Effect.flip(call("x")))
        for (let attempt = 0; attempt < 3; attempt++) {
          yield* TestClock.adjust("1 second")
          yield* settle
        }
        return (yield* Fiber.join(running))._tag
      })
      // Every attempt has the whole second, and three of them are one failure for the breaker.
      assert.strictEqual(yield* fail, "TimedOut")
      assert.strictEqual(dependency.begun(), 3)
      assert.strictEqual(yield* protection.state, "closed")
      assert.strictEqual(yield* fail, "TimedOut")
      assert.strictEqual(yield* protection.state, "open")
      assert.isFalse(yield* protection.isReady)
      // A refusal is neither retried nor sent on, but it is counted.
      assert.strictEqual((yield* Effect.flip(call("x")))._tag, "CircuitOpen")
      assert.strictEqual(dependency.begun(), 6)
      assert.deepStrictEqual(yield* counted(name), { timeout: 2, unavailable: 1 })
    }))

  it.effect("NB-18 calls are not retried unless they are declared idempotent", () =>
    Effect.gen(function*() {
      const attempts = (idempotent?: boolean) =>
        Effect.gen(function*() {
          let made = 0
          const protection = yield* Layers.standard("Standard.idempotent", {
            ...options,
            ...(idempotent === undefined ? {} : { idempotent })
          })
          const call = protection.layer((_: void) => Effect.suspend(() => Effect.fail((made++, unavailable))))
          const running = yield* start(Effect.flip(call()))
          yield* TestClock.adjust("1 second")
          yield* Fiber.join(running)
          return made
        })
      assert.strictEqual(yield* attempts(), 1)
      assert.strictEqual(yield* attempts(false), 1)
      assert.strictEqual(yield* attempts(true), 3)
    }))

  it.effect("NB-18 the order can be seen: every layer notes itself with its settings", () =>
    Effect.gen(function*() {
      const protection = yield* Layers.standard("Standard.shape", {
        ...options,
        retry: { ...options.retry, deadline: "5 seconds", budget: { share: 0.1 } },
        idempotent: true
      })
      const rules = { errorRate: 0.5, window: 100, minimumCalls: 20, probes: 1, successes: 2 }
      assert.deepStrictEqual(shapeOf(protection.layer(Effect.succeed<string>)).layers, [
        { layer: "trace", settings: { name: "Standard.shape", kind: "internal" } },
        { layer: "meter", settings: { operation: "Standard.shape" } },
        {
          layer: "circuitBreaker",
          settings: { dependency: "Standard.shape", failures: 2, openMillis: 60_000, ...rules }
        },
        {
          layer: "retry",
          settings: { times: 2, baseMillis: 0, capMillis: 30_000, deadlineMillis: 5000, budgetShare: 0.1 }
        },
        { layer: "timeout", settings: { operation: "Standard.shape", limitMillis: 1000 } }
      ])
    }))

  it.effect("NB-18 presets have the numbers that were asked for and make working layers", () =>
    Effect.gen(function*() {
      const { database, ...rest } = Layers.presets
      assert.deepStrictEqual(database, {
        timeout: "10 seconds",
        breaker: { failures: 10, successes: 3, openFor: "30 seconds", errorRate: 0.6 }
      })
      assert.deepStrictEqual(
        Object.entries(rest).map(([name, { breaker, retry, timeout }]) => [
          name,
          timeout,
          breaker.failures,
          breaker.successes,
          breaker.openFor,
          retry.times
        ]),
        [
          ["grpc", "30 seconds", 5, 2, "60 seconds", 3],
          ["redis", "5 seconds", 3, 2, "15 seconds", 2],
          ["externalHttp", "60 seconds", 5, 2, "120 seconds", 5],
          ["broker", "5 seconds", 5, 2, "30 seconds", 3],
          ["objectStorage", "120 seconds", 5, 2, "60 seconds", 5]
        ]
      )
      for (const [name, preset] of Object.entries(Layers.presets)) {
        const protection = yield* Layers.standard(name, preset)
        assert.strictEqual(yield* protection.layer((input: number) => Effect.succeed(input + 1))(1), 2)
      }
    }))
})
