import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { BusConformance, BusSteps, OwnServers } from "@kanau/testing"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { afterAll } from "vitest"
import { operate } from "./fixture.ts"

const { ack, collect, declared, eventually, message, publishes, retry } = BusSteps

// Killing the server that other files use would fail them.
const own = OwnServers.missing === undefined ? await OwnServers.nats() : undefined
const why = OwnServers.missing ?? "on a server of its own"
const elsewhere = { skip: "see NatsBus.test.ts" }

afterAll(() => own?.stop())

const restart = async () => {
  await own?.crash()
  await own?.start()
}

const layer = (prefix: string) => NatsBus.layer({ url: Redacted.make(own?.url ?? ""), prefix, pingMillis: 500 })

if (own !== undefined) {
  BusConformance.suite("NATS bus on a server that is killed", layer, {
    connection: elsewhere,
    stranger: elsewhere,
    inspect: elsewhere,
    restartBroker: restart
  })
}

describe(`NATS bus and its server (${why})`, () => {
  it.live(
    "NF-5 NF-6 under load, kill -9 of the server loses nothing that was confirmed, and all goes on",
    (context) =>
      Effect.gen(function*() {
        if (own === undefined) return context.skip(why)
        const bus = yield* Bus.Bus
        yield* declared
        const acknowledged = new Set<string>()
        yield* bus.consume("q", { prefetch: 16 }, ({ attempt, envelope }) =>
          Effect.sync(() => {
            if (attempt === 1 && Number(envelope.subject) % 5 === 0) return retry(30)
            acknowledged.add(envelope.subject)
            return ack
          }))
        const confirmed: Array<string> = []
        const stop = yield* Deferred.make<void>()
        const publisher = (first: number) =>
          Effect.gen(function*() {
            for (let n = first; !Deferred.isDoneUnsafe(stop); n += 8) {
              if (yield* publishes(message(`${n}`))) confirmed.push(`${n}`)
              else yield* Effect.sleep("20 millis")
            }
          })
        yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6, 7], (first) => Effect.forkScoped(publisher(first)))
        for (let kills = 1; kills <= 3; kills++) {
          const before = confirmed.length
          yield* eventually("publishing goes on", Effect.sync(() => confirmed.length > before + 100))
          yield* Effect.promise(restart)
        }
        const before = confirmed.length
        yield* eventually("publishing goes on", Effect.sync(() => confirmed.length > before + 100))
        yield* Deferred.succeed(stop, undefined)
        yield* eventually(
          "everything confirmed is handled",
          Effect.sync(() => confirmed.every((subject) => acknowledged.has(subject)))
        )
        yield* eventually(
          "nothing is left",
          Effect.map(bus.status("q"), (status) => status?.ready === 0 && status.delayed === 0).pipe(
            Effect.orElseSucceed(() => false)
          )
        )
      }).pipe(Effect.scoped, Effect.provide(layer("killed."))),
    150_000
  )

  it.live(
    "NF-5 NF-6 what the server has again after kill -9 although it was acknowledged is not counted, and removed",
    (context) =>
      Effect.gen(function*() {
        if (own === undefined) return context.skip(why)
        const bus = yield* Bus.Bus
        yield* declared
        const release = yield* Deferred.make<void>()
        const acknowledged = new Set<string>()
        yield* bus.consume("q", { prefetch: 64 }, ({ envelope: { subject } }) =>
          Effect.as(
            subject === "held" ? Deferred.await(release) : Effect.sync(() => acknowledged.add(subject)),
            ack
          ))
        // Should the test fail, closing must not wait for the handler.
        yield* Effect.addFinalizer(() => Deferred.succeed(release, undefined))
        yield* bus.publish(message("held"))
        const confirmed: Array<string> = []
        const stop = yield* Deferred.make<void>()
        const publisher = (first: number) =>
          Effect.gen(function*() {
            for (let n = first; !Deferred.isDoneUnsafe(stop); n += 32) {
              if (yield* publishes(message(`${n}`))) confirmed.push(`${n}`)
              else yield* Effect.sleep("20 millis")
            }
          })
        const publishing = yield* Effect.forkChild(
          Effect.forEach(Array.from({ length: 32 }, (_, n) => n), publisher, { concurrency: 32, discard: true })
        )
        for (let kills = 1; kills <= 3; kills++) {
          const before = confirmed.length
          yield* eventually("publishing goes on", Effect.sync(() => confirmed.length > before + 1000))
          yield* Effect.promise(restart)
        }
        yield* Deferred.succeed(stop, undefined)
        yield* Fiber.join(publishing)
        yield* eventually(
          "everything confirmed is handled",
          Effect.sync(() => confirmed.every((subject) => acknowledged.has(subject)))
        )
        const counts = (n: number) =>
          Effect.map(bus.status("q"), (status) => status?.ready === n).pipe(Effect.orElseSucceed(() => false))
        yield* eventually("only what is held is counted", counts(1))
        const stored = Effect.map(
          operate(own.url, (manager) => manager.streams.info("left=2Eq")),
          ({ state }) => state.messages
        )
        yield* Deferred.succeed(release, undefined)
        yield* eventually("nothing is stored", Effect.map(stored, (messages) => messages === 0))
        yield* eventually("nothing is counted", counts(0))
      }).pipe(Effect.scoped, Effect.provide(layer("left."))),
    150_000
  )

  it.live(
    "a queue that another process has just declared is never missed by a publish",
    (context) =>
      Effect.gen(function*() {
        if (own === undefined) return context.skip(why)
        const publisher = yield* Bus.Bus
        yield* declared
        yield* publisher.publish(message("0"))
        yield* Effect.gen(function*() {
          const other = yield* Bus.Bus
          for (let n = 1; n <= 30; n++) {
            yield* other.declare({ name: `q${n}`, types: ["t.made"] })
            yield* publisher.publish(message(`${n}`))
            assert.strictEqual((yield* other.status(`q${n}`))?.ready, 1)
          }
          // Bound by two processes at once, neither takes the other's binding away.
          const types = Array.from({ length: 40 }, (_, n) => `t.same${n}`)
          const both = [publisher, other]
          for (const names of [[], types]) {
            yield* Effect.forEach(both, (bus, at) => bus.declare({ name: `same${at}`, types: names }), {
              concurrency: 2
            })
          }
          for (const type of types) yield* publisher.publish({ ...message("same"), id: type, type })
          for (const at of [0, 1]) assert.strictEqual((yield* other.status(`same${at}`))?.ready, types.length)
        }).pipe(Effect.scoped, Effect.provide(layer("declared."), { local: true }))
      }).pipe(Effect.scoped, Effect.provide(layer("declared."))),
    150_000
  )

  it.live(
    "thousands that wait for long hold up neither others, nor those that wait for less",
    (context) =>
      Effect.gen(function*() {
        if (own === undefined) return context.skip(why)
        const bus = yield* Bus.Bus
        yield* declared
        const seen: Array<string> = []
        const many = 5000
        yield* bus.consume("q", { prefetch: 128 }, ({ attempt, envelope }) =>
          Effect.sync(() => {
            seen.push(`${envelope.subject} ${attempt}`)
            return envelope.subject.startsWith("long") ? retry(3_600_000) : attempt === 1 ? retry(500) : ack
          }))
        const longs = Array.from({ length: many }, (_, n) => message(`long ${n}`))
        yield* Effect.forEach(longs, bus.publish, { concurrency: 256, discard: true })
        yield* eventually("all wait", Effect.map(bus.status("q"), (status) => status?.delayed === many))
        yield* bus.publish(message("short"))
        yield* eventually("it comes again", Effect.sync(() => seen.includes("short 2")))
        yield* eventually(
          "the others still wait",
          Effect.map(bus.status("q"), (status) => status?.ready === 0 && status.delayed === many)
        )
        assert.isFalse(seen.some((each) => each.startsWith("long") && each.endsWith(" 2")))
      }).pipe(Effect.scoped, Effect.provide(layer("many."))),
    150_000
  )

  it.live("names that look alike are different queues, types and channels", (context) =>
    Effect.gen(function*() {
      if (own === undefined) return context.skip(why)
      const bus = yield* Bus.Bus
      const names = ["a.b", "a=2Eb", "a b", "a*b", "a>b", "a/b", "a\\b", "ä", "q=dlq", "q", "Q"]
      const seen = yield* Effect.forEach(names, (name) =>
        Effect.andThen(bus.declare({ name, types: [`type ${name}`] }), collect(name)))
      for (const name of names) {
        yield* bus.publish({ ...message(name), type: `type ${name}` })
      }
      yield* eventually(
        "all arrive",
        Effect.sync(() =>
          seen.every(({ length }) => length > 0)
        )
      )
      assert.deepStrictEqual(seen, names.map((name) => [name]))
    }).pipe(Effect.scoped, Effect.provide(layer("odd names. "))))

  it.live(
    "credentials in the URL are used, and wrong ones are refused without being quoted",
    (context) =>
      Effect.gen(function*() {
        if (OwnServers.missing !== undefined) return context.skip(why)
        const guarded = yield* Effect.acquireRelease(
          Effect.promise(() => OwnServers.nats(`authorization { user: "me", password: "p@ss:w/rd" }\n`)),
          ({ stop }) => Effect.promise(stop)
        )
        const as = (password: string) => {
          const url = new URL(guarded.url)
          return NatsBus.layer({
            url: Redacted.make(`nats://me:${encodeURIComponent(password)}@${url.host},${url.host}`)
          })
        }
        yield* declared.pipe(Effect.provide(as("p@ss:w/rd")))
        const fault = yield* Effect.flip(declared.pipe(Effect.provide(as("secret"))))
        assert.strictEqual(fault._tag, "Unavailable")
        assert.notInclude(JSON.stringify(fault), "secret")
      }).pipe(Effect.scoped),
    90_000
  )
})
