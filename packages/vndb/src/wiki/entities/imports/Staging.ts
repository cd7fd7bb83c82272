/**
 * Where an import puts a dump first: the schema `import`, unlogged tables of text columns as the dump has them, and the list
 * of rows that were left out. All of it is dropped in the end.
 */
import { Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Table } from "../../import/columns.ts"

const run = <Row extends object>(statement: string, values: ReadonlyArray<unknown> = []) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(statement, values))

/** Statements of an import take as long as they take; in the running transaction. */
export const unhurried = Effect.forEach(
  ["set local statement_timeout = 0", "set local work_mem = '128MB'", "set local maintenance_work_mem = '256MB'"],
  (statement) => run(statement),
  { discard: true }
)

/** Empties the staging area. */
export const prepare = Effect.forEach(
  [
    `drop schema if exists import cascade`,
    `create schema import`,
    `create unlogged table import.rejects (
    number bigint generated always as identity primary key, at text not null, rule text not null, line integer, key text
  )`,
    `create unlogged table import.bad (row_at tid not null, rule text not null, key text not null)`,
    `create unlogged table import.entries (id text not null, kind text not null, number integer not null, hash bigint not null)`,
    `create unlogged table import.work (
    kind text not null, batch integer not null, id text not null, hash bigint, fresh boolean not null
  )`,
    `create unlogged table import.listed (uid text not null, vid text, rid text)`,
    `create unlogged table import.timed (uid text not null)`,
    `create unlogged table import.links (link integer primary key, held integer not null)`
  ],
  (statement) => run(statement),
  { discard: true }
)

export const drop = run(`drop schema if exists import cascade`)

/** A table for rows with these columns, in their order, beside those that are missing; what the columns are called there. */
export const createTable = (input: { readonly table: Table; readonly columns: ReadonlyArray<string> }) => {
  const known = Layout.tables[input.table].columns.map(({ name }) => name)
  // Names from a dump are never written into a statement.
  const called = input.columns.map((column, at) => known.includes(column) ? column : `unknown ${at}`)
  const all = [...called, ...known.filter((column) => !called.includes(column))]
  return Effect.as(
    run(
      `create unlogged table import.${input.table} (${
        all.map((column) => `"${column}" text collate "C"`).join(", ")
      }) with (autovacuum_enabled = off)`
    ),
    called
  )
}

/** Columns over which rows are compared: collected statistics make the difference between seconds and hours. */
export const analyze = (input: { readonly table: Table }) => run(`analyze import.${input.table}`)

/** Adds lines that never reached the table. */
export const rejectLines = (input: {
  readonly table: Table
  readonly lines: ReadonlyArray<{ readonly rule: string; readonly line: number }>
}) =>
  run(
    `insert into import.rejects (at, rule, line) select $1, rule, line
      from json_to_recordset($2::json) as bad (rule text, line integer) order by line`,
    [input.table, JSON.stringify(input.lines)]
  )

/** A row that was left out: the rule it broke, and its line in the file or what it is called. */
export interface Reject {
  readonly number: string
  readonly table: string
  readonly rule: string
  readonly line: number | null
  readonly key: string | null
}

/** Rows that were left out, behind one of them. */
export const rejectsAfter = (input: { readonly number: string; readonly limit: number }) =>
  run<Reject>(
    `select number::text, at as table, rule, line, key from import.rejects r where r.number > $1::bigint order by r.number limit $2`,
    [input.number, input.limit]
  )

/** How many rows of a table broke a rule, and where the first of them are. */
export interface Rejected {
  readonly table: string
  readonly rule: string
  readonly rows: number
  readonly first: ReadonlyArray<string>
}

export const rejected = run<Rejected>(
  `select at as table, rule, count(*)::int as rows,
    (array_agg(coalesce(key, 'line ' || line) order by number))[1:3] as first
  from import.rejects group by 1, 2 order by 1, 2`
)
