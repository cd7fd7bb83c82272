/** Brings the tables of a dump into the staging area, and takes out what cannot be merged. */
import { Fault } from "@kanau/core"
import { BulkCopy, Database } from "@kanau/postgres"
import { type Archive, Layout } from "@kanau/vndb-dump"
import { Effect, Stream } from "effect"
import * as Staging from "../../entities/imports/Staging.ts"
import * as Sweeps from "../../entities/imports/Sweeps.ts"
import { lists, optional, type Table } from "../../import/columns.ts"
import { type BadLine, LineFilter } from "../../import/LineFilter.ts"
import { references } from "../../import/references.ts"
import { type OnProgress, step } from "./progress.ts"

/** A dump on disk is as it is; a database may stop to answer. */
type ReadFault = Fault.InvalidInput | Fault.Unavailable

/** A dump, or what reads like one. */
export type Source = Archive.Archive<ReadFault>

interface Reading {
  readonly archive: Source
  readonly userLists: boolean
  readonly onProgress: OnProgress
}

/** What was read. */
export interface Read {
  /** Lines by table. */
  readonly rows: Readonly<Record<string, number>>
  /** Columns nobody here knows, as `table.column`. */
  readonly unknownColumns: ReadonlyArray<string>
  readonly unknownTables: ReadonlyArray<string>
}

/** Reads every table that is wanted into the staging area. */
export const read = Effect.fnUntraced(function*({ archive, onProgress, userLists }: Reading) {
  const wanted = (table: string): table is Table =>
    Layout.isTable(table) && (userLists || !(lists as ReadonlyArray<string>).includes(table))
  const issues = missing(archive, wanted)
  if (issues.length > 0) return yield* new Fault.InvalidInput({ issues })
  yield* step(Staging.prepare)
  const rows: Record<string, number> = {}
  yield* Stream.runForEach(archive.entries, (entry) =>
    wanted(entry.table)
      ? Effect.map(stage(entry.table, entry, onProgress), (lines) => void (rows[entry.table] = lines))
      : Effect.void)
  for (const table of Layout.names) {
    if (!(table in rows)) yield* step(Staging.createTable({ table, columns: [] }))
  }
  return {
    rows,
    unknownColumns: archive.tables.flatMap(({ columns, table }) =>
      wanted(table)
        ? columns.filter((column) => !Layout.tables[table].columns.some(({ name }) => name === column))
          .map((column) => `${table}.${column}`)
        : []
    ),
    unknownTables: archive.tables.filter(({ table }) => !Layout.isTable(table)).map(({ table }) => table)
  } satisfies Read
})

/** Tables and columns without which a dump cannot be imported. */
const missing = (archive: Source, wanted: (table: string) => boolean): Fault.InvalidInput["issues"] => {
  const there = new Map(archive.tables.map(({ columns, table }) => [table, columns]))
  return Layout.names.filter(wanted).flatMap((table) => {
    const columns = there.get(table)
    if (columns === undefined) return [{ path: `db/${table}`, message: "This table is missing from the dump." }]
    return Layout.tables[table].columns
      .filter(({ name }) => !columns.includes(name) && !optional(table, name))
      .map(({ name }) => ({ path: `db/${table}.header`, message: `The column ${name} is missing.` }))
  })
}

const stage = Effect.fnUntraced(function*(table: Table, entry: Archive.Entry<ReadFault>, onProgress: OnProgress) {
  const columns = yield* step(Staging.createTable({ table, columns: entry.columns }))
  const bad: Array<BadLine> = []
  const filter = new LineFilter(entry.columns.length, (line) => void bad.push(line))
  let read = 0
  // Not every source knows its size before it is read.
  const sift = (bytes: () => Buffer, isEnd: boolean) =>
    Effect.gen(function*() {
      const good = yield* Effect.try({ try: bytes, catch: (cause) => cause as Fault.InvalidInput })
      if (bad.length > 0) yield* Database.faults(Staging.rejectLines({ table, lines: bad.splice(0) }))
      const total = isEnd ? read : Math.max(entry.size, read + 1)
      yield* onProgress({ step: "read", what: table, done: read, total, rows: filter.lines })
      return good
    })
  const bytes = entry.bytes.pipe(
    Stream.mapEffect((chunk) =>
      sift(() => {
        read += chunk.length
        return filter.push(chunk)
      }, false)
    ),
    Stream.concat(Stream.suspend(() => Stream.fromEffect(sift(() => filter.end(), true)))),
    Stream.filter((good) => good.length > 0)
  )
  const copy = yield* BulkCopy.BulkCopy
  yield* copy.copyIn({ table: `import.${table}`, columns, bytes })
  return filter.lines
})

/** Takes out what breaks a rule: cells, keys, titles, then references until all that is left holds. */
export const check = Effect.fnUntraced(function*(onProgress: OnProgress) {
  const total = 2 * Layout.names.length + references.length
  let done = 0
  const checked = (what: string) => onProgress({ step: "check", what, done: Math.min(++done, total), total })
  for (const table of Layout.names) {
    yield* step(Sweeps.sweepCells({ table }))
    yield* checked(table)
    yield* step(Effect.andThen(Sweeps.sweepDuplicates({ table }), Staging.analyze({ table })))
    yield* checked(table)
  }
  yield* step(Sweeps.sweepAccounts)
  for (const table of ["vn", "releases", "staff"] as const) yield* step(Sweeps.sweepUntitled({ table }))
  // A row that goes can leave others without what they refer to.
  const waiting = new Set(references)
  for (const reference of waiting) {
    waiting.delete(reference)
    const gone = yield* step(Sweeps.sweepDangling({ reference }))
    yield* checked(reference.from)
    if (gone > 0) { for (const other of references) if (other.to === reference.from) waiting.add(other) }
  }
})
