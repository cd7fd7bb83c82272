/** What tests of imports look at: every row that is held, and when it was written. */
import { Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { ImportService } from "../src/index.ts"

type Options = Partial<Parameters<typeof ImportService.importDump>[0]>

/** With lists and without deriving, unless told otherwise. */
export const run = (path: string, options: Options = {}) =>
  ImportService.importDump({ path, userLists: true, derive: false, onProgress: () => Effect.void, ...options })

const tables = [...Layout.names, "vn_dumped", "wiki_imported", "wiki_source", "extlinks"]

const summed = (tables: ReadonlyArray<string>, value: string, where = "true") =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      Effect.forEach(tables, (table) =>
        sql.unsafe<{ sum: string; n: number }>(
          `select md5(coalesce(string_agg(${value}, '|' order by row::text), '')) as sum, count(*)::int as n
            from ${table} row where ${where}`
        )),
      (sums) => Object.fromEntries(tables.map((table, at) => [table, sums[at]?.[0]]))
    ))

/** Every table by its content. */
export const content = summed(tables, "row::text")

/** Every table by content and by the transactions that wrote its rows. */
export const writes = summed(tables, "row::text || row.xmin")

/** How many rows each table has. */
export const counts = Effect.map(
  summed(Layout.names, "''"),
  (sums) => Object.fromEntries(Object.entries(sums).map(([table, sum]) => [table, sum?.n]))
)

const entryTables = Layout.names.filter((table) =>
  Layout.tables[table].columns.some(({ name }) => name === "id") &&
  !["users", "images", "extlinks", "image_votes", "ulist_labels"].includes(table)
)

/** Tables of entries that are not deleted, by content. */
export const alive = Effect.flatMap(SqlClient.SqlClient, () =>
  Effect.all([
    summed(
      entryTables.filter((table) => table !== "entry_meta"),
      "row::text",
      `not exists (select from wiki_imported i where i.id = row.id::text and i.hash is null)`
    ),
    summed(
      ["tags_vn", "image_votes", "vn_image_votes", "vn_length_votes", "ulist_vns", "ulist_labels", "rlists"],
      "row::text"
    )
  ]))

/** Rows left out, by table and rule. */
export const rejectedOf = (report: ImportService.Report): Readonly<Record<string, number>> =>
  Object.fromEntries(report.rejected.map(({ rows, rule, table }) => [`${table}: ${rule}`, rows]))
