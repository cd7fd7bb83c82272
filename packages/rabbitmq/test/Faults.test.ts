import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { RabbitBus } from "@kanau/rabbitmq"
import { BusSteps, FaultProxy, OwnServers, Servers } from "@kanau/testing"
import { type Channel, connect } from "amqplib"
import { Clock, Deferred, Effect, Redacted } from "effect"

const { ack, collect, declared, eventually, healthy, message, publishes } = BusSteps

const place = await Servers.rabbitmqVhost()
/** A proxy to the broker, closed with the test. */
const proxied = Effect.map(FaultProxy.scoped(place.url), (proxy) => {
  const url = new URL(proxy.url)
  url.searchParams.set("heartbeat", "1")
  return { proxy, url: url.href }
})

const layer = (url: string, prefix: string) =>
  RabbitBus.layer({ url: Redacted.make(url), prefix: `${place.name}.${prefix}.`, delays: [50] })

/** What an operator does, past the bus. */
const operate = <A>(use: (channel: Channel) => Promise<A>): Effect.Effect<A> =>
  Effect.promise(async () => {
    const model = await connect(place.url)
    try {
      return await use(await model.createChannel())
    } finally {
      await model.close()
    }
  })

describe("RabbitMQ bus and its connection", () => {
  it.live("a broker that is down at the start delays work but not the process, and the health check says so", () =>
    Effect.gen(function*() {
      const { proxy, url } = yield* proxied
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
      }).pipe(Effect.scoped, Effect.provide(layer(url, "start")))
    }))

  it.live("NF-4 a publish that the broker never answers is Unconfirmed, and may have been stored", () =>
    Effect.gen(function*() {
      const { proxy, url } = yield* proxied
      yield* Effect.gen(function*() {
        const bus = yield* Bus.Bus
        yield* declared
        yield* bus.publish(message("1"))
        proxy.set({ blackhole: true })
        const fault = yield* Effect.flip(bus.publish(message("2")))
        assert.strictEqual(fault._tag, "Unconfirmed")
        assert.isFalse(yield* healthy)
      }).pipe(Effect.scoped, Effect.provide(layer(url, "silent")))
    }))

  it.live("NF-6 an exchange that was deleted is declared again with all bindings, and publishing goes on", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const seen = yield* collect("q")
      yield* operate((channel) => channel.deleteExchange(`${place.name}.deleted.kanau.messages`))
      const fault = yield* Effect.flip(bus.publish(message("1")))
      assert.strictEqual(fault._tag, "Unconfirmed")
      yield* eventually("publishing goes on", publishes(message("2")))
      yield* eventually("the message arrives", Effect.sync(() => seen.includes("2")))
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "deleted"))))

  it.live("NF-6 a queue that was deleted is declared again, and its consumer goes on", () =>
    Effect.gen(function*() {
      yield* declared
      const seen = yield* collect("q")
      yield* operate((channel) => channel.deleteQueue(`${place.name}.cancelled.q`))
      yield* eventually("there is a queue again", publishes(message("1")))
      yield* eventually("the message arrives", Effect.sync(() => seen.includes("1")))
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "cancelled"))))

  it.live("NF-2 a dead-lettered copy carries attempts, error, queue, reason and time, and no broker-owned headers", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const failure = { reason: "retries-exhausted", error: "Unavailable: no" } as const
      yield* bus.consume("q", { prefetch: 1 }, ({ attempt }) =>
        Effect.succeed(
          attempt === 1
            ? { _tag: "Retry", delayMillis: 10, failure: { ...failure, reason: "transient-error" } }
            : { _tag: "DeadLetter", failure }
        ))
      yield* bus.publish(message("1"))
      yield* eventually(
        "it is dead-lettered",
        Effect.map(bus.deadLetters("q", 1), (letters) => letters.length === 1)
      )
      const found = yield* operate((channel) => channel.get(`${place.name}.headers.q.dlq`, { noAck: true }))
      assert.isTrue(found !== false)
      const { headers = {}, deliveryMode, messageId } = found === false ? { headers: {} } : found.properties
      const time: unknown = headers["x-kanau-time"]
      assert.deepStrictEqual(
        Object.fromEntries(
          Object.entries(headers).filter(([name]) => name.startsWith("x-") && !/^x-kanau-(time|id)$/.test(name))
        ),
        {
          "x-kanau-attempts": 2,
          "x-kanau-error": "Unavailable: no",
          "x-kanau-queue": "q",
          "x-kanau-reason": "retries-exhausted"
        }
      )
      assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
      assert.match(String(headers["x-kanau-id"]), /^[0-9a-f-]{36}$/)
      assert.strictEqual(deliveryMode, 2)
      assert.strictEqual(messageId, "id-1")
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "headers"))))

  it.live("NF-1 a message whose copy cannot be stored goes back to its queue and is not lost", () =>
    Effect.gen(function*() {
      const bus = yield* Bus.Bus
      yield* declared
      const attempts: Array<number> = []
      yield* bus.consume("q", { prefetch: 1 }, ({ attempt }) => {
        attempts.push(attempt)
        return Effect.succeed(
          attempts.length === 1
            ? { _tag: "DeadLetter", failure: { reason: "permanent-error", error: "Broken: for good" } }
            : ack
        )
      })
      // Deleted after the consumer declared it again.
      yield* operate((channel) => channel.deleteQueue(`${place.name}.copy.q.dlq`))
      yield* bus.publish(message("1"))
      yield* eventually("it comes back", Effect.sync(() => attempts.length === 2))
      assert.deepStrictEqual(attempts, [1, 1])
    }).pipe(Effect.scoped, Effect.provide(layer(place.url, "copy"))))

  it.live("closing gives up on a broker that no longer answers within seconds", () =>
    Effect.gen(function*() {
      const { proxy, url } = yield* proxied
      const begin = yield* Effect.gen(function*() {
        yield* declared
        yield* collect("q")
        proxy.set({ blackhole: true })
        return yield* Clock.currentTimeMillis
      }).pipe(Effect.scoped, Effect.provide(layer(url, "closing")))
      assert.isBelow((yield* Clock.currentTimeMillis) - begin, 15_000)
    }))
})

