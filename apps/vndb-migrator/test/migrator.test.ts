import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Wiki } from "@kanau/vndb"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const place = await Servers.postgresDatabase()
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const run = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = { DATABASE_URL: place.url }
) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--conditions=@kanau/source", main, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...environment }
  })
  return { stdout, stderr, status }
}

describe("vndb-migrator", () => {
  it("NV-7 imports a dump into a fresh database, reports it, and finds nothing to do the second time", () => {
    const first = run([Wiki.bundledDump])
    assert.strictEqual(first.status, 0, first.stderr)
    assert.include(first.stdout, "382 entries created, 0 changed, 0 as they were")
    assert.include(first.stderr, "merge release: 218/218 entries")
    const second = run([Wiki.bundledDump, "--json"])
    assert.strictEqual(second.status, 0, second.stderr)
    const report = JSON.parse(second.stdout) as Record<string, unknown>
    assert.deepStrictEqual([report["created"], report["changed"], report["unchanged"]], [0, 0, 382])
  }, 60_000)

  it("NV-7 a folder that is no dump, and a missing DATABASE_URL, are said in a sentence", () => {
    const noDump = run([fileURLToPath(new URL(".", import.meta.url))])
    assert.notStrictEqual(noDump.status, 0)
    assert.include(noDump.stdout + noDump.stderr, "db/vn")
    const noUrl = run([Wiki.bundledDump], {})
    assert.notStrictEqual(noUrl.status, 0)
    assert.include(noUrl.stdout + noUrl.stderr, "DATABASE_URL")
  }, 60_000)
})
