/**
 * `bench vndb --only serving`: a database with user lists is imported, everything is derived and every page written; then
 * the requests that clients send. At 1 % of VNDB, and at 10 % (with `--quick` at 1 % only).
 */
import { Correlation } from "@kanau/core"
import { MongoViewStore } from "@kanau/mongodb"
import { BulkCopy, Database, Migrations, Outbox } from "@kanau/postgres"
import { Rooms } from "@kanau/testing"
import { ImportService, Wiki } from "@kanau/vndb"
import { Generator } from "@kanau/vndb-dump"
import { Effect, Layer, Redacted, References } from "effect"
import { SqlClient } from "effect/sql"
import * as fs from "node:fs/promises"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import type { Child } from "../child.ts"
import { environmentOf, startRole } from "../roles.ts"
import { mix, type Subjects } from "./mix.ts"
import { pages } from "./pages.ts"
import { standIns } from "./standIns.ts"

const bench = "vndb"

export const serving = async ({ quick }: { readonly quick: boolean }): Promise<void> => {
  const others = await standIns()
  try {
    for (const scale of quick ? [0.01] : [0.01, 0.1]) await serve(scale, quick ? 5 : 20)
  } finally {
    await others.stop()
  }
}

const serve = async (scale: number, seconds: number): Promise<void> => {
  const label = `${scale * 100} %`
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "bench-vndb-"))
  const rooms = await Rooms.start(fileURLToPath(new URL("../../../..", import.meta.url)))
  let gateway: Child | undefined
  try {
    const environment = await environmentOf(rooms)
    process.stderr.write(`${bench}: importing ${label}\n`)
    const subjects = await fill(environment.DATABASE_URL, path.join(folder, "dump"), scale)
    const { DATABASE_URL, MONGODB_DATABASE, MONGODB_URL } = environment
    const store = MongoViewStore.layer({ url: Redacted.make(MONGODB_URL), database: MONGODB_DATABASE })
    await pages(bench, label, { url: DATABASE_URL, store })
    gateway = await startRole("api-gateway", environment)
    await mix(bench, label, gateway.address, subjects, seconds)
  } finally {
    await gateway?.stop()
    await rooms.stop()
    await fs.rm(folder, { recursive: true, force: true })
  }
}

/** Imports an invented database; what to ask for. */
const fill = (url: string, dump: string, scale: number): Promise<Subjects> =>
  Effect.gen(function*() {
    yield* Generator.write(dump, { seed: 1n, scale, torture: false })
    yield* Migrations.run(Migrations.kanau, Wiki.migrations)
    yield* ImportService.importDump({ path: dump, userLists: true, derive: false, onProgress: () => Effect.void })
    const sql = yield* SqlClient.SqlClient
    const texts = (statement: string) =>
      Effect.map(sql.unsafe<{ text: string }>(statement), (rows) => rows.map(({ text }) => text))
    return {
      vns: yield* texts(`select vid as text from ulist_vns where vote is not null group by vid order by count(*) desc`),
      titles: yield* texts(`select coalesce(latin, title) as text from vn_titles order by id, lang limit 2000`),
      tags: yield* texts(`select id as text from tags where searchable order by id`),
      users: yield* texts(`select uid as text from ulist_vns group by uid order by uid limit 500`)
    }
  }).pipe(
    Effect.provideServiceEffect(Correlation.Correlation, Correlation.start),
    Effect.provide(
      Layer.provideMerge(
        Layer.merge(
          Outbox.layer({ source: "/bench" }),
          BulkCopy.layer({ url: Redacted.make(url), applicationName: "bench-vndb" })
        ),
        Database.layer({ url: Redacted.make(url), applicationName: "bench-vndb" })
      )
    ),
    Effect.provideService(References.MinimumLogLevel, "Error"),
    Effect.scoped,
    Effect.runPromise
  )
