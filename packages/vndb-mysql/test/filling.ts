/** Puts a dump into MariaDB: the tables of the schema, and the rows in the representation that is documented. */
import { type Archive, CopyText, Layout } from "@kanau/vndb-dump"
import { MySqlSchema } from "@kanau/vndb-mysql"
import { Effect, Stream } from "effect"
import { type Connection, createConnection } from "mysql2/promise"

/** Runs against a database, on a connection that takes scripts. */
export const withMySql = <A>(url: string, use: (connection: Connection) => Promise<A>): Effect.Effect<A> =>
  Effect.promise(async () => {
    const connection = await createConnection({ uri: url, multipleStatements: true, charset: "utf8mb4" })
    try {
      return await use(connection)
    } finally {
      await connection.end()
    }
  })

/** Leaves nothing in the database, then creates all tables. */
export const create = (url: string): Effect.Effect<void> =>
  withMySql(url, async (connection) => {
    const { database } = connection.config
    await connection.query(`drop database \`${database}\`; create database \`${database}\`; use \`${database}\``)
    await connection.query(MySqlSchema.ddl())
  })

/** Copies a dump, with what it does not share with the layout. */
export const fill = (url: string, dump: Archive.Archive) =>
  Effect.gen(function*() {
    yield* create(url)
    yield* withMySql(url, async (connection) => {
      for (const [name, content] of [["TIMESTAMP", dump.timestamp], ...Object.entries(dump.texts)]) {
        await connection.query(`insert into ${MySqlSchema.files} values (?, ?)`, [name, content])
      }
    })
    for (const { columns, table } of dump.tables) {
      const known = Layout.isTable(table) ? Layout.tables[table].columns : []
      const types = columns.map((name) => known.find((column) => column.name === name)?.type)
      const more = columns.filter((_, at) => types[at] === undefined)
      const rows = (yield* Stream.runCollect(CopyText.rows(dump.bytes(table)))).map((row) =>
        row.map((cell, at) => stored(cell, types[at]))
      )
      yield* withMySql(url, async (connection) => {
        for (const column of more) await connection.query(`alter table ?? add ?? text`, [table, column])
        for (let from = 0; from < rows.length; from += 1000) {
          await connection.query("insert into ?? (??) values ?", [table, columns, rows.slice(from, from + 1000)])
        }
      })
    }
  })

/** A cell of a dump as MySQL keeps it. */
const stored = (cell: CopyText.Cell, type: Layout.Type | undefined): string | number | null => {
  if (cell === null || type === undefined) return cell
  if (type.kind === "boolean") return cell === "t" ? 1 : 0
  if (type.kind !== "array") return cell
  const items = CopyText.decodeArray(cell) ?? []
  return JSON.stringify(type.of.kind === "integer" ? items.map((item) => item === null ? null : Number(item)) : items)
}
