import { assert, describe, it } from "@effect/vitest"
import { FaultProxy, Servers } from "@kanau/testing"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Migrations, Outbox, Relay } from "../src/index.ts"
import { append, eventually, pendingReaches, recording, reset, turnsOf } from "./relaying.ts"

const place = await Servers.postgresDatabase()

const direct = Layer.provideMerge(
  Outbox.layer({ source: "/test" }),
  Layer.provideMerge(
    Layer.effectDiscard(Migrations.run(Migrations.kanau)),
    Database.layer({ url: Redacted.make(place.url), applicationName: "test" })
  )
)

/** A database client over a wire that can break. */
const wired = Effect.gen(function*() {
  const url = new URL(place.url)
  const proxy = yield* Effect.acquireRelease(
    Effect.promise(() => FaultProxy.start({ host: url.hostname, port: Number(url.port) })),
    (proxy) => Effect.promise(proxy.close)
  )
  url.hostname = "127.0.0.1"
  url.port = String(proxy.port)
  return { proxy, database: Database.layer({ url: Redacted.make(url.href), applicationName: "relay" }) }
})

describe("a relay that recovers", () => {
  it.live(
    "NB-12 whichever of its statements fails, it goes on when the database does, and keeps the order (DBOS #716)",
    () => {
      const bus = recording()
      return Effect.gen(function*() {
        yield* reset
        const { database, proxy } = yield* wired
        const relay = yield* Effect.forkChild(
          Effect.provide(Relay.make({ leaseSeconds: 1 }), Layer.merge(bus.layer, database))
        )
        yield* append([["a", 0]])
        yield* pendingReaches(0)
        // Every connection ends after so many bytes: at its greeting, at the leases, at a page, at a delete, and so on.
        const breaks = [1, 400, 1000, 2000, 4000, 8000]
        for (const [at, resetAfterBytes] of breaks.entries()) {
          proxy.set({ resetAfterBytes })
          proxy.reset()
          yield* append([["a", 2 * at + 1], ["b", at]])
          yield* Effect.sleep("150 millis")
          proxy.set({})
          yield* append([["a", 2 * at + 2]])
          yield* pendingReaches(0)
        }
        const turns = [...new Set(turnsOf(bus.confirmed, "a"))]
        assert.deepStrictEqual(turns, Array.from({ length: 2 * breaks.length + 1 }, (_, turn) => turn))
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.scoped, Effect.provide(direct))
    },
    120_000
  )

  it.live(
    "NB-15 what it reads does not grow with the history: the log is read by its index only (MassTransit #5918)",
    () => {
      const bus = recording()
      return Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* reset
        yield* sql`insert into kanau.events (id, type, source, subject, version, time, correlation_id, data)
        select gen_random_uuid()::text, 'test.moved', '/test', 'old ' || n, '1', now(), 'history', '{}'
        from generate_series(1, 30000) n`
        yield* sql`analyze kanau.events`
        const scans = Effect.map(
          sql<{ seq: number; index: number }>`
          select coalesce(sum(seq_scan), 0)::integer as seq, coalesce(sum(idx_scan), 0)::integer as index
          from pg_stat_user_tables where schemaname = 'kanau' and relname like 'events\\_%' and n_live_tup > 1000`,
          ([row]) => row ?? { seq: 0, index: 0 }
        )
        yield* eventually(
          "exists (select 1 from pg_stat_user_tables where relname like 'events\\_%' and n_live_tup > 1000)"
        )
        const relay = yield* Effect.forkChild(Effect.provide(Relay.run, bus.layer))
        const round = Effect.gen(function*() {
          const before = yield* scans
          for (let turn = 0; turn < 20; turn++) yield* append([["a", turn], ["b", turn]])
          yield* pendingReaches(0)
          // Statistics of a session arrive within a second or so.
          yield* Effect.repeat(Effect.delay(scans, "50 millis"), { until: ({ index }) => index > before.index }).pipe(
            Effect.timeout("20 seconds")
          )
          yield* Effect.sleep("1500 millis")
          return (yield* scans).seq - before.seq
        })
        // What was done before may be told late, in the first rounds; what the relay does would be told in each.
        assert.strictEqual(yield* Effect.repeat(round, { until: (scanned) => scanned === 0, times: 4 }), 0)
        yield* Fiber.interrupt(relay)
      }).pipe(Effect.provide(direct))
    },
    60_000
  )
})
