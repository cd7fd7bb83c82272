/**
 * Imports a synthetic dump, lists included, with `vndb-migrator` in a process of its own; the peer is `psql` copying the same
 * files into the same tables, with their keys, indexes and checks, in one transaction, without looking at anything. Then the
 * same dump again, which must write nothing.
 *
 * The time is that of the whole process, the memory its highest. Nothing is derived, on neither side.
 */
import { Migrations } from "@kanau/postgres"
import * as OwnServers from "@kanau/testing/OwnServers"
import { Wiki } from "@kanau/vndb"
import { Generator, Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { databaseAt } from "../delivery/connections.ts"
import { database } from "../delivery/servers.ts"
import { report } from "../report.ts"
import { measure, migrate } from "./migrating.ts"

const bench = "vndb"

export const imports = async (options: { readonly quick: boolean }): Promise<void> => {
  const scale = options.quick ? 0.01 : 0.1
  const rounds = options.quick ? 3 : 1
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-bench-vndb-"))
  const server = await OwnServers.postgres({ durable: true })
  try {
    const dump = path.join(scratch, "dump")
    await Effect.runPromise(Generator.write(dump, { seed: 1n, scale, torture: false }))
    const rows = Layout.names.reduce((sum, table) => sum + linesIn(path.join(dump, "db", table)), 0)
    process.stderr.write(`${bench}: import of ${rows} rows\n`)
    const ours: Array<number> = []
    const theirs: Array<number> = []
    const again: Array<number> = []
    const memory: Array<number> = []
    const written: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const [held, copied] = [await prepare(server.url, `ours${round}`), await prepare(server.url, `theirs${round}`)]
      await copied.query(widening)
      theirs.push(rows / await copyAll(copied.url, dump, scratch))
      const first = await migrate(held.url, dump, { lists: true })
      ours.push(rows / first.seconds)
      const second = await migrate(held.url, dump, { lists: true })
      again.push(rows / second.seconds)
      memory.push(first.megabytes, second.megabytes)
      written.push(
        ["created", "edited", "deleted", "added", "removed"].reduce((sum, name) => sum + Number(second.report[name]), 0)
      )
      await Promise.all([held.close(), copied.close()])
    }
    const at = `${scale * 100} %`
    const peer = { name: "psql \\copy", rounds: theirs }
    report({ bench, case: `import of ${at}`, unit: "rows/s", ours, peer, goal: { atLeast: 0.4 } })
    report({ bench, case: `the same dump of ${at} again`, unit: "rows/s", ours: again })
    report({ bench, case: `rows written again`, unit: "rows", ours: written, goal: { atMost: 0 } })
    report({ bench, case: `memory for ${at}`, unit: "MB", ours: [Math.max(...memory)], goal: { atMost: 500 } })
  } finally {
    await server.stop()
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

const linesIn = (file: string): number => {
  const bytes = fs.readFileSync(file)
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}

const prepare = async (server: string, name: string) => {
  const made = await database(server, name, true)
  await Effect.runPromise(Effect.provide(Migrations.run(Wiki.migrations), databaseAt(made.url)))
  return made
}

/** Columns of the files that are kept elsewhere here, and a check that the files do not meet. */
const widening = `
  alter table vn add c_image text, add c_votecount int, add c_rating int2, add c_average int2, add c_length int2, add c_lengthnum int2;
  alter table images add c_votecount int2, add c_sexual_avg int2, add c_sexual_stddev int2, add c_violence_avg int2,
    add c_violence_stddev int2, add c_weight int2;
  alter table chars drop constraint chars_birthday_check;`

/** What others refer to comes first. */
const first: ReadonlyArray<Layout.TableName> = [
  "images",
  "extlinks",
  "anime",
  "drm",
  "users",
  "producers",
  "tags",
  "traits",
  "staff",
  "staff_alias",
  "vn",
  "releases",
  "chars",
  "releases_vn"
]

const copyAll = async (url: string, dump: string, scratch: string): Promise<number> => {
  const script = path.join(scratch, "copy.sql")
  const order = [...first, ...Layout.names.filter((table) => !first.includes(table))]
  fs.writeFileSync(
    script,
    order.map((table) => {
      const file = path.join(dump, "db", table)
      const columns = fs.readFileSync(`${file}.header`, "utf8").trimEnd().split("\t")
      return `\\copy ${table} (${columns.join(", ")}) from '${file}'\n`
    }).join("")
  )
  const { seconds } = await measure("psql", ["-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", script, url], {})
  return seconds
}
