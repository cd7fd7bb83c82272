import { assert, describe, layer } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Effect, Layer, Redacted, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { BulkCopy, Database } from "../src/index.ts"
import { embedded as inProcess } from "./embedded.ts"

const place = await Servers.postgresDatabase()
const url = Redacted.make(place.url)
const server = Layer.merge(
  Database.layer({ url, applicationName: "test" }),
  BulkCopy.layer({ url, applicationName: "test-copy" })
)

const bytes = (...pieces: ReadonlyArray<string>) =>
  Stream.fromIterable(pieces.map((piece) => new TextEncoder().encode(piece)), { chunkSize: 1 })

const fresh = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists copied`
  yield* sql`create table copied (id text, note text, number integer default 7)`
})

const copy = <E, R>(rows: Stream.Stream<Uint8Array, E, R>, columns: ReadonlyArray<string> = ["note", "id"]) =>
  BulkCopy.BulkCopy.use(({ copyIn }) => copyIn({ table: "copied", columns, bytes: rows }))

const held = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select id, note, number from copied order by id`)

for (
  const database of [
    { name: "PostgreSQL server", layer: server },
    { name: "embedded PostgreSQL", layer: inProcess }
  ]
) {
  describe(`BulkCopy on ${database.name}`, () => {
    layer(database.layer, { excludeTestServices: true })((it) => {
      it.effect("NV-7 rows arrive as they are written, however the bytes are cut", () =>
        Effect.gen(function*() {
          yield* fresh
          assert.strictEqual(yield* copy(bytes("a\\tb\tv", "1\n\\N", "\tv2\n", "no end\tv3")), 3)
          assert.deepStrictEqual(yield* held, [
            { id: "v1", note: "a\tb", number: 7 },
            { id: "v2", note: null, number: 7 },
            { id: "v3", note: "no end", number: 7 }
          ])
          assert.strictEqual(yield* copy(Stream.empty), 0)
        }))

      it.effect("NV-7 what the table refuses leaves no row and is said without a value", () =>
        Effect.gen(function*() {
          yield* fresh
          const fault = yield* Effect.flip(copy(bytes("1\tv1\nsecret\tv2\n"), ["number", "id"]))
          assert.include(fault.message, "22P02")
          assert.notInclude(fault.message, "secret")
          assert.deepStrictEqual(yield* held, [])
        }))

      it.effect("NV-7 a source that fails or is interrupted ends the copy with its own failure", () =>
        Effect.gen(function*() {
          yield* fresh
          const failing = Stream.concat(bytes("x\tv1"), Stream.fail("gone" as const))
          assert.strictEqual(yield* Effect.flip(copy(failing)), "gone")
          const stopped = Stream.concat(bytes("x\tv1"), Stream.fromEffect(Effect.interrupt))
          yield* Effect.exit(copy(stopped))
          assert.deepStrictEqual(yield* held, [])
          assert.strictEqual(yield* copy(bytes("x\tv9\n")), 1)
        }))

      it.effect("NV-7 a copy takes no part in the transaction of its caller", () =>
        Effect.gen(function*() {
          yield* fresh
          const sql = yield* SqlClient.SqlClient
          yield* Effect.all([
            Database.transaction(sql`insert into copied (id) values ('v0')`),
            copy(bytes(...Array.from({ length: 50 }, (_, at) => `x\tv${at + 1}\n`)))
          ], { concurrency: 2 })
          assert.lengthOf(yield* held, 51)
        }))
    })
  })
}

describe("BulkCopy without a server", () => {
  layer(BulkCopy.layer({ url: Redacted.make("postgres://127.0.0.1:1/none"), applicationName: "test" }))((it) => {
    it.effect("NV-7 a server that is not there is Unavailable", () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(copy(bytes("x\tv1\n")))).kind, "unavailable")
      }))
  })
})
