import { assert, describe, it } from "@effect/vitest"
import { TokenBucket } from "@kanau/core"
import { RedisTokenBucket } from "@kanau/redis"
import { FaultProxy, Servers, TokenBucketConformance } from "@kanau/testing"
import { Effect, Logger, Redacted } from "effect"
import { Redis } from "ioredis"

const redis = await Servers.redisPrefix()
const at = new URL(redis.url)

const layer = (prefix: string, url = redis.url) =>
  RedisTokenBucket.layer({ url: Redacted.make(url), prefix: `${redis.name}${prefix}:`, timeout: "2 seconds" })

TokenBucketConformance.suite("KN-4 TokenBucket on Redis", layer("conformance"))

/** Redis itself. */
const plain = Effect.acquireRelease(
  Effect.sync(() => new Redis(redis.url)),
  (client) => Effect.sync(() => client.disconnect())
)

describe("TokenBucket on Redis", () => {
  it.live("KN-4 a key is there until its bucket is full again, and not longer", () =>
    Effect.gen(function*() {
      const client = yield* plain
      const buckets = yield* TokenBucket.TokenBucket
      const left = (key: string) => Effect.promise(() => client.pttl(`${redis.name}expiry:${key}`))
      yield* buckets.take("slow", { limit: 2, per: "1 hour", burst: 4 })
      const oneMissing = yield* left("slow")
      assert.isAtMost(oneMissing, 1_800_000)
      assert.isAbove(oneMissing, 1_740_000)
      yield* buckets.take("slow", { limit: 2, per: "1 hour", burst: 4 })
      const twoMissing = yield* left("slow")
      assert.isAtMost(twoMissing, 3_600_000)
      assert.isAbove(twoMissing, 3_540_000)
    }).pipe(Effect.provide(layer("expiry")), Effect.scoped))

  it.live("KN-4 processes share a bucket, and a Redis that forgot the script is told it again", () =>
    Effect.gen(function*() {
      const client = yield* plain
      const take = Effect.provide(
        TokenBucket.TokenBucket.use((buckets) => buckets.take("k", { limit: 1, per: "1 hour", burst: 2 })),
        layer("shared")
      )
      assert.isTrue((yield* take).isAllowed)
      yield* Effect.promise(() => client.script("FLUSH"))
      assert.isTrue((yield* take).isAllowed)
      assert.isFalse((yield* take).isAllowed)
    }).pipe(Effect.scoped))

  it.live("KN-9 without Redis taking fails at once as a value that names it", () =>
    Effect.gen(function*() {
      const proxy = yield* Effect.acquireRelease(
        Effect.promise(() => FaultProxy.start({ host: at.hostname, port: Number(at.port || 6379) })),
        (open) => Effect.promise(() => open.close())
      )
      proxy.set({ down: true })
      const url = new URL(redis.url)
      url.host = `127.0.0.1:${proxy.port}`
      const fault = yield* TokenBucket.TokenBucket.use((buckets) => buckets.take("k", { limit: 1, per: "1 hour" }))
        .pipe(
          Effect.flip,
          Effect.provide(layer("down", url.href))
        )
      assert.deepStrictEqual([fault._tag, fault.dependency], ["Unavailable", "redis"])
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([]))))
})
