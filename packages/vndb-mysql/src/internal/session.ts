/** One connection, which reads: text comes as UTF-8, times in UTC, every cell as the server writes it. */
import { Effect, type Scope } from "effect"
import { type Connection, createConnection, type QueryOptions } from "mysql2"
import { type ReadFault, toFault } from "./faults.ts"
import type { Target } from "./target.ts"

/** A row of cells. */
export type Row = ReadonlyArray<string | null>

/** Numbers stay as they were written: no cell becomes a number of JavaScript, a date or an object. */
const asText = (sql: string): QueryOptions => ({ sql, rowsAsArray: true, typeCast: (field) => field.string("utf8") })

/** A connection until the scope ends; what it is in the middle of then is broken off. */
export const connect = (target: Target): Effect.Effect<Connection, ReadFault, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Connection, ReadFault>((resume) => {
      const { database, encrypted, host, password, port, user } = target
      const connection = createConnection({
        host,
        port,
        user,
        password,
        database,
        charset: "utf8mb4",
        connectTimeout: 10_000,
        ...(encrypted ? { ssl: { verifyIdentity: true } } : {})
      })
      // What fails while rows are read is reported to their reader.
      connection.on("error", () => undefined)
      connection.connect((error) =>
        resume(error === null ? Effect.succeed(connection) : Effect.fail(toFault(target.place)(error)))
      )
    }),
    (connection) => Effect.sync(() => connection.destroy())
  ).pipe(
    Effect.tap((connection) =>
      Effect.forEach(settings, (sql) => query(connection, target.place, sql), { discard: true })
    )
  )

const settings = [
  "set names utf8mb4",
  // A mode could pad texts; a reader that has to wait for PostgreSQL must not be thrown out.
  "set session time_zone = '+00:00', sql_mode = '', net_write_timeout = 28800",
  "set session transaction isolation level repeatable read"
]

/** A short answer, whole. */
export const query = (
  connection: Connection,
  place: string,
  sql: string
): Effect.Effect<ReadonlyArray<Row>, ReadFault> =>
  Effect.callback((resume) => {
    connection.query(asText(sql), (error, rows) => {
      // The client's types know only rows that are objects.
      resume(
        error === null ? Effect.succeed(rows as unknown as ReadonlyArray<Row>) : Effect.fail(toFault(place)(error))
      )
    })
  })

/** A long answer, row by row: the connection is read no faster than the rows are taken. */
export const stream = (connection: Connection, sql: string): AsyncIterable<Row> => {
  let lost: Error | undefined
  const note = (error: Error) => void (lost = error)
  connection.on("error", note)
  const running = connection.query(asText(sql))
  // When nobody takes rows any more, what fails afterwards is nobody's.
  running.on("error", () => undefined)
  const rows = running.stream({ highWaterMark: 128 })
  // The client tells the loss of a connection only to the connection, not to who reads rows from it.
  const end = (error: Error) => void rows.destroy(error)
  connection.off("error", note).on("error", end)
  rows.once("close", () => connection.off("error", end))
  if (lost !== undefined) end(lost)
  return rows
}
