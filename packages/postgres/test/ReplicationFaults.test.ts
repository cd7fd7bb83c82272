/** What only a replication slot can suffer, on a PostgreSQL of this file's own: its settings are the whole server's. */
import { assert, describe, it } from "@effect/vitest"
import { OwnServers } from "@kanau/testing"
import { Deferred, Effect, Fiber, Layer, Metric, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll } from "vitest"
import { Database, Migrations } from "../src/index.ts"
import * as ReplicationBridge from "../src/ReplicationBridge.ts"
import { bridging, firsts, type Source, until } from "./bridging.ts"
import { eventually, recording, unavailable } from "./relaying.ts"

const server = OwnServers.missing === undefined ? await OwnServers.postgres() : undefined
afterAll(() => server?.stop())
const url = Redacted.make(server?.url ?? "")

const migrated = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  Database.layer({ url, applicationName: "test", maxConnections: 20 })
)

const orders = { table: "public.orders", key: ["id"], prefix: "shop.order" } as const
const removed = Effect.retry(ReplicationBridge.uninstall(), { schedule: Schedule.spaced("50 millis"), times: 100 })
const reads = eventually(`exists (select from pg_replication_slots join kanau.bridge_slots on slot = slot_name
  where slot_name = 'kanau_bridge' and active)`)

const source: Source = {
  name: "replication",
  bridge: "bridge",
  start: (bridge) => ({
    run: ReplicationBridge.run(bridge, { url, retainedBytes: 2 ** 25 }),
    ready: reads,
    remove: removed
  })
}

