import { assert, describe, it } from "@effect/vitest"
import { Breakers, KeyValue } from "@kanau/core"
import { RedisKeyValue } from "@kanau/redis"
import { FaultProxy, KeyValueConformance, Servers } from "@kanau/testing"
import { Effect, Logger, Option, Redacted, Schedule } from "effect"

const redis = await Servers.redisPrefix()
const at = new URL(redis.url)

KeyValueConformance.suite(
  "KeyValue on Redis",
  RedisKeyValue.layer({ url: Redacted.make(redis.url), prefix: `${redis.name}conformance:`, timeout: "2 seconds" })
)

describe("KeyValue on a Redis that fails", () => {
  const proxied = <A, E>(
    test: (store: KeyValue.KeyValueService, proxy: FaultProxy.FaultProxy) => Effect.Effect<A, E>,
    from: FaultProxy.Toxics = {},
    timeout: "200 millis" | "20 seconds" = "200 millis"
  ) =>
    Effect.gen(function*() {
      const proxy = yield* Effect.acquireRelease(
        Effect.promise(() => FaultProxy.start({ host: at.hostname, port: Number(at.port || 6379) })),
        (open) => Effect.promise(() => open.close())
      )
      proxy.set(from)
      const url = new URL(redis.url)
      url.host = `127.0.0.1:${proxy.port}`
      const layer = RedisKeyValue.layer({
        url: Redacted.make(url.href),
        prefix: `${redis.name}${proxy.port}:`,
        timeout,
        breaker: { openFor: "50 millis" }
      })
      return yield* Effect.provide(KeyValue.KeyValue.use((store) => test(store, proxy)), layer)
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([])))

  const recovered = (store: KeyValue.KeyValueService) =>
    Effect.retry(store.set("k", "back", 60_000), { schedule: Schedule.spaced("20 millis") }).pipe(
      Effect.timeout("10 seconds"),
      Effect.andThen(store.get("k")),
      Effect.map((value) => assert.deepStrictEqual(value, Option.some("back")))
    )

  const failsWithin = (store: KeyValue.KeyValueService, millis: number) =>
    Effect.gen(function*() {
      const began = performance.now()
      const fault = yield* Effect.flip(store.get("k"))
      assert.isBelow(performance.now() - began, millis)
      assert.strictEqual(fault.kind, "unavailable")
      assert.strictEqual(fault.dependency, "redis")
      return fault
    })

  it.live("AR-4 the layer builds with Redis down; operations fail at once, and work when it comes", () =>
    proxied((store, proxy) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* failsWithin(store, 150)).reason, "not connected")
        proxy.set({})
        yield* recovered(store)
      }), { down: true }))

  it.live("before Redis has greeted, operations do not wait for it", () =>
    proxied((store) => failsWithin(store, 5000), { blackhole: true }, "20 seconds"))

  it.live("a connection that is cut fails what is in flight and what follows, and comes back", () =>
    proxied((store, proxy) =>
      Effect.gen(function*() {
        yield* store.set("k", "v", 60_000)
        proxy.set({ down: true })
        yield* Effect.flip(store.get("k")).pipe(
          Effect.retry({ schedule: Schedule.spaced("10 millis") }),
          Effect.timeout("5 seconds")
        )
        yield* failsWithin(store, 150)
        proxy.set({})
        yield* recovered(store)
      })
    ))

  it.live("a Redis that does not answer fails each command within its time-out, and recovers", () =>
    proxied((store, proxy) =>
      Effect.gen(function*() {
        yield* store.set("k", "v", 60_000)
        proxy.set({ blackhole: true })
        const faults = yield* Effect.forEach(
          Array.from({ length: 20 }),
          () => failsWithin(store, 1000),
          { concurrency: "unbounded" }
        )
        assert.lengthOf(faults, 20)
        proxy.set({})
        yield* recovered(store)
      })
    ))

  it.live("what was not answered is not sent again behind our back", () =>
    proxied((store, proxy) =>
      Effect.gen(function*() {
        proxy.set({ blackhole: true })
        yield* Effect.flip(store.set("stale", "old", 60_000))
        proxy.set({ down: true })
        proxy.set({})
        yield* recovered(store)
        assert.deepStrictEqual(yield* store.get("stale"), Option.none())
      })
    ))

  it.live("NB-19 commands go through a breaker that is listed, opens when Redis fails, and closes when it is back", () =>
    proxied((store, proxy) =>
      Effect.gen(function*() {
        yield* store.set("k", "v", 60_000)
        const state = Effect.map(Breakers.report, ({ services }) => services)
        assert.deepStrictEqual(yield* state, [{ name: "redis", state: "closed", healthy: true }])
        proxy.set({ down: true })
        const refused = yield* Effect.flip(store.get("k")).pipe(
          Effect.repeat({ until: ({ reason }) => reason.includes("not called for now") }),
          Effect.timeout("5 seconds")
        )
        assert.strictEqual(refused.dependency, "redis")
        assert.notDeepEqual(yield* state, [{ name: "redis", state: "closed", healthy: true }])
        proxy.set({})
        yield* recovered(store)
        yield* store.get("k")
        assert.deepStrictEqual(yield* state, [{ name: "redis", state: "closed", healthy: true }])
      })
    ).pipe(Effect.provideService(Breakers.Breakers, new Set())))

  it.live("AR-5 a fault never tells the password", () =>
    Effect.gen(function*() {
      const url = new URL(redis.url)
      url.password = "hunter2-secret"
      const layer = RedisKeyValue.layer({ url: Redacted.make(url.href), prefix: redis.name })
      const outcome = yield* Effect.exit(Effect.provide(KeyValue.KeyValue.use((store) => store.get("k")), layer))
      assert.notInclude(JSON.stringify(outcome), "hunter2")
    }).pipe(Effect.provide(Logger.layer([]))))
})
