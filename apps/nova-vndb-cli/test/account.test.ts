/** Accounts by the command-line tool, on a real database. */
import { Database, Migrations } from "@kanau/postgres"
import { Servers } from "@kanau/testing"
import { Wiki } from "@kanau/vndb"
import { findAttributes } from "@kanau/vndb/accounts/entities/Accounts"
import { Effect, Redacted } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, beforeAll, describe, test } from "vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const place = await Servers.postgresDatabase()
const layer = Database.layer({ url: Redacted.make(place.url), applicationName: "test", maxConnections: 2 })

/** Runs the tool; its exit code and what it printed. */
const tool = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    const { NODE_COMPILE_CACHE = "", PATH = "" } = process.env
    const env = { NODE_COMPILE_CACHE, PATH, DATABASE_URL: place.url }
    execFile(
      process.execPath,
      ["--conditions=@kanau/source", main, ...args],
      { env },
      (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err })
    )
  })

const held = (name: string) => Effect.runPromise(Effect.provide(findAttributes({ name }), layer))

describe("account", () => {
  beforeAll(() => Effect.runPromise(Effect.provide(Migrations.run(Migrations.kanau, Wiki.migrations), layer)), 60_000)

  test("NV-8 the first owner comes from the operator; what is not said stays as it is", async () => {
    const before = await tool("account", "show", "ada")
    assert.strictEqual(before.code, 0, before.err)
    assert.include(before.out, "Nothing is said of ada")
    assert.match(before.out, /^administration {2}none$/m)
    assert.strictEqual((await tool("account", "set", "ada", "--administration", "owner")).code, 0)
    const changed = await tool("account", "set", "ada", "--wiki", "editor", "--community", "moderator", "--json")
    const expected = {
      community: "moderator",
      wiki: "editor",
      sponsorship: "none",
      administration: "owner",
      verification: "none"
    }
    assert.deepStrictEqual<unknown>(JSON.parse(changed.out), { name: "ada", known: true, ...expected })
    assert.deepStrictEqual<unknown>(await held("ada"), expected)
    assert.deepStrictEqual<unknown>(JSON.parse((await tool("account", "show", "ada", "--json")).out), {
      name: "ada",
      known: true,
      ...expected
    })
    assert.match((await tool("account", "show", "ada")).out, /^administration {2}owner$/m)
  }, 60_000)

  test("NV-8 a wrong word and a set of nothing are refused, and --help says what there is", async () => {
    const wrong = await tool("account", "set", "bob", "--administration", "king")
    assert.strictEqual(wrong.code, 2)
    const nothing = await tool("account", "set", "bob")
    assert.strictEqual(nothing.code, 2)
    assert.include(nothing.err, "--administration")
    assert.isUndefined(await held("bob"))
    const help = await tool("account", "set", "--help")
    assert.strictEqual(help.code, 0)
    for (const word of ["--community", "--wiki", "--sponsorship", "--administration", "--verification", "owner"]) {
      assert.include(help.out, word)
    }
    assert.include((await tool("--help")).out, "account")
  }, 60_000)
})
