import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { BusSteps, FaultProxy, Servers } from "@kanau/testing"
import { Clock, Deferred, Effect, Redacted } from "effect"
import { operate } from "./fixture.ts"

const { ack, collect, declared, eventually, healthy, message, publishes, retry } = BusSteps

const place = await Servers.natsPrefix()
const layer = (url: string, prefix: string) =>
  NatsBus.layer({ url: Redacted.make(url), prefix: `${place.name}_${prefix}_`, pingMillis: 500 })

const stream = (prefix: string, name: string) => `${place.name}_${prefix}_${name}`

describe("NATS bus and its connection", () => {
  it.live("a server that is down at the start delays work but not the process, and the health check says so", () =>
    Effect.gen(function*() {
      const proxy = yield* FaultProxy.scoped(place.url)
      proxy.set({ down: true })
      yield* Effect.gen(function*() {
        const bus = yield* Bus.Bus
        assert.isFalse(yield* healthy)
        const begin = yield* Clock.currentTimeMillis
        const fault = yield* Effect.flip(bus.publish(message("1")))
        assert.strictEqual(fault._tag, "Unavailable")
        assert.isBelow((yield* Clock.currentTimeMillis) - begin, 3000)
        proxy.set({})
        yield* eventually("it is healthy", healthy)
        yield* declared
        yield* bus.publish(message("2"))
      }).pipe(Effect.scoped, Effect.provide(layer(proxy.url, "start")))
    }))

  it.live("NF-4 a publish that the server never answers is Unconfirmed; made again it is stored once", () =>
    Effect.gen(function*() {
      const proxy = yield* FaultProxy.scoped(place.url)
      yield* Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        yield* bus.publish(message("1"))
        proxy.set({ blackhole: true })
        const fault = yield* Effect.flip(bus.publish(message("2")))
        assert.strictEqual(fault._tag, "Unconfirmed")
        assert.isFalse(yield* healthy)
        proxy.set({})
        yield* eventually("publishing goes on", publishes(message("2")))
        yield* bus.publish(message("1"))
        yield* bus.publish(message("2"))
        assert.strictEqual((yield* bus.status("q"))?.ready, 2)
      }).pipe(Effect.scoped, Effect.provide(layer(proxy.url, "silent")))
    }))

  it.live("NF-6 a consumer whose server falls silent goes on when it speaks again, and loses nothing", () =>
    Effect.gen(function*() {
      const proxy = yield* FaultProxy.scoped(place.url)
      yield* Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const seen = new Set<string>()
        const hold = yield* Deferred.make<void>()
        yield* bus.consume("q", { prefetch: 4 }, ({ envelope }) => {
          seen.add(envelope.subject)
          return Effect.as(Deferred.await(hold), ack)
        })
        for (let n = 0; n < 20; n++) yield* bus.publish(message(`${n}`))
        yield* eventually("some are handled", Effect.sync(() => seen.size === 4))
        proxy.set({ blackhole: true })
        yield* Deferred.succeed(hold, undefined)
        yield* eventually("the silence is noticed", Effect.map(healthy, (is) => !is))
        proxy.set({})
        yield* eventually("all arrive", Effect.sync(() => seen.size === 20))
        yield* eventually("none is left", Effect.map(bus.status("q"), (status) => status?.ready === 0))
      }).pipe(Effect.scoped, Effect.provide(layer(proxy.url, "stalled")))
    }))

  it.live("NF-6 what was handled without a connection comes again at once when it is back", () =>
    Effect.gen(function*() {
      const proxy = yield* FaultProxy.scoped(place.url)
      yield* Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        const hold = yield* Deferred.make<void>()
        let times = 0
        yield* bus.consume("q", { prefetch: 1 }, () => {
          times++
          return Effect.as(Deferred.await(hold), ack)
        })
        yield* bus.publish(message("1"))
        yield* eventually("it is handled", Effect.sync(() => times === 1))
        proxy.set({ down: true })
        yield* eventually("the loss is noticed", Effect.map(healthy, (is) => !is))
        yield* Deferred.succeed(hold, undefined)
        proxy.set({})
        const begin = yield* Clock.currentTimeMillis
        yield* eventually("it comes again", Effect.sync(() => times === 2))
        // Left to itself, the server would wait ten seconds.
        assert.isBelow((yield* Clock.currentTimeMillis) - begin, 6000)
      }).pipe(Effect.scoped, Effect.provide(layer(proxy.url, "back")))
    }))

  it.live("closing gives up on a server that no longer answers within seconds", () =>
    Effect.gen(function*() {
      const proxy = yield* FaultProxy.scoped(place.url)
      const begin = yield* Effect.gen(function*() {
        yield* declared
        yield* collect("q")
        proxy.set({ blackhole: true })
        return yield* Clock.currentTimeMillis
      }).pipe(Effect.scoped, Effect.provide(layer(proxy.url, "closing")))
      assert.isBelow((yield* Clock.currentTimeMillis) - begin, 15_000)
    }))
})

