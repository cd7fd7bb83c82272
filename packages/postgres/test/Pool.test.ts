import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Database } from "../src/index.ts"

const place = await Servers.postgresDatabase()

const pool = (maxConnections: number) =>
  Database.layer({ url: Redacted.make(place.url), applicationName: "pooled", maxConnections })

const sessions = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<
      { pid: number }
    >`select pid from pg_stat_activity where application_name = 'pooled' and pid <> pg_backend_pid()`,
    (rows) => rows.map(({ pid }) => pid)
  ))

describe("the pool of connections", () => {
  it.live("NF-8 it has no more connections than allowed, however many ask", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      let most = 0
      yield* Effect.forEach(
        Array.from({ length: 12 }),
        () =>
          Database.transaction(Effect.gen(function*() {
            yield* sql`select pg_sleep(0.02)`
            most = Math.max(most, (yield* sessions).length + 1)
          })),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(most, 3)
    }).pipe(Effect.provide(pool(3))), 30_000)

  it.live("NF-8 a connection lost in a transaction is unavailable, and no bug", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const lost = sql`select pg_terminate_backend(pg_backend_pid())`
      assert.strictEqual((yield* Effect.flip(Database.transaction(lost)))._tag, "Unavailable")
      const nested = Database.transaction(Database.transaction(lost))
      assert.strictEqual((yield* Effect.flip(nested))._tag, "Unavailable")
    }).pipe(Effect.provide(pool(2))))

  it.effect(
    "NF-8 who waits too long for a connection is told so, and the next one gets it",
    () =>
      Effect.gen(function*() {
        const holding = yield* Deferred.make<void>()
        const held = yield* Deferred.make<void>()
        const holder = yield* Effect.forkChild(
          Database.transaction(Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(holding)))
        )
        yield* Deferred.await(held)
        const waiting = yield* Effect.forkChild(Effect.flip(Database.transaction(Effect.void)), {
          startImmediately: true
        })
        yield* TestClock.withLive(Effect.sleep("50 millis"))
        yield* TestClock.adjust("11 seconds")
        const fault = yield* Fiber.join(waiting)
        assert.strictEqual(fault._tag, "Unavailable")
        assert.include(fault.message, "no connection of the pool was free for 10 s")
        yield* Deferred.succeed(holding, undefined)
        yield* Fiber.join(holder)
        yield* Database.transaction(Effect.void)
      }).pipe(Effect.provide(pool(1))),
    30_000
  )

  it.live("NF-8 a connection that was broken is not used again", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* Effect.forEach(Array.from({ length: 4 }), () => Database.transaction(sql`select pg_sleep(0.02)`), {
        concurrency: "unbounded"
      })
      const before = yield* sessions
      assert.isAbove(before.length, 0)
      yield* sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'pooled' and pid <> pg_backend_pid()`
      for (let turn = 0; turn < 20; turn++) {
        yield* Effect.retry(Database.transaction(sql`select 1`), { times: 1 })
      }
      const after = yield* sessions
      assert.deepStrictEqual(after.filter((pid) => before.includes(pid)), [])
    }).pipe(Effect.provide(pool(4))), 30_000)
})
