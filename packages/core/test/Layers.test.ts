import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric, pipe } from "effect"
import { TestClock } from "effect/testing"
import { Fault, Layers } from "../src/index.ts"

const unavailable = new Fault.Unavailable({ dependency: "test", reason: "down" })

describe("Layers", () => {
  it.effect("KN-4 timeout fails with a TimedOut fault and interrupts the call", () =>
    Effect.gen(function*() {
      let interrupted = false
      const slow = pipe(
        (_: void) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (interrupted = true))),
        Layers.timeout("slow", "2 seconds")
      )
      const running = yield* Effect.forkChild(Effect.flip(slow()))
      yield* TestClock.adjust("2 seconds")
      const fault = yield* Fiber.join(running)
      assert.strictEqual(fault.kind, "timeout")
      assert.isTrue(interrupted)
    }))

  it.effect("KN-4 retry repeats transient faults as often as told, and nothing else", () =>
    Effect.gen(function*() {
      const calls = (error: Fault.Unavailable | Fault.Invariant) =>
        Effect.gen(function*() {
          let made = 0
          const failing = pipe(
            (_: void) => Effect.suspend(() => Effect.fail((made++, error))),
            Layers.retry({ times: 3 })
          )
          const running = yield* Effect.forkChild(Effect.flip(failing()))
          yield* TestClock.adjust("1 minute")
          assert.strictEqual(yield* Fiber.join(running), error)
          return made
        })
      assert.strictEqual(yield* calls(unavailable), 4)
      assert.strictEqual(yield* calls(new Fault.Invariant({ reason: "bug" })), 1)
    }))

  it.effect("KN-4 meter counts calls by outcome", () =>
    Effect.gen(function*() {
      const metered = pipe(
        (ok: boolean) => ok ? Effect.void : Effect.fail(unavailable),
        Layers.meter("Layers.test")
      )
      yield* metered(true)
      yield* metered(true)
      yield* Effect.flip(metered(false))
      const counts = (yield* Metric.snapshot)
        .filter((metric) => metric.id === "kanau_processed_total" && metric.attributes?.["operation"] === "Layers.test")
        .map((metric) => [metric.attributes?.["outcome"], "count" in metric.state ? Number(metric.state.count) : 0])
      assert.deepStrictEqual(Object.fromEntries(counts), { ok: 2, unavailable: 1 })
    }))
})
