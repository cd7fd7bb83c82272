/** The tables a bridge captures, as they are found in the database. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Fault } from "@kanau/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Table } from "../../ChangeBridge.ts"

/** A configured table that was found. */
export interface Captured extends Table {
  readonly oid: number
  /** Ready for SQL. */
  readonly identifier: string
  /** `d`, `f`, `i` or `n`, as in `pg_class.relreplident`. */
  readonly identity: string
  /** Columns that the replica identity covers. */
  readonly identifying: ReadonlyArray<string>
}

/** The name of a bridge, `bridge` when absent, checked. */
export const nameOf = (name = "bridge"): Effect.Effect<string, Fault.Invariant> =>
  /^[a-z0-9_]{1,30}$/.test(name)
    ? Effect.succeed(name)
    : Effect.fail(
      new Fault.Invariant({
        reason: "The name of a bridge has 1 to 30 small letters, digits and underscores; choose another."
      })
    )

/** The type of the messages about a table. */
export const typeOf = ({ prefix }: Table): string => `${prefix}.changed`

/** What a bridge is called where messages say who sent them. */
export const sourceOf = (name: string): string => `/bridge/${name}`

/** The columns that are published; nothing, when it is all of them. The key always is. */
export const publishedOf = ({ columns, key }: Table): ReadonlyArray<string> | undefined =>
  columns === undefined ? undefined : [...new Set([...key, ...columns])]

export const quoted = (identifier: string): string => `"${identifier.replaceAll("\"", "\"\"")}"`

/** Finds the tables; says plainly what does not fit the database. */
export const find = (
  sql: PgClient.PgClient,
  tables: ReadonlyArray<Table>
): Effect.Effect<ReadonlyArray<Captured>, SqlError.SqlError | Fault.Invariant> =>
  Effect.gen(function*() {
    const twice = tables.find(({ table }, at) => tables.findIndex((other) => other.table === table) < at)
    if (twice !== undefined) return yield* misfit(`Table ${twice.table} is in the list twice; name it once.`)
    return yield* Effect.forEach(tables, (table) => findOne(sql, table))
  })

const findOne = (sql: PgClient.PgClient, table: Table) =>
  Effect.gen(function*() {
    // A schema with a dot in its name cannot be written this way; a table can.
    const dot = table.table.indexOf(".")
    const identifier = `${quoted(table.table.slice(0, dot))}.${quoted(table.table.slice(dot + 1))}`
    const [found] = yield* sql<{ oid: number; identity: string; columns: string; identifying: string }>`
      select c.oid::integer as oid, relreplident::text as identity,
        (select json_agg(attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)::text
          as columns,
        (select coalesce(json_agg(distinct attname), '[]') from pg_index join pg_attribute
            on attrelid = indrelid and attnum = any(indkey)
          where indrelid = c.oid and (relreplident = 'd' and indisprimary or relreplident = 'i' and indisreplident)
        )::text as identifying
      from pg_class c where c.oid = to_regclass(${identifier}) and relkind in ('r', 'p')`
    if (found === undefined) {
      return yield* misfit(`There is no table ${table.table}; create it, or take it from the list.`)
    }
    const columns = JSON.parse(found.columns) as ReadonlyArray<string>
    const missing = [...table.key, ...table.columns ?? []].find((column) => !columns.includes(column))
    if (missing !== undefined) {
      return yield* misfit(`Table ${table.table} has no column ${missing}; correct the list.`)
    }
    const identifying = found.identity === "f" ? columns : JSON.parse(found.identifying) as ReadonlyArray<string>
    return { ...table, oid: found.oid, identifier, identity: found.identity, identifying }
  })

const misfit = (reason: string) => Effect.fail(new Fault.Invariant({ reason }))
