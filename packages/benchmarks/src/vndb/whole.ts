/**
 * `bench vndb --only whole`: all of VNDB once, without the lists of users, at its full size (with `--quick` at 1 %): generated,
 * imported by `vndb-migrator`, derived, every page written, every search index built. The pages go to PostgreSQL, too: the stand-in
 * for MongoDB keeps them in memory, which has no room for all. The one for Meilisearch is a process of its own. PostgreSQL does not
 * wait for its disk.
 */
import { Migrations, PgViewStore } from "@kanau/postgres"
import { type Indexing, Reindex } from "@kanau/search"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { Rooms } from "@kanau/testing"
import { Wiki } from "@kanau/vndb"
import { Generator } from "@kanau/vndb-dump"
import * as Search from "@kanau/vndb/wiki/search/sources"
import { Effect, Layer, References } from "effect"
import type { SqlClient } from "effect/sql"
import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { databaseAt } from "../delivery/connections.ts"
import { report } from "../report.ts"
import { environmentOf } from "../roles.ts"
import { migrate } from "./migrating.ts"
import { pages } from "./pages.ts"
import { standIns } from "./standIns.ts"

const bench = "vndb"

export const whole = async ({ quick }: { readonly quick: boolean }): Promise<void> => {
  const scale = quick ? 0.01 : 1
  const label = `whole at ${scale * 100} %`
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "bench-vndb-"))
  const others = await standIns()
  const rooms = await Rooms.start(fileURLToPath(new URL("../../../..", import.meta.url)))
  const timed = async <A>(what: string, run: () => Promise<A>): Promise<A> => {
    process.stderr.write(`${bench}: ${label}: ${what}\n`)
    const began = performance.now()
    const result = await run()
    report({ bench, case: `${label}: ${what}`, unit: "s", ours: [(performance.now() - began) / 1000] })
    return result
  }
  try {
    const environment = await environmentOf(rooms)
    const dump = path.join(folder, "dump")
    await timed("generate", () => Effect.runPromise(Generator.write(dump, { seed: 1n, scale, torture: false })))
    const database = databaseAt(environment.DATABASE_URL)
    await Effect.runPromise(Effect.provide(Migrations.run(Migrations.kanau, Wiki.migrations), database))
    const imported = await timed("import", () => migrate(environment.DATABASE_URL, dump, { lists: false }))
    const rows = Object.values(imported.report["rows"] as Readonly<Record<string, number>>).reduce(
      (sum, one) => sum + one,
      0
    )
    report({
      bench,
      case: `${label}: rows of the dump`,
      unit: "rows/s",
      ours: [rows / imported.seconds]
    })
    report({ bench, case: `${label}: import`, unit: "MB", ours: [imported.megabytes], goal: { atMost: 500 } })
    await fs.rm(folder, { recursive: true })
    await timed(
      "derive and write all pages",
      () => pages(bench, label, { url: environment.DATABASE_URL, store: PgViewStore.layer })
    )
    await timed("build all search indexes", () => indexes(label, environment))
  } finally {
    await rooms.stop()
    await others.stop()
    await fs.rm(folder, { recursive: true, force: true })
  }
}

type Places = Awaited<ReturnType<typeof environmentOf>>

const indexes = (label: string, { DATABASE_URL, MEILISEARCH_PREFIX, MEILISEARCH_URL }: Places): Promise<void> =>
  Effect.gen(function*() {
    for (const source of Search.sources) {
      const { documents, millis } = yield* Reindex.run(source as Indexing.Source<SqlClient.SqlClient>)
      report({
        bench,
        case: `${label}: search index of ${source.index.name} (${documents})`,
        unit: "documents/s",
        ours: [documents / millis * 1000]
      })
    }
    report({ bench, case: `${label}: search indexes`, unit: "MB RSS", ours: [process.memoryUsage().rss / 2 ** 20] })
  }).pipe(
    Effect.provide(
      Layer.merge(
        databaseAt(DATABASE_URL),
        MeiliSearchIndex.layer({ url: MEILISEARCH_URL, prefix: MEILISEARCH_PREFIX })
      )
    ),
    Effect.provideService(References.MinimumLogLevel, "Error"),
    Effect.scoped,
    Effect.runPromise
  )
