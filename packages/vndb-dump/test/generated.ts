/** Reads a synthetic dump into memory, for small scales. */
import { CopyText, type Generator, type Layout } from "@kanau/vndb-dump"
import { Effect, Stream } from "effect"

export interface Loaded {
  readonly columns: (table: Layout.TableName) => ReadonlyArray<string>
  readonly rows: (table: Layout.TableName) => ReadonlyArray<ReadonlyArray<CopyText.Cell>>
  /** One column of a table. */
  readonly column: (table: Layout.TableName, name: string) => ReadonlyArray<CopyText.Cell>
  /** The rows in which a column has a value, by column name. */
  readonly where: (
    table: Layout.TableName,
    name: string,
    value: CopyText.Cell
  ) => ReadonlyArray<Readonly<Record<string, CopyText.Cell>>>
}

export const load = (dump: Generator.Dump): Effect.Effect<Loaded> =>
  Effect.gen(function*() {
    const tables = new Map<string, readonly [ReadonlyArray<string>, ReadonlyArray<ReadonlyArray<CopyText.Cell>>]>()
    for (const { table, columns, bytes } of dump.entries) {
      tables.set(table, [columns, yield* Stream.runCollect(CopyText.rows(bytes))])
    }
    const columns = (table: Layout.TableName) => tables.get(table)?.[0] ?? []
    const rows = (table: Layout.TableName) => tables.get(table)?.[1] ?? []
    return {
      columns,
      rows,
      column: (table, name) => {
        const at = columns(table).indexOf(name)
        return rows(table).map((row) => row[at] ?? null)
      },
      where: (table, name, value) => {
        const at = columns(table).indexOf(name)
        return rows(table).filter((row) => row[at] === value).map((row) =>
          Object.fromEntries(columns(table).map((column, place) => [column, row[place] ?? null]))
        )
      }
    }
  })
