import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Database, Migrations } from "../src/index.ts"

const place = await Servers.postgresDatabase()
const layer = Database.layer({ url: Redacted.make(place.url), applicationName: "test", maxConnections: 2 })

describe("what operators need of PostgreSQL", () => {
  it.live("pending migrations are told and nothing is run", () =>
    Effect.gen(function*() {
      const all = yield* Migrations.pending(Migrations.kanau)
      assert.isAbove(all.length, 5)
      assert.deepStrictEqual(yield* Migrations.pending(Migrations.kanau), all)
      assert.deepStrictEqual(yield* Migrations.run(Migrations.kanau), all)
      assert.deepStrictEqual(yield* Migrations.pending(Migrations.kanau), [])
      const sql = yield* SqlClient.SqlClient
      yield* sql`delete from kanau_migrations where migration_id = ${all.length}`
      assert.deepStrictEqual(yield* Migrations.pending(Migrations.kanau), all.slice(-1))
    }).pipe(Effect.provide(layer)))

  it.live("NV-5 snapshots after an advance are later than those before, although nobody writes", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const version = Effect.map(
        sql<{ version: string }>`
          select (pg_snapshot_xmax(s)::text::bigint - (select count(*) from pg_snapshot_xip(s)))::text as version
          from pg_current_snapshot() as s`,
        ([row]) => BigInt(row?.version ?? 0)
      )
      const before = yield* version
      yield* Database.advance
      assert.isTrue((yield* version) > before)
    }).pipe(Effect.provide(layer)))
})
