import { assert, describe, it } from "@effect/vitest"
import { KeyValue } from "@kanau/core"
import { KeyValueConformance } from "@kanau/testing"
import { Effect, Option } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import * as SqliteKeyValue from "../src/SqliteKeyValue.ts"

const folder = mkdtempSync(join(tmpdir(), "kanau-example-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// #region suite
KeyValueConformance.suite("KeyValue on SQLite", SqliteKeyValue.layer({ file: join(folder, "conformance.sqlite") }))
// #endregion

describe("KeyValue on SQLite", () => {
  it.effect("what was written is there after a restart", () => {
    const layer = SqliteKeyValue.layer({ file: join(folder, "restart.sqlite") })
    const within = <A, E>(use: (store: KeyValue.KeyValueService) => Effect.Effect<A, E>) =>
      Effect.provide(KeyValue.KeyValue.use(use), layer)
    return Effect.gen(function*() {
      yield* within((store) => store.set("k", "kept", 60_000))
      assert.deepStrictEqual(yield* within((store) => store.get("k")), Option.some("kept"))
    })
  })

  it.effect("KN-9 a file that cannot be opened is a value that says so", () =>
    Effect.gen(function*() {
      const layer = SqliteKeyValue.layer({ file: join(folder, "no", "such", "folder.sqlite") })
      const fault = yield* Effect.flip(Effect.provide(KeyValue.KeyValue.use((store) => store.get("k")), layer))
      assert.strictEqual(fault.kind, "unavailable")
    }))
})
