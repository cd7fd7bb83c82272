/**
 * Imports an unpacked VNDB dump. Staged first, then merged in batches of whole entries: each batch is one transaction
 * that writes what differs, bumps revisions and appends one event per written entry. A second run of the same dump
 * writes nothing and publishes nothing; a run that was interrupted can simply be started again.
 *
 * Unknown columns are reported; rows with unknown enum values, broken cells or dangling references are left out and
 * counted by rule. Only a missing table or column ends the import.
 */
import { Fault } from "@kanau/core"
import { Database, Outbox } from "@kanau/postgres"
import { Effect, Stream } from "effect"
import * as WikiImport from "../entities/WikiImport.ts"
import { ReleaseCreated, ReleaseEdited, VnCreated, VnEdited } from "../events.ts"
import { Rejected, type Table, tables } from "../import/columns.ts"
import * as DumpTable from "../import/DumpTable.ts"

/** How far an import is: rows read of a table, or entries merged of a kind. */
export interface Progress {
  readonly step: "read" | "merge"
  readonly what: string
  readonly done: number
  /** Known for merging; while reading it is not. */
  readonly total?: number
}

/** What an import did. */
export interface Report {
  readonly rows: Readonly<Record<string, number>>
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  /** Rows left out, by table and rule. */
  readonly rejected: ReadonlyArray<WikiImport.Swept>
  /** Columns nobody here knows, as `table.column`. */
  readonly unknownColumns: ReadonlyArray<string>
}

const rowsPerStage = 1000
const entriesPerMerge = 250

/** Imports the dump in `folder` (the one that holds `db/`). */
export const importDump = (input: {
  readonly folder: string
  readonly onProgress: (progress: Progress) => Effect.Effect<void>
}) =>
  Effect.gen(function*() {
    yield* Database.faults(WikiImport.prepareStaging)
    const rejected = new Map<string, WikiImport.Swept>()
    const rows: Record<string, number> = {}
    const unknownColumns: Array<string> = []
    for (const table of Object.keys(tables) as Array<Table>) {
      const read = yield* stageTable(input, table, rejected)
      rows[table] = read.rows
      unknownColumns.push(...read.unknownColumns)
    }
    const swept = yield* Database.faults(WikiImport.sweepStaging)
    const vns = yield* mergeAll(input, "vn")
    const releases = yield* mergeAll(input, "release")
    yield* Database.faults(Effect.andThen(WikiImport.adjustNumbering, WikiImport.dropStaging))
    return {
      rows,
      created: vns.created + releases.created,
      changed: vns.changed + releases.changed,
      unchanged: vns.unchanged + releases.unchanged,
      rejected: [...rejected.values(), ...swept],
      unknownColumns
    } satisfies Report
  })

type Input = Parameters<typeof importDump>[0]

const stageTable = Effect.fnUntraced(
  function*(input: Input, table: Table, rejected: Map<string, WikiImport.Swept>) {
    const dump = yield* DumpTable.open(input.folder, table)
    const known = Object.entries(tables[table])
    const missing = known.filter(([column]) => !dump.columns.includes(column))
    if (missing.length > 0) {
      return yield* new Fault.InvalidInput({
        issues: missing.map(([column]) => ({ path: `db/${table}.header`, message: `has no column ${column}` }))
      })
    }
    const reject = (rule: string) => {
      const key = `${table} ${rule}`
      rejected.set(key, { table, rule, rows: (rejected.get(key)?.rows ?? 0) + 1 })
    }
    const convert = (row: DumpTable.Row): object | undefined => {
      if (table === "entry_meta" && !/^[vr]/.test(row["id"] ?? "")) return undefined
      let column = ""
      try {
        return Object.fromEntries(known.map(([name, read]) => {
          column = name
          return [name, read(row[name] ?? null)]
        }))
      } catch (cause) {
        if (!(cause instanceof Rejected)) throw cause
        reject(`${column} ${cause.message}`)
        return undefined
      }
    }
    let read = 0
    yield* dump.rows.pipe(
      Stream.grouped(rowsPerStage),
      Stream.runForEach((group) => {
        read += group.length
        const batch = group.map(convert).filter((row) => row !== undefined)
        return Effect.andThen(
          batch.length === 0 ? Effect.void : Database.faults(WikiImport.stage({ table, rows: batch })),
          input.onProgress({ step: "read", what: table, done: read })
        )
      })
    )
    return {
      rows: read,
      unknownColumns: dump.columns.filter((column) => !(column in tables[table])).map((column) => `${table}.${column}`)
    }
  }
)

const mergeAll = Effect.fnUntraced(function*(input: Input, kind: WikiImport.EntryKind) {
  const total = yield* Database.faults(WikiImport.countStaged({ kind }))
  const result = { created: 0, changed: 0, unchanged: 0 }
  let done = 0
  let after = 0
  for (;;) {
    const next = yield* Database.faults(WikiImport.nextStagedIds({ kind, after, limit: entriesPerMerge }))
    const last = next.at(-1)
    if (last === undefined) return result
    const merged = yield* mergeBatch(kind, next.map(({ id }) => id))
    const created = merged.filter((entry) => entry.created).length
    result.created += created
    result.changed += merged.length - created
    result.unchanged += next.length - merged.length
    done += next.length
    after = last.number
    yield* input.onProgress({ step: "merge", what: kind, done, total })
  }
})

const mergeBatch = Effect.fnUntraced(function*(kind: WikiImport.EntryKind, ids: ReadonlyArray<string>) {
  const outbox = yield* Outbox.Outbox
  const merged = yield* WikiImport.mergeEntries({ kind, ids })
  yield* outbox.appendAll(merged.map((entry) => eventOf(kind, entry)))
  return merged
}, Database.transaction)

const eventOf = (kind: WikiImport.EntryKind, { id, revision, created, vns }: WikiImport.Merged) => {
  if (kind === "vn") {
    return created
      ? new VnCreated({ id, revision, touched: [] })
      : new VnEdited({ id, revision, touched: [] })
  }
  return created
    ? new ReleaseCreated({ id, revision, touched: vns })
    : new ReleaseEdited({ id, revision, touched: vns })
}
