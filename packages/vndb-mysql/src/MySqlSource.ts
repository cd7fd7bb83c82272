/**
 * A MySQL or MariaDB database that holds the tables of VNDB's dump under their names, read as if it were a dump.
 *
 * VNDB itself is not kept in MySQL; how its tables are represented there is defined here, and by {@link MySqlSchema}: ids as
 * text with their prefix, booleans as 0 and 1, arrays as JSON, enums as text. Views count as tables. What is not as it
 * should be in a cell is passed on, for whoever checks rows; what cannot be read at all is a fault.
 *
 * Guarantees: one pass over all tables sees them as they were in one moment, when they are tables of InnoDB; rows come in
 * the order of the primary key; they are read no faster than they are taken, and a few hundred are held. Numbers, times
 * and texts arrive as they are stored. No fault repeats a user, a password or a cell.
 *
 * It writes nothing. A column of bytes that VNDB does not have arrives in hexadecimal digits, as PostgreSQL writes it.
 */
import type { Fault } from "@kanau/core"
import type { Archive } from "@kanau/vndb-dump"
import { Effect, Redacted, Stream } from "effect"
import * as contents from "./internal/contents.ts"
import { invalid, type ReadFault } from "./internal/faults.ts"
import { read } from "./internal/rows.ts"
import { connect, query } from "./internal/session.ts"
import { isScheme, parse } from "./internal/target.ts"

/**
 * Whether a text is the URL of a MySQL or MariaDB database.
 *
 * @example
 * ```ts
 * import { MySqlSource } from "@kanau/vndb-mysql"
 *
 * MySqlSource.isUrl("mariadb://reader@db.example/vndb") // => true
 * MySqlSource.isUrl("/var/dumps/vndb-db-latest.tar.zst") // => false
 * ```
 */
export const isUrl = (text: string): boolean => isScheme(/^[a-z]+:(?=\/\/)/.exec(text)?.[0] ?? "")

/**
 * Looks at a database: `mysql://user:password@host:3306/database`, with `?ssl=true` for an encrypted connection.
 * Nothing stays open between reads; every pass over `entries` takes a snapshot of its own. `timestamp` says when the data
 * were taken, if the table `dump_files` does not.
 *
 * @example
 * ```ts
 * import { MySqlSource } from "@kanau/vndb-mysql"
 * import { Effect, Redacted } from "effect"
 *
 * const fault = await Effect.runPromise(Effect.flip(MySqlSource.open(Redacted.make("mysql://reader:secret@localhost"))))
 * fault.message // => "the URL of MySQL: It names no database. Put its name behind the host: mysql://user@host/vndb."
 * ```
 */
export const open = Effect.fnUntraced(function*(
  url: Redacted.Redacted,
  options: { readonly timestamp?: string } = {}
): Effect.fn.Return<Archive.Archive<Fault.InvalidInput | Fault.Unavailable>, Fault.InvalidInput | Fault.Unavailable> {
  const target = parse(Redacted.value(url))
  if ("_tag" in target) return yield* target
  const { place } = target
  const { sources, texts, timestamp } = yield* Effect.scoped(
    Effect.flatMap(connect(target), (connection) => contents.look(connection, place, options.timestamp))
  )
  const snapshot = Effect.tap(
    connect(target),
    (connection) => query(connection, place, "start transaction with consistent snapshot, read only")
  )
  const bytes = (table: string): Stream.Stream<Uint8Array, ReadFault> => {
    const source = sources.find(({ info }) => info.table === table)
    return source === undefined
      ? Stream.fail(invalid(`${place} ${table}`, "This database has no such table."))
      : Stream.unwrap(Effect.map(snapshot, (connection) => read(connection, place, source)))
  }
  return {
    timestamp,
    texts,
    tables: sources.map(({ info }) => info),
    bytes,
    entries: Stream.unwrap(Effect.map(snapshot, (connection) =>
      Stream.map(Stream.fromIterable(sources), (source) => ({
        ...source.info,
        bytes: read(connection, place, source)
      }))))
  }
})
