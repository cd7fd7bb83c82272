/** What a database holds: its tables and views with their columns, the texts beside them, and when the data were taken. */
import { Fault } from "@kanau/core"
import { type Archive, Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import type { Connection } from "mysql2"
import { files } from "../MySqlSchema.ts"
import { type Column, isBinary } from "./cells.ts"
import { invalid, type ReadFault } from "./faults.ts"
import { query } from "./session.ts"

/** A table or a view. */
export interface Source {
  readonly info: Archive.Info
  readonly columns: ReadonlyArray<Column>
  /** Of its primary key; empty where there is none. */
  readonly key: ReadonlyArray<string>
}

export interface Contents {
  readonly timestamp: string
  readonly texts: Readonly<Record<string, string>>
  readonly sources: ReadonlyArray<Source>
}

/** Looks at all of it, as the user of the connection sees it; `timestamp` comes before what the database says. */
export const look = Effect.fnUntraced(
  function*(
    connection: Connection,
    place: string,
    timestamp: string | undefined
  ): Effect.fn.Return<Contents, ReadFault> {
    const ask = (sql: string) => query(connection, place, sql)
    const tables = yield* ask(
      `select table_name, coalesce(data_length, 0) from information_schema.tables
      where table_schema = database() and table_type in ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')`
    )
    const columns = yield* ask(
      `select table_name, column_name, data_type from information_schema.columns
      where table_schema = database() order by table_name, ordinal_position`
    )
    const keys = yield* ask(
      `select table_name, column_name from information_schema.statistics
      where table_schema = database() and index_name = 'PRIMARY' order by table_name, seq_in_index`
    )
    const columnsOf = Map.groupBy(columns, ([table]) => table)
    const keyOf = Map.groupBy(keys, ([table]) => table)
    const sources = tables.filter(([table]) => table !== files).map(([table = null, size = null]): Source => {
      const own = (columnsOf.get(table) ?? []).map(([, name, dataType]) => ({
        name: name ?? "",
        dataType: (dataType ?? "").toLowerCase()
      }))
      return {
        info: { table: table ?? "", columns: own.map(({ name }) => name), size: Number(size) },
        columns: own,
        key: (keyOf.get(table) ?? []).map(([, name]) => name ?? "")
      }
    }).toSorted((one, other) => one.info.table < other.info.table ? -1 : 1)
    const issues = unreadable(sources)
    if (issues.length > 0) return yield* new Fault.InvalidInput({ issues })
    if (!sources.some(({ info }) => Layout.isTable(info.table))) {
      return yield* invalid(
        place,
        "None of VNDB's tables is in it. Name the database that has them; `vndb-migrator mysql-schema` prints what they are."
      )
    }
    const texts = tables.some(([table]) => table === files)
      ? yield* ask(`select name, content from ${files} order by name`)
      : []
    const found = new Map(texts.map(([name, content]) => [name ?? "", content ?? ""]))
    return {
      timestamp: yield* timeOf(timestamp ?? found.get("TIMESTAMP")?.trim(), place),
      texts: Object.fromEntries([...found].filter(([name]) => name !== "TIMESTAMP")),
      sources
    }
  }
)

/** Columns of VNDB that hold bytes here. */
const unreadable = (sources: ReadonlyArray<Source>): Fault.InvalidInput["issues"] =>
  sources.flatMap(({ columns, info }) => {
    const { table } = info
    if (!Layout.isTable(table)) return []
    const known = Layout.tables[table].columns
    return columns.filter(({ dataType, name }) => isBinary(dataType) && known.some((column) => column.name === name))
      .map(({ dataType, name }) => ({
        path: `${table}.${name}`,
        message: `It holds bytes (${dataType}). Make it text, numbers or JSON, as the table of types says.`
      }))
  })

const timeOf = (timestamp: string | undefined, place: string): Effect.Effect<string, Fault.InvalidInput> => {
  if (timestamp === undefined || timestamp === "") {
    return Effect.fail(invalid(
      place,
      `It does not say when its data were taken. Insert the time into ${files} under the name TIMESTAMP, or give --timestamp.`
    ))
  }
  return /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}/.test(timestamp) && !Number.isNaN(Date.parse(timestamp))
    ? Effect.succeed(timestamp)
    : Effect.fail(invalid("timestamp", "It is no time like 2026-03-14 08:00:05+00."))
}
