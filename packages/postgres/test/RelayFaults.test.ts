/** Relays that are stopped, killed, doubled and surrounded by open transactions, on a real server. */
import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Deferred, Effect, Fiber, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Migrations, Outbox, Relay } from "../src/index.ts"
import { child, killed } from "./children.ts"
import { append, eventually, Moved, pendingReaches, recording, reset, turnsOf } from "./relaying.ts"

const place = await Servers.postgresDatabase()

const migrated = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  Database.layer({ url: Redacted.make(place.url), applicationName: "test", maxConnections: 20 })
)

const withOutbox = Layer.provideMerge(Outbox.layer({ source: "/test" }), migrated)

const pieces = Array.from({ length: 40 }, (_, at) => `piece ${at}`)

/** `rounds` events of each piece. */
const play = (from: number, rounds: number) =>
  append(Array.from({ length: rounds }, (_, at) => from + at).flatMap((turn) => pieces.map((p) => [p, turn] as const)))

const prepared = Effect.gen(function*() {
  yield* reset
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists published`
  yield* sql`create table published (
    seq bigserial primary key, position bigint not null, id text not null, subject text not null, pid integer not null
  )`
})

/** A relay in a process of its own, killed when the scope closes. */
const relayProcess = (leaseSeconds: number) => child("relay.ts", place.url, String(leaseSeconds))

/** Every event is published, and the first time in order within its subject. */
const complete = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const missing = yield* sql`select position from kanau.events where position not in (select position from published)`
  assert.deepStrictEqual(missing, [])
  const early = yield* sql`
    with first as (select position, subject, min(seq) as seq from published group by position, subject)
    select a.position from first a join first b on a.subject = b.subject and a.position < b.position and a.seq > b.seq`
  assert.deepStrictEqual(early, [])
  const twoIds = yield* sql`select position from published group by position having count(distinct id) > 1`
  assert.deepStrictEqual(twoIds, [])
})

describe("Relays that fail", () => {
  it.live(
    "NF-10 a relay stopped past its lease (SIGSTOP) publishes and removes nothing stale after SIGCONT (Wolverine #2602)",
    () =>
      Effect.gen(function*() {
        yield* prepared
        const sql = yield* SqlClient.SqlClient
        const first = yield* relayProcess(2)
        yield* play(0, 3)
        yield* pendingReaches(0)
        // The gate holds what the relay sends now: it is stopped between a publish and its confirm.
        const stopped = yield* Deferred.make<void>()
        const gate = yield* Effect.forkChild(sql.withTransaction(
          Effect.andThen(sql`select pg_advisory_xact_lock(42)`, Deferred.await(stopped))
        ))
        yield* eventually("exists (select 1 from pg_locks where locktype = 'advisory' and objid = 42 and granted)")
        yield* play(3, 20)
        yield* eventually(`(select count(*) from pg_locks where locktype = 'advisory' and objid = 42 and not granted)
        = ${pieces.length}`)
        first.kill("SIGSTOP")
        yield* Deferred.succeed(stopped, undefined)
        yield* Fiber.join(gate)
        const second = yield* relayProcess(2)
        yield* eventually(`exists (select 1 from published where pid = ${second.pid})`)
        yield* pendingReaches(0)
        const [before] = yield* sql<{ position: bigint }>`select max(position) as position from kanau.events`
        // What is pending again, such as a replay, is not the first relay's to remove.
        yield* killed(second)
        const mark = `(select max(seq) from published where pid <> ${first.pid})`
        const [seq] = yield* sql.unsafe<{ seq: bigint }>(`select ${mark} as seq`)
        yield* sql`insert into kanau.pending (position, subject) select position, subject from kanau.events`
        first.kill("SIGCONT")
        yield* pendingReaches(0)
        yield* play(23, 2)
        yield* pendingReaches(0)
        yield* complete
        // It published the replayed ones again, in order, under a new claim; not one was removed unpublished.
        const [again] = yield* sql.unsafe<{ missing: number; unordered: number }>(`
        with later as (select * from published where seq > ${seq?.seq} and position <= ${before?.position})
        select (select count(*)::int from kanau.events where position <= ${before?.position}
            and position not in (select position from later)) as missing,
          (select count(*)::int from later a join later b
            on a.subject = b.subject and a.position < b.position and a.seq > b.seq) as unordered`)
        assert.deepStrictEqual(again, { missing: 0, unordered: 0 })
      }).pipe(Effect.scoped, Effect.provide(withOutbox)),
    90_000
  )

  it.live(
    "NB-11 a relay killed at random points, ten times: nothing lost, order per subject kept (graphile #222, DBOS #1356)",
    () =>
      Effect.gen(function*() {
        yield* prepared
        let seed = 20_261_121
        const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
        let turn = 0
        const players = yield* Effect.forkChild(Effect.forever(
          Effect.delay(Effect.suspend(() => play(turn++, 1)), "15 millis")
        ))
        for (let round = 0; round < 10; round++) {
          const relay = yield* relayProcess(1)
          yield* eventually(`(select count(*) from published where pid = ${relay.pid}) > ${random(400)}`)
          yield* killed(relay)
        }
        yield* Fiber.interrupt(players)
        yield* relayProcess(1)
        yield* pendingReaches(0)
        yield* complete
      }).pipe(Effect.scoped, Effect.provide(withOutbox)),
    120_000
  )

  it.live(
    "NB-13 relays that come and share: no event twice, order per subject kept, all shards held (MassTransit #3512)",
    () => {
      const bus = recording()
      return Effect.gen(function*() {
        yield* prepared
        const sql = yield* SqlClient.SqlClient
        const relay = Effect.forkChild(Relay.make({ leaseSeconds: 1 }))
        const relays = [yield* relay]
        let turn = 0
        const players = yield* Effect.forkChild(Effect.forever(Effect.suspend(() => play(turn++, 1))))
        for (const share of [8, 6, 4]) {
          relays.push(yield* relay)
          yield* eventually(`(select count(*) from kanau.leases where owner <> '') = 16 and
          (select max(n) from (select count(*) as n from kanau.leases where owner <> '' group by owner) x) = ${share}`)
        }
        yield* Fiber.interrupt(players)
        yield* pendingReaches(0)
        const rows = yield* sql<{ n: number }>`select count(*)::int as n from kanau.events`
        assert.strictEqual(bus.confirmed.length, rows[0]?.n)
        for (const piece of pieces) {
          const turns = turnsOf(bus.confirmed, piece)
          assert.deepStrictEqual(turns, turns.map((_, at) => at))
        }
        yield* Fiber.interruptAll(relays)
      }).pipe(Effect.provide(Layer.merge(withOutbox, bus.layer)))
    },
    60_000
  )

  it.live(
    "NB-11 a transaction left open while thousands commit around it: nothing skipped, nothing stalled (Watermill #311)",
    () => {
      const bus = recording()
      return Effect.gen(function*() {
        yield* prepared
        const relay = yield* Effect.forkChild(Relay.run)
        const appended = yield* Deferred.make<void>()
        const commit = yield* Deferred.make<void>()
        const late = yield* Effect.forkChild(Database.transaction(Effect.gen(function*() {
          const outbox = yield* Outbox.Outbox
          yield* outbox.append(new Moved({ piece: "late", turn: 0 }))
          yield* Deferred.succeed(appended, undefined)
          yield* Deferred.await(commit)
        })))
        yield* Deferred.await(appended)
        for (let turn = 0; turn < 100; turn++) yield* play(turn, 1)
        yield* eventually("not exists (select 1 from kanau.pending)")
        assert.strictEqual(bus.confirmed.length, 100 * pieces.length)
        yield* Deferred.succeed(commit, undefined)
        yield* Fiber.join(late)
        yield* pendingReaches(0)
        assert.deepStrictEqual(turnsOf(bus.confirmed, "late"), [0])
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(Layer.merge(withOutbox, bus.layer)))
    },
    60_000
  )
})
