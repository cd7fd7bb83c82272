import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import * as EmbeddedDatabase from "../src/EmbeddedDatabase.ts"

const folder = mkdtempSync(join(tmpdir(), "kanau-template-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const template = join(folder, "empty.tar")

/** Makes a table in a new database; whether it had one before. */
const begin = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.gen(function*() {
    const [before] = yield* sql<{ there: boolean }>`select to_regclass('left_behind') is not null as there`
    yield* sql`create table if not exists left_behind ()`
    return before?.there
  })).pipe(Effect.provide(EmbeddedDatabase.layer({ template })))

describe("Embedded PostgreSQL", () => {
  it.live(
    "a template is made when it is absent or broken, is begun with, and stays empty",
    () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* begin, false)
        const made = readFileSync(template)
        assert.strictEqual(yield* begin, false)
        assert.deepStrictEqual(readFileSync(template), made)
        writeFileSync(template, "broken")
        assert.strictEqual(yield* begin, false)
        assert.isAbove(readFileSync(template).length, 1_000_000)
      }),
    120_000
  )
})