const prepared = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists orders, elsewhere`
  yield* sql`create table orders (id integer primary key, n integer not null default 0, note text)`
  yield* sql`create table elsewhere (note text)`
  return sql
})

/** 16 MB each. */
const segments = (count: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.repeat(
      Effect.andThen(sql`insert into elsewhere values ('x')`, sql`select pg_switch_wal()::text`),
      { times: count - 1 }
    ))

const gauge = (id: string) =>
  Effect.map(Metric.snapshot, (all) => {
    const found = all.find((each) => each.id === id)
    return found?.type === "Gauge" ? Number(found.state.value) : undefined
  })

describe.skipIf(OwnServers.missing !== undefined)("Replication slots that fail", () => {
  it.live("SH-12 debezium #1082: an idle slot does not retain WAL", () => {
    const bus = recording()
    return Effect.gen(function*() {
      const sql = yield* prepared
      yield* bridging(source, { tables: [orders] })
      yield* sql`insert into orders values (1)`
      yield* until(() => bus.confirmed.length === 1)
      yield* segments(10)
      // A checkpoint is where the server sees what it may drop.
      yield* Effect.repeat(
        Effect.andThen(
          sql`checkpoint`,
          sql<{ retained: number }>`select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::integer as retained
            from pg_replication_slots where slot_name = 'kanau_bridge'`
        ).pipe(Effect.delay("50 millis")),
        { until: ([row]) => (row?.retained ?? Infinity) < 2 ** 24 }
      ).pipe(Effect.timeout("20 seconds"))
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)

  it.live("SH-12 redpanda #3198: WAL that a slot retains raises the alarm, and the alarm ends", () => {
    const bus = recording()
    return Effect.gen(function*() {
      const sql = yield* prepared
      bus.refuse = () => unavailable
      yield* bridging(source, { tables: [orders] })
      yield* sql`insert into orders values (1)`
      yield* until(() => bus.asked > 0)
      yield* segments(5)
      yield* Effect.repeat(Effect.delay(gauge("kanau_bridge_overdue"), "50 millis"), { until: (value) => value === 1 })
      assert.isAbove((yield* gauge("kanau_bridge_retained_bytes")) ?? 0, 2 ** 26)
      bus.refuse = () => undefined
      yield* until(() => bus.confirmed.length === 1)
      yield* Effect.repeat(
        Effect.andThen(sql`checkpoint`, Effect.delay(gauge("kanau_bridge_overdue"), "50 millis")),
        { until: (value) => value === 0 }
      )
    }).pipe(Effect.scoped, Effect.timeout("50 seconds"), Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)

  it.live("SH-12 a slot that is dropped, or further behind than allowed, is said plainly and not made anew", () => {
    const bus = recording()
    return Effect.gen(function*() {
      const sql = yield* prepared
      const fiber = yield* bridging(source, { tables: [orders] })
      yield* Fiber.interrupt(fiber)
      const failure = Effect.map(
        Effect.flip(ReplicationBridge.run({ tables: [orders] }, { url })),
        (fault) => `${fault._tag}: ${fault.message}`
      )
      yield* Effect.retry(sql`select pg_drop_replication_slot('kanau_bridge')::text`, {
        schedule: Schedule.spaced("50 millis"),
        times: 100
      })
      assert.match(yield* failure, /^SlotLost: The replication slot kanau_bridge is lost: it was dropped\./)
      assert.match(yield* failure, /^SlotLost/)
      // Forgotten, it is made anew.
      yield* ReplicationBridge.uninstall()
      const second = yield* Effect.forkChild(ReplicationBridge.run({ tables: [orders] }, { url }))
      yield* reads
      yield* Fiber.interrupt(second)
      yield* sql`alter system set max_slot_wal_keep_size = '32MB'`
      yield* sql`select pg_reload_conf()`
      yield* segments(8)
      yield* sql`checkpoint`
      yield* eventually("(select wal_status from pg_replication_slots where slot_name = 'kanau_bridge') = 'lost'")
      assert.match(yield* failure, /^SlotLost: .* further behind than max_slot_wal_keep_size allows/)
      yield* sql`alter system reset max_slot_wal_keep_size`
      yield* sql`select pg_reload_conf()`
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)

  it.live("SH-12 the slot moves on only after the bus has confirmed; what was not is sent again, with its id", () => {
    const bus = recording()
    const asked: Array<string> = []
    return Effect.gen(function*() {
      const sql = yield* prepared
      const fiber = yield* bridging(source, { tables: [orders] })
      bus.refuse = ({ id }) => {
        asked.push(id)
        return unavailable
      }
      const [before] = yield* sql<{ lsn: string }>`select pg_current_wal_insert_lsn()::text as lsn`
      yield* sql`insert into orders values (1)`
      yield* until(() => asked.length > 0)
      yield* Fiber.interrupt(fiber)
      const [slot] = yield* sql<{ waits: boolean }>`select confirmed_flush_lsn <= ${before?.lsn ?? ""}::pg_lsn as waits
        from pg_replication_slots where slot_name = 'kanau_bridge'`
      assert.deepStrictEqual(slot, { waits: true })
      bus.refuse = () => undefined
      yield* Effect.forkScoped(ReplicationBridge.run({ tables: [orders] }, { url }))
      yield* until(() => bus.confirmed.length > 0)
      assert.deepStrictEqual(new Set(bus.confirmed.map(({ id }) => id)), new Set(asked))
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)

  it.live("SH-12 a transaction that commits right behind a confirmed one is not skipped", () => {
    const bus = recording()
    return Effect.gen(function*() {
      const sql = yield* prepared
      yield* bridging(source, { tables: [orders] })
      for (let round = 0; round < 6; round++) {
        const written = yield* Deferred.make<void>()
        const commit = yield* Deferred.make<void>()
        const second = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
          yield* sql`insert into orders values (${round * 2})`
          yield* Deferred.succeed(written, undefined)
          yield* Deferred.await(commit)
        })))
        yield* Deferred.await(written)
        yield* sql`insert into orders values (${round * 2 + 1})`
        yield* until(() => bus.confirmed.length === round * 2 + 1)
        // Until the slot has heard of it.
        yield* eventually(`(select confirmed_flush_lsn >= pg_current_wal_lsn() from pg_replication_slots
          where slot_name = 'kanau_bridge')`)
        yield* sql`select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'kanau_bridge'`
        yield* Deferred.succeed(commit, undefined)
        yield* Fiber.join(second)
        yield* until(() => firsts(bus.confirmed).length === round * 2 + 2)
      }
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)

  it.live("SH-12 a transaction of 100 MB waits on the server, not in memory, while the bus is away", () => {
    const bus = recording()
    return Effect.gen(function*() {
      const sql = yield* prepared
      yield* bridging(source, { tables: [orders] })
      bus.refuse = () => unavailable
      const used = () => {
        const { external, heapUsed } = process.memoryUsage()
        return heapUsed + external
      }
      const before = used()
      yield* sql`insert into orders select id, 0, repeat('x', 5000) from generate_series(1, 20000) id`
      yield* until(() => bus.asked > 0)
      // What the server could send, it has sent.
      for (let before = "", now = " "; now !== before;) {
        before = now
        yield* Effect.sleep("500 millis")
        now = (yield* sql<{ lsn: string }>`select sent_lsn::text as lsn from pg_stat_replication`)[0]?.lsn ?? ""
      }
      assert.isBelow(used() - before, 64 * 2 ** 20)
      bus.refuse = () => undefined
      yield* until(() => bus.confirmed.length >= 20_000)
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 90_000)

  it.live("SH-12 one process reads from the slot, and another takes over", () => {
    const bus = recording()
    return Effect.gen(function*() {
      const sql = yield* prepared
      const first = yield* bridging(source, { tables: [orders] })
      const second = yield* Effect.forkScoped(ReplicationBridge.run({ tables: [orders] }, { url }))
      yield* sql`insert into orders values (1)`
      yield* until(() => bus.confirmed.length === 1)
      yield* Fiber.interrupt(first)
      yield* sql`insert into orders values (2)`
      yield* until(() => firsts(bus.confirmed).length === 2)
      assert.isUndefined(second.pollUnsafe())
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)
})
