import { assert, describe, it } from "@effect/vitest"
import { Backoff } from "@kanau/core"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

describe("Backoff", () => {
  it.effect("NB-12 pauses double up to the longest, and begin anew after an attempt that lasted", () =>
    Effect.gen(function*() {
      const attempts: Array<number> = []
      /** Each attempt lasts so long before it fails. */
      const lasts = [0, 0, 0, 0, 0, 0, 0, 0, 5000, 0, 0]
      const attempt = Effect.gen(function*() {
        attempts.push(yield* Clock.currentTimeMillis)
        const millis = lasts[attempts.length - 1]
        if (millis === undefined) return
        yield* Effect.sleep(millis)
        return yield* Effect.fail("down")
      })
      const fiber = yield* Effect.forkChild(Effect.retry(attempt, Backoff.upTo("2 seconds")))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0) - (lasts[index] ?? 0))
      const about = [100, 200, 400, 800, 1600, 2000, 2000, 2000, 100, 200, 400]
      assert.lengthOf(pauses, about.length)
      for (const [at, pause] of pauses.entries()) {
        assert.isAtLeast(pause, about[at]! * 0.79, `pause ${at}`)
        assert.isAtMost(pause, about[at]! * 1.21, `pause ${at}`)
      }
    }))
})
