import { assert, describe, it } from "@effect/vitest"
import { EmbeddedBus } from "@kanau/messaging"
import { Database } from "@kanau/postgres"
import { MemoryViewStore, Servers } from "@kanau/testing"
import { Refresh, View, ViewStore } from "@kanau/views"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { refresh } from "../src/commands/refreshing.ts"

const place = await Servers.postgresDatabase()
const layer = Layer.mergeAll(
  Database.layer({ url: Redacted.make(place.url), applicationName: "test", maxConnections: 2 }),
  Layer.sync(ViewStore.ViewStore, () => MemoryViewStore.make()),
  EmbeddedBus.layer({ file: ":memory:" })
)

/** Numbers and their squares, as of the snapshot they are read in. */
const squares = View.define<never, SqlClient.SqlClient, never>({
  name: "square",
  dependsOn: [],
  derive: (ids) =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* Database.faults(sql<{ version: string }>`
        select (pg_snapshot_xmax(s)::text::bigint - (select count(*) from pg_snapshot_xip(s)))::text as version
        from pg_current_snapshot() as s`)
      return ids.map((id) => ({
        id,
        version: BigInt(row?.version ?? 0),
        revision: 1,
        json: Number(id) > 3 ? null : JSON.stringify({ id, square: Number(id) ** 2 }),
        fields: {}
      }))
    }),
  keys: (after) => Effect.succeed(after === undefined ? ["1", "2", "3"] : [])
})

describe("view refresh", () => {
  it.live("NV-5 repairs what was changed by hand although nobody writes to PostgreSQL, and counts it", () =>
    Effect.gen(function*() {
      const store = yield* ViewStore.ViewStore
      yield* Refresh.documents(squares, ["1", "2", "3"])
      const right = yield* store.read("square", ["2"])
      const [held] = right
      if (held === undefined) return assert.fail("2 is not there")
      const bytes = new TextEncoder().encode("{\"id\":\"2\",\"square\":5}")
      assert.isTrue(yield* store.replaceIfSame("square", { ...held, bytes }, held))
      yield* store.replaceIfNewer("square", [{ ...held, id: "9" }])

      const progress: Array<string> = []
      const report = (done: number, total: number) => Effect.sync(() => void progress.push(`${done}/${total}`))
      assert.deepStrictEqual(yield* refresh(squares, "all", report), {
        view: "square",
        derived: 4,
        written: 4,
        changed: 2,
        absent: 1
      })
      assert.deepStrictEqual(progress, ["3/4", "4/4"])
      const [repaired] = yield* store.read("square", ["2"])
      assert.deepStrictEqual(repaired?.bytes, held.bytes)
      assert.deepStrictEqual((yield* store.read("square", ["9"])).map(({ deleted }) => deleted), [true])
      assert.deepStrictEqual(yield* refresh(squares, ["2", "2"], () => Effect.void), {
        view: "square",
        derived: 1,
        written: 1,
        changed: 0,
        absent: 0
      })
    }).pipe(Effect.provide(layer)))
})
