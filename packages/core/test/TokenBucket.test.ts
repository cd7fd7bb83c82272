import { assert, describe, it } from "@effect/vitest"
import { TokenBucket } from "@kanau/core"
import { TokenBucketConformance } from "@kanau/testing"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"

TokenBucketConformance.suite("KN-4 TokenBucket in memory", TokenBucket.layerMemory())

describe("TokenBucket in memory", () => {
  const rate = { limit: 3, per: 1000, burst: 5 }
  const Gaps = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 900 })))
    .check(Schema.isMinLength(5), Schema.isMaxLength(60))

  it.effect.prop(
    "KN-4 allows exactly the calls that fit: in no stretch of time more than the burst and the rate",
    { gaps: Gaps },
    ({ gaps }) =>
      Effect.gen(function*() {
        const buckets = yield* TokenBucket.TokenBucket
        const admitted: Array<number> = []
        let now = 0
        const fits = (at: number) =>
          [...admitted, at].every((from, index) =>
            (admitted.length + 1 - index) * rate.per <= rate.burst * rate.per + (at - from) * rate.limit
          )
        for (const gap of gaps) {
          const millis = gap > 600 ? gap * 3 : gap % 100
          now += millis
          yield* TestClock.adjust(millis)
          const taken = yield* buckets.take("k", rate)
          assert.strictEqual(taken.isAllowed, fits(now))
          if (taken.isAllowed) admitted.push(now)
          else {
            assert.isTrue(fits(now + taken.retryAfterMillis))
            assert.isFalse(fits(now + taken.retryAfterMillis - 1))
          }
        }
      }).pipe(Effect.provide(TokenBucket.layerMemory())),
    { arbitrary: { runs: 100, size: 60 } }
  )

  it.effect("KN-4 forgets full buckets before those that still count", () =>
    Effect.gen(function*() {
      const buckets = yield* TokenBucket.TokenBucket
      const slow = { limit: 1, per: "1 hour" } as const
      yield* buckets.take("counts", slow)
      yield* buckets.take("full soon", { limit: 1, per: "1 second" })
      yield* TestClock.adjust("1 second")
      yield* buckets.take("new", slow)
      assert.isFalse((yield* buckets.take("counts", slow)).isAllowed)
      assert.isFalse((yield* buckets.take("new", slow)).isAllowed)
      // With nothing full to forget, the oldest goes.
      yield* buckets.take("newest", slow)
      assert.isTrue((yield* buckets.take("counts", slow)).isAllowed)
    }).pipe(Effect.provide(TokenBucket.layerMemory({ capacity: 2 }))))
})
