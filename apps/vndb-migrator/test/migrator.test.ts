import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Wiki } from "@kanau/vndb"
import { Effect } from "effect"
import { createConnection } from "mysql2/promise"
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { Client } from "pg"
import { afterAll } from "vitest"

const place = await Servers.postgresDatabase()
const other = await Servers.postgresDatabase()
const third = await Servers.postgresDatabase()
const mysql = await Servers.mariadbDatabase()
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-migrator-"))
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }))

const dump = path.join(scratch, "dump")
await Effect.runPromise(Wiki.withSampleDump((made) => Effect.sync(() => fs.cpSync(made, dump, { recursive: true }))))

const command = (args: ReadonlyArray<string>) => ["--conditions=@kanau/source", main, ...args]

const environmentOf = (url: string | null) => ({
  PATH: process.env["PATH"] ?? "",
  ...(url === null ? {} : { DATABASE_URL: url })
})

const run = (args: ReadonlyArray<string>, url: string | null = place.url, more: Record<string, string> = {}) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, command(args), {
    encoding: "utf8",
    env: { ...environmentOf(url), ...more }
  })
  return { stdout, stderr, status }
}

/** Starts an import and kills the process when it has said so much. */
const runUntil = (words: string, url: string) =>
  new Promise<boolean>((resolve) => {
    const child = spawn(process.execPath, command([dump, "--user-lists"]), {
      env: environmentOf(url),
      stdio: ["ignore", "ignore", "pipe"]
    })
    let output = ""
    child.stderr.on("data", (data) => {
      output += String(data)
      if (output.includes(words)) child.kill("SIGKILL")
    })
    child.once("exit", (_, signal) => resolve(signal === "SIGKILL"))
  })

const tables = [
  "vn",
  "vn_titles",
  "vn_staff",
  "releases",
  "releases_vn",
  "chars_traits",
  "tags_vn",
  "ulist_vns",
  "entry_meta",
  "wiki_imported",
  "vn_stats"
]

const contentOf = async (url: string) => {
  const client = new Client({ connectionString: url })
  await client.connect()
  const sums = []
  for (const table of tables) {
    const { rows } = await client.query(
      `select '${table}' as name, md5(coalesce(string_agg(row::text, '|' order by row::text), '')) as sum from ${table} row`
    )
    sums.push(rows[0])
  }
  await client.end()
  return sums
}

describe("vndb-migrator", () => {
  it("NV-7 imports a dump into a fresh database, reports it, and finds nothing to do the second time", () => {
    const rejects = path.join(scratch, "rejects.tsv")
    fs.appendFileSync(path.join(dump, "db", "quotes"), "q9\tbroken\n")
    const first = run([dump, "--user-lists", "--rejects", rejects])
    assert.strictEqual(first.status, 0, first.stderr)
    const [, created = "0"] =
      /^(\d+) entries created, 0 changed, 0 deleted, 0 restored, 0 as they were/.exec(first.stdout) ?? []
    assert.isAbove(Number(created), 1000)
    assert.include(first.stderr, "merge vn: 164/164")
    assert.match(first.stderr, /read ulist_vns: \d+ rows/)
    assert.include(first.stdout, "left out: 1 rows of quotes, because has a wrong number of cells (line ")
    assert.include(first.stdout, "Open Database License 1.0")
    assert.match(fs.readFileSync(rejects, "utf8"), /^quotes\thas a wrong number of cells\tline \d+\n$/)
    const second = run([dump, "--user-lists", "--json"])
    assert.strictEqual(second.status, 0, second.stderr)
    const report = JSON.parse(second.stdout) as Record<string, unknown>
    assert.deepStrictEqual(
      ["created", "edited", "added", "removed", "unchanged"].map((name) => report[name]),
      [0, 0, 0, 0, Number(created)]
    )
    assert.strictEqual(second.stderr, "")
  }, 120_000)

  it(
    "NV-7 killed while it reads, merges entries, copies lists or derives, and started again, it equals one clean import",
    async () => {
      for (const words of ["read image_votes", "merge character: ", "merge tags_vn", "derive votes"]) {
        assert.isTrue(await runUntil(words, other.url), words)
      }
      assert.strictEqual(run([dump, "--user-lists"], other.url).status, 0)
      assert.deepStrictEqual(await contentOf(other.url), await contentOf(place.url))
    },
    180_000
  )

  it(
    "NV-7 imports from the MySQL database named by MYSQL_URL or as the argument, in tables of its own making",
    async () => {
      const connection = await createConnection({ uri: mysql.url, multipleStatements: true })
      await connection.query(run(["mysql-schema"]).stdout)
      await connection.query(`insert into docs values ('d1', 'How to', 'Read');
      insert into entry_meta values ('d1', '2020-01-01', '2020-01-02', 3, 3, 1), ('d2', '2020-01-01', '2020-01-02', 1, 1, 1)`)
      await connection.end()
      const args = ["--no-derive", "--timestamp", "2026-03-14 08:00:05+00"]
      const first = run(args, third.url, { MYSQL_URL: mysql.url })
      assert.strictEqual(first.status, 0, first.stderr)
      assert.include(first.stdout, "1 entries created")
      assert.include(first.stdout, "Dump of 2026-03-14 08:00:05+00")
      assert.include(first.stderr, "read docs: 1 rows\n")
      const again = run([mysql.url, ...args], third.url)
      assert.include(again.stdout, "0 entries created, 0 changed, 0 deleted, 0 restored, 1 as they were")
      const wrong = new URL(mysql.url)
      wrong.password = "s3cret"
      const refused = run(args, third.url, { MYSQL_URL: wrong.href })
      assert.notStrictEqual(refused.status, 0)
      assert.include(refused.stdout + refused.stderr, "The user or the password is wrong")
      assert.notInclude(refused.stdout + refused.stderr, "s3cret")
      const nothing = run([], third.url)
      assert.include(nothing.stdout + nothing.stderr, "Name an archive or a folder, or set MYSQL_URL")
    },
    120_000
  )

  it("NV-7 a folder that is no dump, and a missing DATABASE_URL, are said in a sentence; --help explains", () => {
    const noDump = run([fileURLToPath(new URL(".", import.meta.url))])
    assert.notStrictEqual(noDump.status, 0)
    assert.include(noDump.stdout + noDump.stderr, "There is no table in it")
    const noUrl = run([dump], null)
    assert.notStrictEqual(noUrl.status, 0)
    assert.include(noUrl.stdout + noUrl.stderr, "DATABASE_URL")
    const help = run(["--help"])
    assert.include(help.stdout, "--user-lists")
    assert.include(help.stdout, "personal data")
  }, 60_000)
})
