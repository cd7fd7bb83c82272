/**
 * The suite every adapter of the shared rate limit passes. Call it in a test file of the adapter:
 *
 * ```ts
 * TokenBucketConformance.suite("memory", TokenBucket.layerMemory())
 * ```
 *
 * The layer's store must be empty, or have a prefix of its own. Time is the store's and cannot be set, so the suite
 * knows each moment only as lying between two looks at its own clock, and checks what follows for every moment between.
 */
import { TokenBucket } from "@kanau/core"
import { Clock, Duration, Effect, type Layer, Random } from "effect"
import { describe, expect, test } from "vitest"

/** Registers the cases with vitest. */
export const suite = (name: string, layer: Layer.Layer<TokenBucket.TokenBucket, unknown>): void => {
  const check = (
    title: string,
    body: (buckets: TokenBucket.TokenBucketService) => Effect.Effect<unknown, unknown>
  ): void => {
    test(title, () => Effect.runPromise(Effect.provide(TokenBucket.TokenBucket.use(body), layer)))
  }
  /** So slow that nothing comes back while a test runs. */
  const hourly = (burst: number): TokenBucket.Rate => ({ limit: 1, per: "1 hour", burst })

  describe(name, () => {
    check("allows the burst, then refuses and says when the next call fits", (buckets) =>
      Effect.gen(function*() {
        const take = buckets.take("burst", hourly(3))
        for (const remaining of [2, 1, 0]) expect(yield* take).toEqual({ isAllowed: true, remaining })
        const refused = yield* take
        expect(refused.isAllowed).toBe(false)
        const wait = refused.isAllowed ? 0 : refused.retryAfterMillis
        expect(wait).toBeGreaterThan(3_600_000 - 60_000)
        expect(wait).toBeLessThanOrEqual(3_600_000)
        expect(Number.isInteger(wait)).toBe(true)
      }))

    check("without a burst the bucket holds the limit", (buckets) =>
      Effect.gen(function*() {
        const take = buckets.take("no-burst", { limit: 2, per: "1 hour" })
        expect([(yield* take).isAllowed, (yield* take).isAllowed, (yield* take).isAllowed]).toEqual([true, true, false])
      }))

    check("keeps keys apart, whatever characters they have", (buckets) =>
      Effect.gen(function*() {
        const keys = ["k:1", "k:1:", "k.1", "k/1", "K:1", "k*", "k?", "{k}", "__proto__", "ключ"]
        for (const key of keys) expect((yield* buckets.take(key, hourly(1))).isAllowed).toBe(true)
        for (const key of keys) expect((yield* buckets.take(key, hourly(1))).isAllowed).toBe(false)
      }))

    check(
      "a refused call takes nothing: after the wait it was told, the next one is allowed",
      (buckets) =>
        Effect.gen(function*() {
          const take = buckets.take("wait", { limit: 1, per: "150 millis" })
          yield* take
          let refused = yield* take
          for (let at = 0; at < 20; at++) refused = yield* take
          yield* Effect.sleep(refused.isAllowed ? 0 : refused.retryAfterMillis + 1)
          expect((yield* take).isAllowed).toBe(true)
        })
    )

    check("of many at once, as many are allowed as fit", (buckets) =>
      Effect.gen(function*() {
        const began = yield* millis
        const taken = yield* Effect.forEach(
          Array.from({ length: 300 }),
          () => buckets.take("parallel", { limit: 10, per: "1 second", burst: 25 }),
          { concurrency: "unbounded" }
        )
        const allowed = taken.filter(({ isAllowed }) => isAllowed).length
        expect(allowed).toBeGreaterThanOrEqual(25)
        expect(allowed).toBeLessThanOrEqual(25 + Math.ceil(((yield* millis) - began + 1) / 100))
      }))

    for (const seed of [1, 2, 3, 4]) {
      check(
        `does what a bucket does, in any order of calls and pauses (seed ${seed})`,
        (buckets) =>
          Effect.gen(function*() {
            const limit = yield* Random.nextIntBetween(1, 40)
            const burst = yield* Random.nextIntBetween(1, 6)
            const price = yield* Random.nextIntBetween(20, 200)
            const rate = { limit, per: Duration.millis(price), burst }
            const model = makeModel(limit, price, price * burst)
            for (let call = 0; call < 60; call++) {
              // Short pauses are common, so that the bucket really runs dry.
              const pause = yield* Random.nextIntBetween(0, 10)
              if (pause > 6) yield* Effect.sleep(pause * 2)
              const before = yield* millis
              const taken = yield* buckets.take(`model-${seed}`, rate)
              model(before, yield* millis, taken)
            }
          }).pipe(Random.withSeed(seed))
      )
    }
  })
}

const millis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/**
 * A bucket whose calls happen somewhere between two moments, and which therefore holds something between `least` and
 * `most`. Counted in millisecond-calls. A store may round to whole milliseconds, one way or the other.
 */
const makeModel = (limit: number, price: number, full: number) => {
  let least = full
  let most = full
  let last: { readonly before: number; readonly after: number } | undefined
  return (before: number, after: number, taken: TokenBucket.Taken): void => {
    if (last !== undefined) {
      least = Math.min(full, least + Math.max(0, before - last.after - 1) * limit)
      most = Math.min(full, most + (after - last.before + 1) * limit)
    }
    last = { before, after }
    if (taken.isAllowed) {
      expect(most).toBeGreaterThanOrEqual(price)
      least = Math.max(0, least - price)
      most -= price
      expect(taken.remaining).toBeGreaterThanOrEqual(Math.floor(least / price) - 1)
      expect(taken.remaining).toBeLessThanOrEqual(Math.floor(most / price))
    } else {
      expect(least).toBeLessThan(price)
      expect(taken.retryAfterMillis).toBeGreaterThanOrEqual(Math.max(1, Math.ceil((price - most) / limit)))
      expect(taken.retryAfterMillis).toBeLessThanOrEqual(Math.ceil((price - least) / limit) + 1)
      most = Math.min(most, price)
    }
  }
}