describe("NATS bus and what an operator does", () => {
  it.live("NF-6 bindings that were deleted are made again, and publishing goes on", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const seen = yield* collect("q")
      yield* bus.publish(message("1"))
      yield* operate(place.url, (manager) => manager.streams.delete(stream("bindings", "=bindings")))
      yield* bus.publish(message("2"))
      yield* eventually("both arrive", Effect.sync(() => seen.length === 2))
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "bindings"))))

  it.live("NF-6 a queue that was deleted is declared again, and its consumer goes on", () =>
    Effect.gen(function*() {
      yield* declared
      const seen = yield* collect("q")
      yield* operate(place.url, (manager) => manager.streams.delete(stream("deleted", "q")))
      yield* eventually("there is a queue again", publishes(message("1")))
      yield* eventually("the message arrives", Effect.sync(() => seen.includes("1")))
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "deleted"))))

  it.live("NF-6 a consumer that was deleted is made again, and what it held is delivered again", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const seen: Array<string> = []
      const hold = yield* Deferred.make<void>()
      yield* bus.consume("q", { prefetch: 2 }, ({ envelope }) => {
        seen.push(envelope.subject)
        return Effect.as(Deferred.await(hold), ack)
      })
      yield* bus.publish(message("1"))
      yield* eventually("it is handled", Effect.sync(() => seen.length === 1))
      yield* operate(place.url, (manager) => manager.consumers.delete(stream("consumer", "q"), "kanau"))
      yield* Deferred.succeed(hold, undefined)
      yield* bus.publish(message("2"))
      yield* eventually("both arrive", Effect.sync(() => seen.length === 3))
      assert.deepStrictEqual(seen, ["1", "1", "2"])
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "consumer"))))

  it.live("NF-4 a stream that is full takes no more, which is Unavailable; with room it goes on", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      yield* operate(place.url, (manager) => manager.streams.update(stream("full", "q"), { max_msgs: 2 }))
      yield* bus.publish(message("1"))
      yield* bus.publish(message("2"))
      const fault = yield* Effect.flip(bus.publish(message("3")))
      assert.strictEqual(fault._tag, "Unavailable")
      assert.include(fault.message, "maximum messages exceeded")
      const seen = yield* collect("q")
      yield* eventually("there is room", publishes(message("3")))
      yield* eventually("all arrive, once", Effect.sync(() => seen.length === 3))
      // Declaring again leaves the limit as it is.
      yield* declared
      const { config } = yield* operate(place.url, (manager) => manager.streams.info(stream("full", "q")))
      assert.strictEqual(config.max_msgs, 2)
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "full"))))

  it.live("NF-1 a message whose copy cannot be stored goes back to its queue and is not lost", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const full = { max_msgs: 1 }
      yield* operate(place.url, (manager) => manager.streams.update(stream("copy", "q=delayed"), full))
      const attempts: Array<string> = []
      yield* bus.consume("q", { prefetch: 2 }, ({ attempt, envelope }) => {
        attempts.push(`${envelope.subject} ${attempt}`)
        return Effect.succeed(attempts.length <= 2 ? retry(60_000) : ack)
      })
      yield* bus.publish(message("1"))
      yield* bus.publish(message("2"))
      yield* eventually("it comes back", Effect.sync(() => attempts.length === 3))
      assert.deepStrictEqual(attempts, ["1 1", "2 1", "2 1"])
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "copy"))))

  it.live("NF-4 a message too large for the server is Invariant, also when only its retries would be too large", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const limit = 8_388_608
      for (const size of [limit + 1, limit - 1000]) {
        const fault = yield* Effect.flip(bus.publish(message(`${size}`, new Uint8Array(size))))
        assert.strictEqual(fault._tag, "Invariant")
        assert.include(fault.message, "Raise max_payload")
      }
      const wordy = yield* Effect.flip(bus.publish({ ...message("wordy"), correlationid: "x".repeat(60_000) }))
      assert.strictEqual(wordy._tag, "Invariant")
      const parcel = { attributes: {}, data: new Uint8Array(limit) }
      assert.strictEqual((yield* Effect.flip(bus.send("q", parcel)))._tag, "Invariant")
      yield* bus.publish({ ...message("less wordy"), correlationid: "x".repeat(48_000) })
      assert.strictEqual((yield* Effect.flip(bus.broadcast("a", new Uint8Array(limit + 1))))._tag, "Invariant")
      yield* bus.publish(message("fits", new Uint8Array(limit - 20_000)))
      assert.isTrue(yield* healthy)
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "large"))))

  it.live("a handler that takes longer than the server waits keeps its message (pg-boss #592)", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      yield* operate(place.url, (manager) => manager.consumers.update(stream("slow", "q"), "kanau", { ack_wait: 6e8 }))
      const seen: Array<string> = []
      const hold = yield* Deferred.make<void>()
      yield* bus.consume("q", { prefetch: 2 }, ({ envelope }) => {
        seen.push(envelope.subject)
        return Effect.as(Deferred.await(hold), ack)
      })
      // Should the test fail, closing must not wait for the handler.
      yield* Effect.addFinalizer(() => Deferred.succeed(hold, undefined))
      yield* bus.publish(message("1"))
      // Three times as long as the server waits: delivered again, it would be here by then.
      yield* Effect.sleep("1800 millis")
      assert.deepStrictEqual(seen, ["1"])
      yield* Deferred.succeed(hold, undefined)
      yield* eventually("it is gone", Effect.map(bus.status("q"), (status) => status?.ready === 0))
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "slow"))))
})
