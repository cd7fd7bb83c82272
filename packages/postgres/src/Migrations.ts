/**
 * Runs numbered SQL files, forward only. Each set of files has its own journal table; all pending files of a set run
 * in one transaction under a lock, so processes that start together run them once.
 *
 * A file is `NNNN_name.sql`; its statements are separated by blank lines. A released file is never edited.
 */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { Migrator, SqlClient } from "effect/sql"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

/** The tables this package needs: event log, pending list, leases, inbox, views. */
export const kanau: MigrationSet = {
  table: "kanau_migrations",
  folder: fileURLToPath(new URL("../migrations", import.meta.url))
}

export interface MigrationSet {
  /** Where the journal is kept. */
  readonly table: string
  /** Folder of the SQL files. */
  readonly folder: string
}

/** Runs what is pending of each set, in the given order; returns the names that ran. */
export const run = (
  ...sets: ReadonlyArray<MigrationSet>
): Effect.Effect<ReadonlyArray<string>, SqlError.SqlError | Migrator.MigrationError, SqlClient.SqlClient> =>
  Effect.map(
    Effect.forEach(sets, (set) => Migrator.make({})({ loader: load(set.folder), table: set.table })),
    (ran) => ran.flat().map(([id, name]) => `${id}_${name}`)
  )

/**
 * What `run` would run of these sets, as `id_name`; changes nothing.
 *
 * @example
 * ```ts
 * const names = yield* Migrations.pending(Migrations.kanau)
 * ```
 */
export const pending = (
  ...sets: ReadonlyArray<MigrationSet>
): Effect.Effect<ReadonlyArray<string>, SqlError.SqlError | Migrator.MigrationError, SqlClient.SqlClient> =>
  Effect.map(
    Effect.forEach(sets, ({ folder, table }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const [journal] = yield* sql<{ there: boolean }>`select to_regclass(${table}) is not null as there`
        const rows = journal?.there === true
          ? yield* sql<{ latest: number | null }>`select max(migration_id) as latest from ${sql(table)}`
          : []
        const latest = rows[0]?.latest ?? 0
        return (yield* load(folder)).filter(([id]) => id > latest)
      })),
    (found) => found.flat().map(([id, name]) => `${id}_${name}`)
  )

const load = (folder: string): Migrator.Loader =>
  Effect.tryPromise({
    try: async () => {
      const files = (await fs.readdir(folder)).filter((file) => file.endsWith(".sql")).sort()
      return files.map((file) => {
        const [, id, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? []
        if (id === undefined || name === undefined) throw new Error(`${file} is not named NNNN_name.sql`)
        return [Number(id), name, Effect.promise(async () => ({ default: script(path.join(folder, file)) }))] as const
      })
    },
    catch: (cause) =>
      new Migrator.MigrationError({
        kind: "ImportError",
        message: `Cannot read migrations in ${folder}: ${String(cause)}`
      })
  }).pipe(Effect.map((files) => files.map(([id, name, effect]): Migrator.ResolvedMigration => [id, name, effect])))

const script = (file: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const text = yield* Effect.promise(() => fs.readFile(file, "utf8"))
    for (const statement of text.split(/;\s*\n\s*\n|;\s*$/)) {
      if (statement.replace(/^\s*--.*$/gm, "").trim() !== "") yield* sql.unsafe(statement)
    }
  })