describe("RabbitMQ bus and a broker that is killed", () => {
  it.live(
    `NF-5 NF-6 messages survive kill -9 of the broker, and publishing and consuming go on (${
      OwnServers.missing ?? "on a broker of its own"
    })`,
    (context) =>
      Effect.gen(function*() {
        if (OwnServers.missing !== undefined) return context.skip(OwnServers.missing)
        const own = yield* Effect.acquireRelease(
          Effect.promise(OwnServers.rabbitmq),
          ({ stop }) => Effect.promise(stop)
        )
        yield* Effect.gen(function*() {
          const bus = yield* Bus.Bus
          yield* declared
          const seen = new Set<string>()
          const hold = yield* Deferred.make<void>()
          yield* bus.consume("q", { prefetch: 5 }, ({ envelope }) => {
            seen.add(envelope.subject)
            return Effect.as(Deferred.await(hold), ack)
          })
          // Should the test fail, closing must not wait for the handlers.
          yield* Effect.addFinalizer(() => Deferred.succeed(hold, undefined))
          // RabbitMQ 3.10 writes its list of quorum queues to disk with half a second's delay, and a queue that is
          // missing there does not come back. Its messages are synced at once.
          yield* Effect.sleep("2 seconds")
          for (let n = 0; n < 50; n++) yield* bus.publish(message(`before ${n}`))
          yield* Effect.promise(() => own.crash().then(own.start))
          yield* eventually("publishing goes on", publishes(message("after")))
          yield* Deferred.succeed(hold, undefined)
          yield* eventually("everything confirmed arrives", Effect.sync(() => seen.size === 51))
        }).pipe(Effect.scoped, Effect.provide(RabbitBus.layer({ url: Redacted.make(own.url), delays: [50] })))
      }),
    120_000
  )
})
