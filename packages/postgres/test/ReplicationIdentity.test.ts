/** What a replica identity decides: what is sent of a row, and whether a table can be bridged at all. */
import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Migrations } from "../src/index.ts"
import * as ReplicationBridge from "../src/ReplicationBridge.ts"
import { bridging, byOrder, firsts, orders, type Source, until } from "./bridging.ts"
import { eventually, recording } from "./relaying.ts"

const place = await Servers.postgresDatabase()
const url = Redacted.make(place.url)
const slot = place.name.replaceAll(/[^a-z0-9_]/g, "_").slice(-30)

const migrated = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  Database.layer({ url, applicationName: "test" })
)

const source: Source = {
  name: "replication",
  bridge: slot,
  start: (bridge) => ({
    run: ReplicationBridge.run({ name: slot, ...bridge }, { url }),
    ready: eventually(`exists (select from pg_replication_slots join kanau.bridge_slots on slot = slot_name
      where slot_name = 'kanau_${slot}' and active)`),
    remove: Effect.retry(ReplicationBridge.uninstall(slot), { schedule: Schedule.spaced("50 millis"), times: 100 })
  })
}

const prepared = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists orders, elsewhere`
  yield* sql`create table orders (id integer primary key, n integer not null default 0, note text)`
  yield* sql`create table elsewhere (note text)`
  return sql
})

describe("Replica identities", () => {
  it.live(
    "SH-12 with the primary key as replica identity: large values that did not change are named, not sent",
    () => {
      const bus = recording()
      return Effect.gen(function*() {
        const sql = yield* prepared
        yield* sql`alter table orders alter column note set storage external`
        yield* bridging(source, { tables: [orders] })
        const large = "x".repeat(100_000)
        yield* sql`insert into orders values (1, 0, ${large})`
        yield* sql`update orders set n = 1`
        yield* sql`update orders set id = 2`
        yield* sql`delete from orders`
        yield* until(() => bus.confirmed.length === 5)
        const changes = firsts(bus.confirmed).toSorted(byOrder)
        assert.deepStrictEqual(
          changes.map((
            { changed, key, new: now, old, operation, unchanged }
          ) => [operation, key, now, old, changed, unchanged]),
          [
            ["insert", { id: 1 }, { id: 1, n: 0, note: large }, null, null, []],
            ["update", { id: 1 }, { id: 1, n: 1 }, null, null, ["note"]],
            ["delete", { id: 1 }, null, { id: 1 }, null, []],
            ["insert", { id: 2 }, { id: 2, n: 1 }, null, null, ["note"]],
            ["delete", { id: 2 }, null, { id: 2 }, null, []]
          ]
        )
      }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
    },
    60_000
  )

  it.live("SH-12 a table whose rows cannot be told apart is refused before its writers would be", () => {
    const bus = recording()
    return Effect.gen(function*() {
      yield* prepared
      const { message } = yield* Effect.flip(ReplicationBridge.run({
        name: slot,
        tables: [orders, { table: "public.elsewhere", key: ["note"], prefix: "else" }]
      }, { url }))
      assert.match(message, /^Column note of public\.elsewhere is no part of its replica identity/)
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* sql`select pubname from pg_publication`, [])
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(migrated, bus.layer)))
  }, 60_000)
})
