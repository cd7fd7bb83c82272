/** What the PostgreSQL bus promises beyond the port: transactions, many rows, few queries, and PostgreSQL's own faults. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { FaultProxy, Servers } from "@kanau/testing"
import { Deferred, Effect, Exit, Fiber, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "../src/index.ts"
import { make as makeStore } from "../src/internal/bus/store.ts"
import {
  ack,
  busOn,
  collect,
  emptied,
  eventually,
  message,
  prepared,
  publish,
  publishAll,
  subjects,
  until
} from "./bussing.ts"
import { greet } from "./greetings.ts"
import { countingStatements } from "./statements.ts"

const place = await Servers.postgresDatabase()
const layer = busOn(place.url, { leaseSeconds: 5 })

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => String(from + at))

/** The bus of another process, over a proxy. */
const throughProxy = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() =>
      FaultProxy.start({ host: new URL(place.url).hostname, port: Number(new URL(place.url).port || 5432) })
    ),
    (proxy) => Effect.promise(proxy.close)
  ),
  (proxy) => {
    const url = new URL(place.url)
    url.hostname = "127.0.0.1"
    url.port = String(proxy.port)
    return { proxy, layer: busOn(url.href, { leaseSeconds: 5 }) }
  }
)

describe("PostgreSQL bus", () => {
  it.live("NF-4 what is published in a transaction is there when it commits, in order, and never when it rolls back", () =>
    Effect.gen(function*() {
      yield* prepared
      const sql = yield* SqlClient.SqlClient
      const bus = yield* Bus.Bus
      const seen = yield* collect()
      const hold = yield* Deferred.make<void>()
      const writing = yield* Effect.forkScoped(Database.transaction(Effect.gen(function*() {
        yield* publish("1")
        yield* bus.send("q", { attributes: {}, data: new Uint8Array() })
        yield* publish("2")
        yield* Deferred.await(hold)
      })))
      const outcome = yield* Effect.exit(Database.transaction(Effect.andThen(publish("never"), Effect.fail("no"))))
      assert.isTrue(Exit.isFailure(outcome))
      yield* publish("beside")
      yield* eventually("the other arrives", () => seen.length === 1)
      yield* Deferred.succeed(hold, undefined)
      yield* Fiber.join(writing)
      yield* eventually("they arrive", () => seen.length === 3)
      assert.deepStrictEqual(subjects(seen), ["beside", "1", "2"])
      yield* emptied
      assert.strictEqual((yield* bus.deadLetters("q", 10)).length, 1)
      assert.strictEqual((yield* sql`select 1 from kanau.bus_messages`).length, 0)
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live("NF-4 a type without a queue is Unroutable inside a transaction too, and leaves it as it was", () =>
    Effect.gen(function*() {
      yield* prepared
      const seen = yield* collect()
      yield* Database.transaction(Effect.gen(function*() {
        for (const type of ["t.unbound", "t.\u0000"]) {
          const fault = yield* Effect.flip(publish("0", type))
          assert.strictEqual(fault._tag, "Unroutable")
        }
        yield* publish("1")
      }))
      yield* eventually("it arrives", () => seen.length === 1)
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live("NF-1 a transaction held open while a thousand commit around it: its message is delivered, nobody waits for it", () =>
    Effect.gen(function*() {
      yield* prepared
      const seen = yield* collect()
      const hold = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      const late = yield* Effect.forkScoped(Database.transaction(
        Effect.andThen(publish("late"), Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(hold)))
      ))
      yield* Deferred.await(begun)
      yield* publishAll(numbers(1, 1000))
      yield* eventually("the others are delivered", () => seen.length === 1000)
      assert.notInclude(subjects(seen), "late")
      yield* Deferred.succeed(hold, undefined)
      yield* Fiber.join(late)
      yield* eventually("it is delivered", () => seen.at(-1)?.envelope.subject === "late")
      yield* emptied
      assert.strictEqual(new Set(subjects(seen)).size, 1001)
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live(
    "NF-1 sessions are terminated at random under load: every message is handled, as a first attempt, and none is left",
    () =>
      Effect.gen(function*() {
        yield* prepared
        const sql = yield* SqlClient.SqlClient
        const other = busOn(place.url, { leaseSeconds: 5, applicationName: "victim" })
        yield* Effect.gen(function*() {
          const seen = yield* collect(() => Effect.as(Effect.sleep("1 millis"), ack), 16)
          const patiently = (subject: string) => Effect.retry(publish(subject), Schedule.spaced("20 millis"))
          const publishing = yield* Effect.forkChild(
            Effect.forEach(numbers(1, 1500), patiently, { concurrency: 16, discard: true })
          )
          for (let round = 0; round < 15; round++) {
            const before = seen.length
            yield* eventually("it goes on", () => seen.length > before || new Set(subjects(seen)).size === 1500)
            yield* sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
            and application_name = 'victim' order by random() limit 2`
          }
          yield* Fiber.join(publishing)
          yield* eventually("all is handled", () => new Set(subjects(seen)).size === 1500)
          yield* emptied
          // A publish that was cut off may have been stored and was repeated, as was what was handled without an answer.
          assert.isTrue(seen.every(({ attempt }) => attempt === 1))
        }).pipe(Effect.scoped, Effect.provide(other))
      }).pipe(Effect.scoped, Effect.provide(layer)),
    60_000
  )

  it.live("NF-6 what is settled while the connection is lost is stored when it is back: handled once", () =>
    Effect.gen(function*() {
      yield* prepared
      const { layer: other, proxy } = yield* throughProxy
      yield* Effect.gen(function*() {
        const hold = yield* Deferred.make<void>()
        const seen = yield* collect(() => Effect.as(Deferred.await(hold), ack))
        yield* publishAll(numbers(1, 5))
        yield* eventually("they are in hand", () => seen.length === 5)
        proxy.set({ down: true })
        yield* Deferred.succeed(hold, undefined)
        yield* Effect.sleep("300 millis")
        proxy.set({})
        yield* emptied
        yield* publish("6")
        yield* eventually("it goes on", () => seen.length >= 6)
        assert.deepStrictEqual(subjects(seen).toSorted(), numbers(1, 6))
      }).pipe(Effect.scoped, Effect.provide(other))
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live("NF-1 what was taken while the answer got lost is delivered, though its owner lives on (Oban #364)", () =>
    Effect.gen(function*() {
      yield* prepared
      const sql = yield* SqlClient.SqlClient
      const { layer: other, proxy } = yield* throughProxy
      yield* Effect.gen(function*() {
        const seen = yield* collect(({ envelope }) =>
          envelope.subject === "held" ? Effect.as(Effect.sleep("3 seconds"), ack) : Effect.succeed(ack)
        )
        const bus = yield* Bus.Bus
        yield* bus.publish(yield* message("held"))
        yield* eventually("one is in hand", () => seen.length === 1)
        // The answer is on its way for half a second.
        proxy.set({ latencyMillis: 500 })
        yield* Effect.provide(publishAll(numbers(1, 5)), layer)
        yield* until(
          "they are taken",
          Effect.map(sql`select 1 from kanau.bus_messages where owner is not null`, (rows) => rows.length === 6)
        )
        assert.strictEqual(seen.length, 1)
        proxy.reset()
        proxy.set({})
        yield* eventually("they are delivered", () => seen.length >= 6)
        yield* emptied
        assert.deepStrictEqual(subjects(seen), ["held", ...numbers(1, 5)])
      }).pipe(Effect.scoped, Effect.provide(other))
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live(
    "NF-6 a network that swallows everything is noticed: listeners hear of the gap and consumers go on",
    () =>
      Effect.gen(function*() {
        yield* prepared
        const { layer: other, proxy } = yield* throughProxy
        yield* Effect.gen(function*() {
          const bus = yield* Bus.Bus
          const seen = yield* collect()
          const gaps: Array<boolean> = []
          yield* bus.listen("c", { onMessage: () => undefined, onGap: (open) => void gaps.push(open) })
          proxy.set({ blackhole: true })
          yield* eventually("the gap is noticed", () => gaps.length === 2)
          proxy.reset()
          proxy.set({})
          yield* eventually("it listens again", () => gaps.length === 3)
          assert.deepStrictEqual(gaps, [false, true, false])
          yield* Effect.retry(publish("1"), Schedule.spaced("50 millis"))
          yield* eventually("it is delivered", () => seen.length >= 1)
        }).pipe(Effect.scoped, Effect.provide(other))
      }).pipe(Effect.scoped, Effect.provide(layer)),
    60_000
  )

  it.live("NF-7 handlers that hold every connection for longer than the lease do not lose it", () =>
    Effect.gen(function*() {
      yield* prepared
      const sql = yield* SqlClient.SqlClient
      const seen = yield* collect(
        () =>
          Effect.as(Effect.orDie(sql.withTransaction(Effect.andThen(sql`select 1`, Effect.sleep("3 seconds")))), ack),
        8
      )
      // Another process, which would take what has no owner any more.
      yield* Layer.build(Layer.fresh(busOn(place.url, { leaseSeconds: 1 }))).pipe(
        Effect.flatMap((services) => Effect.provide(collect(() => Effect.die("not its own"), 8), services)),
        Effect.delay("1 second"),
        Effect.forkScoped
      )
      yield* publishAll(numbers(1, 8))
      yield* emptied
      assert.strictEqual(seen.length, 8)
      assert.deepStrictEqual(yield* Effect.flatMap(Bus.Bus, (bus) => bus.deadLetters("q", 10)), [])
    }).pipe(Effect.scoped, Effect.provide(busOn(place.url, { leaseSeconds: 1, connections: 5 }))))

  it.live("NF-2 a look for work reads as much beside 300 000 delayed rows as beside none", () =>
    Effect.gen(function*() {
      yield* prepared
      const sql = yield* PgClient.PgClient
      const store = makeStore(sql, 10)
      const owner = yield* store.join(["q"])
      const reads = sql.withTransaction(Effect.gen(function*() {
        yield* publishAll(numbers(1, 20))
        const taken = yield* store.take(owner, [{ queue: "q", free: 10 }, { queue: "other", free: 10 }])
        assert.strictEqual(taken.rows.length, 10)
        const [read] = yield* sql<{ n: number }>`select (seq_tup_read + idx_tup_fetch)::integer as n
          from pg_stat_xact_user_tables where relid = 'kanau.bus_messages'::regclass`
        return read?.n ?? 0
      }))
      // What a plan costs depends on what is known of the table.
      yield* sql`insert into kanau.bus_messages (queue, due_at, owner)
        select 'q', now() + interval '1 day', null from generate_series(1, 300000)`
      assert.isBelow(yield* reads, 200)
      yield* sql`analyze kanau.bus_messages`
      assert.isBelow(yield* reads, 200)
      yield* sql`truncate kanau.bus_messages`
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live("what was handled leaves no row behind (MassTransit #5918)", () =>
    Effect.gen(function*() {
      yield* prepared
      const sql = yield* SqlClient.SqlClient
      yield* collect()
      yield* publishAll(numbers(1, 2000))
      yield* emptied
      yield* sql`vacuum kanau.bus_messages`
      const [size] = yield* sql<{ bytes: number }>`
        select pg_relation_size('kanau.bus_messages')::integer as bytes`
      assert.strictEqual(size?.bytes, 0)
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live("an idle process asks at most twice a second, whatever the number of its queues", () => {
    const asked = countingStatements()
    return Effect.gen(function*() {
      yield* prepared
      const bus = yield* Bus.Bus
      for (const name of numbers(1, 20)) {
        yield* bus.declare({ name, types: [name] })
        yield* bus.consume(name, { prefetch: 4 }, () => Effect.succeed(ack))
        yield* bus.collectDeadLetters(name, () => Effect.void)
      }
      yield* Effect.sleep("2 seconds")
      asked.statements = 0
      yield* Effect.sleep("6 seconds")
      assert.isAtLeast(asked.statements, 3)
      assert.isAtMost(asked.statements, 2 * 6)
    }).pipe(Effect.scoped, Effect.provide(busOn(place.url, { leaseSeconds: 5 })), Effect.withTracer(asked.tracer))
  })

  it.live("signals are any bytes, of any size, and equal ones are not taken for one; strangers on the channel harm nobody", () =>
    Effect.gen(function*() {
      yield* prepared
      const sql = yield* PgClient.PgClient
      const bus = yield* Bus.Bus
      const heard: Array<Uint8Array> = []
      yield* bus.listen("名前 \u0000", { onMessage: (data) => void heard.push(data), onGap: () => undefined })
      for (const payload of ["", "work", "work x not json", "signal", "signal a 0 1 ", "signal a 0 1 !!!!", "test"]) {
        yield* sql.notify("kanau_bus", payload)
      }
      const big = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256)
      const said = [new Uint8Array(), new Uint8Array(), big, Uint8Array.from([0, 255]), big]
      yield* Effect.forEach(said, (data) => bus.broadcast("名前 \u0000", data), { concurrency: "unbounded" })
      yield* eventually("all are heard", () => heard.length === said.length)
      heard.forEach((data, at) => assert.isTrue(Buffer.from(data).equals(said[at] ?? big)))
    }).pipe(Effect.scoped, Effect.provide(layer)))

  it.live("the example of the README says hello", () =>
    Effect.gen(function*() {
      yield* prepared
      assert.strictEqual(yield* greet(Redacted.make(place.url)), "Hello, Aki")
    }).pipe(Effect.provide(layer)))

  it.live("two buses of one database with different prefixes do not see each other", () =>
    Effect.gen(function*() {
      yield* prepared
      const bus = yield* Bus.Bus
      yield* Effect.gen(function*() {
        const mine = yield* Bus.Bus
        assert.isUndefined(yield* mine.status("q"))
        assert.strictEqual((yield* Effect.flip(publish("1")))._tag, "Unroutable")
      }).pipe(Effect.provide(busOn(place.url, { prefix: "other." })))
      assert.deepInclude(yield* bus.status("q"), { ready: 0 })
    }).pipe(Effect.scoped, Effect.provide(layer)))
})
