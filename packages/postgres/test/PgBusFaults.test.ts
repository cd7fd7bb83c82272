/** Consumers of the PostgreSQL bus that are killed and stopped, and a server that crashes. */
import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { OwnServers, Servers } from "@kanau/testing"
import { Clock, Deferred, Effect, Exit, Schedule, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll } from "vitest"
import { ack, busOn, collect, emptied, eventually, prepared, publish, publishAll, subjects, until } from "./bussing.ts"
import { child, killed } from "./children.ts"

const place = await Servers.postgresDatabase()
const leaseSeconds = 2
const layer = busOn(place.url, { leaseSeconds })

const own = OwnServers.missing === undefined ? await OwnServers.postgres() : undefined
const why = OwnServers.missing ?? "on a server of its own"

afterAll(() => own?.stop())

const eight = ["1", "2", "3", "4", "5", "6", "7", "8"]

const withTables = Effect.gen(function*() {
  yield* prepared
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists begun, settled`
  yield* sql`create table begun (subject text not null, attempt integer not null, pid integer not null)`
  yield* sql`create table settled (subject text not null, pid integer not null)`
})

/** A consumer in a process of its own, killed when the scope closes. */
const consumer = child("busConsumer.ts", place.url, String(leaseSeconds))

/** Keeps the handlers of child processes waiting until the scope closes. */
const heldUp = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const hold = yield* Deferred.make<void>()
  const isHeld = yield* Deferred.make<void>()
  yield* Effect.forkScoped(sql.withTransaction(
    sql`select pg_advisory_xact_lock(43)`.pipe(
      Effect.andThen(Deferred.succeed(isHeld, undefined)),
      Effect.andThen(Deferred.await(hold))
    )
  ))
  yield* Deferred.await(isHeld)
  return Deferred.succeed(hold, undefined)
})

const isTrue = (condition: string) =>
  until(
    condition,
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.map(sql.unsafe<{ ok: boolean }>(`select (${condition}) as ok`), ([row]) => row?.ok ?? false))
  )

describe("PostgreSQL bus and processes that fail", () => {
  it.live(
    "NF-1 NF-6 a consumer is killed with messages in hand: they are back within its lease and two seconds, no attempt counted (graphile #222)",
    () =>
      Effect.gen(function*() {
        yield* withTables
        yield* heldUp
        const child = yield* consumer
        yield* publishAll(eight)
        yield* isTrue("(select count(*) from begun) = 8")
        const seen = yield* collect()
        yield* publish("fresh")
        yield* eventually("what is not in hand is delivered", () => seen.length === 1)
        const began = yield* Clock.currentTimeMillis
        yield* killed(child)
        yield* eventually("they are back", () => seen.length === 9)
        const took = (yield* Clock.currentTimeMillis) - began
        assert.isAtMost(took, (leaseSeconds + 2) * 1000)
        assert.deepStrictEqual(subjects(seen), ["fresh", ...eight])
        assert.isTrue(seen.every(({ attempt }) => attempt === 1))
        yield* emptied
      }).pipe(Effect.scoped, Effect.provide(layer)),
    60_000
  )

  it.live(
    "NF-1 a consumer stopped past its lease (SIGSTOP) has been overtaken: after SIGCONT its settlements change nothing (Oban #364)",
    () =>
      Effect.gen(function*() {
        yield* withTables
        const release = yield* heldUp
        const bus = yield* Bus.Bus
        const child = yield* consumer
        yield* publishAll(eight)
        yield* isTrue("(select count(*) from begun) = 8")
        child.kill("SIGSTOP")
        const hold = yield* Deferred.make<void>()
        const scope = yield* Scope.make()
        const seen = yield* Scope.provide(collect(() => Effect.as(Deferred.await(hold), ack), 8), scope)
        yield* eventually("another has them", () => seen.length === 8)
        yield* release
        child.kill("SIGCONT")
        yield* isTrue(`(select count(*) from settled where pid = ${child.pid}) = 8`)
        // The other is full, so this is for the one that was stopped: what it settled before has been stored by then.
        yield* publish("sentinel")
        yield* isTrue("(select count(*) from settled where subject = 'sentinel') = 1")
        yield* isTrue("(select count(*) from kanau.bus_messages) <= 8")
        yield* isTrue("(select count(*) from kanau.bus_messages where takes = 2 and owner is not null) = 8")
        assert.strictEqual(seen.length, 8)
        yield* Deferred.succeed(hold, undefined)
        yield* Scope.close(scope, Exit.void)
        yield* emptied
        assert.deepInclude(yield* bus.status("q"), { ready: 0, delayed: 0, deadLetters: 0 })
      }).pipe(Effect.scoped, Effect.provide(layer)),
    60_000
  )

  it.live(
    "NF-1 three consumers are killed again and again: every message is handled, and none is left",
    () =>
      Effect.gen(function*() {
        yield* withTables
        const all = Array.from({ length: 600 }, (_, at) => String(at))
        const children = [yield* consumer, yield* consumer, yield* consumer]
        yield* Effect.forkScoped(Effect.forEach(all, (subject) => Effect.delay(publish(subject), "5 millis")))
        for (let round = 0; round < 6; round++) {
          yield* isTrue(`(select count(*) from settled) >= ${60 * (round + 1)}`)
          const victim = children[round % 3]
          if (victim !== undefined) yield* killed(victim)
          children[round % 3] = yield* consumer
        }
        yield* isTrue("(select count(distinct subject) from settled) = 600")
        yield* emptied
        yield* isTrue("not exists (select 1 from begun where attempt <> 1)")
      }).pipe(Effect.scoped, Effect.provide(layer)),
    90_000
  )
})

describe(`PostgreSQL bus and its server (${why})`, () => {
  it.live(
    "NF-5 NF-6 under load, the server crashes three times: nothing that was confirmed is lost, and all goes on",
    (context) =>
      Effect.gen(function*() {
        if (own === undefined) return context.skip(why)
        yield* prepared
        const handled = new Set<string>()
        const seen = yield* collect(({ attempt, envelope: { subject } }) =>
          Effect.sync(() => {
            if (attempt === 1 && Number(subject) % 5 === 0) {
              return { _tag: "Retry", delayMillis: 30, failure: { reason: "transient-error", error: "later" } }
            }
            handled.add(subject)
            return ack
          }), 16)
        const confirmed: Array<string> = []
        const publisher = (first: number) =>
          Effect.gen(function*() {
            for (let n = first;; n += 8) {
              const stored = yield* Effect.exit(publish(String(n)))
              if (Exit.isSuccess(stored)) confirmed.push(String(n))
              else yield* Effect.sleep("20 millis")
            }
          })
        const scope = yield* Scope.make()
        yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6, 7], (first) => Effect.forkIn(publisher(first), scope))
        for (let crashes = 0; crashes < 3; crashes++) {
          const before = { confirmed: confirmed.length, seen: seen.length }
          yield* eventually("publishing goes on", () => confirmed.length > before.confirmed + 100)
          yield* eventually("consuming goes on", () => seen.length > before.seen)
          yield* Effect.promise(own.crash)
          yield* Effect.promise(own.start)
        }
        const before = confirmed.length
        yield* eventually("publishing goes on", () => confirmed.length > before + 100)
        yield* Scope.close(scope, Exit.void)
        yield* eventually("all that was confirmed is handled", () => confirmed.every((subject) => handled.has(subject)))
        yield* Effect.retry(emptied, Schedule.spaced("100 millis"))
      }).pipe(Effect.scoped, Effect.provide(busOn(own?.url ?? "", { leaseSeconds: 5 }))),
    90_000
  )
})
