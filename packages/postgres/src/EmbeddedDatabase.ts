/**
 * PostgreSQL in this process, for the embedded profile: PGlite (PostgreSQL compiled to WebAssembly) behind the same
 * `@effect/sql-pg` client that talks to a server, so the same SQL runs.
 *
 * One backend serves all connections in turn: a connection in a transaction makes the others wait. Therefore not for
 * competing consumers: row locks never contend, `skip locked` never skips, session advisory locks are shared. What is
 * sent with `NOTIFY` reaches every connection that listens.
 *
 * Import it from `@kanau/postgres/EmbeddedDatabase`, with `@electric-sql/pglite` installed: it is not in the package's
 * index, so that roles with a server never load it.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { PGlite } from "@electric-sql/pglite"
import { Fault } from "@kanau/core"
import { Effect, Layer, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { openAsBlob } from "node:fs"
import { rename, writeFile } from "node:fs/promises"
import type { BulkCopy } from "./BulkCopy.ts"
import { embeddedCopy } from "./internal/embeddedCopy.ts"
import { Multiplexer } from "./internal/multiplexer.ts"

/** Opens the data folder, creating it if need be; without a folder the data live in memory. */
export const layer = (options: {
  readonly folder?: string
  /**
   * A file that holds an empty database, made when it is not there or cannot be used. To begin in memory with it takes a
   * sixth of the time, which tests feel that begin with many.
   */
  readonly template?: string
}): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient | BulkCopy, Fault.Unavailable> =>
  Layer.unwrap(
    Effect.map(
      Effect.acquireRelease(open(options), (database) => Effect.promise(() => database.close())),
      (database) => {
        const multiplexer = new Multiplexer(database)
        const client = PgClient.layer({
          stream: () => multiplexer.connect(),
          username: "postgres",
          database: "postgres",
          password: Redacted.make("embedded"),
          maxConnections: 8,
          // The connections share one backend, and with it the names of prepared statements.
          prepare: false
        }).pipe(Layer.catch((error) => Layer.effectContext(Effect.fail(unavailable(error)))))
        return Layer.merge(client, embeddedCopy(database, multiplexer))
      }
    )
  )

const open = (
  { folder, template }: { readonly folder?: string; readonly template?: string }
): Effect.Effect<PGlite, Fault.Unavailable> =>
  Effect.tryPromise({
    try: () =>
      folder !== undefined
        ? PGlite.create({ dataDir: folder })
        : template === undefined
        ? PGlite.create()
        : begun(template).catch(() => made(template)),
    catch: unavailable
  })

const begun = async (template: string): Promise<PGlite> => PGlite.create({ loadDataDir: await openAsBlob(template) })

/** A new database, as it is kept for those after it. */
const made = async (template: string): Promise<PGlite> => {
  const database = await PGlite.create()
  const empty = await database.dumpDataDir("none")
  // Others may be making it too, and must not read half of it.
  const own = `${template}.${process.pid}`
  await writeFile(own, empty.stream())
  await rename(own, template)
  return database
}

const unavailable = (cause: unknown): Fault.Unavailable =>
  new Fault.Unavailable({
    dependency: "embedded PostgreSQL",
    reason: cause instanceof Error ? cause.message : String(cause)
  })
