/**
 * A table whose rows are derived from others, for some things or for all of them, by one statement that writes only what has
 * changed. The same statement text derives a few and everything, so the two cannot differ.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export interface Derivation {
  readonly table: string
  /** Of every row: what it is about. The first of the key. */
  readonly about: string
  readonly key: ReadonlyArray<string>
  readonly values: ReadonlyArray<string>
  /** Table and column of everything there is to derive for. */
  readonly all: string
  /** Rows that vanish are deleted; without, rows are there for good and hold other columns too. */
  readonly deletes: boolean
  /** Common table expressions before the statement, each with a comma behind; may be recursive and use `wanted (id)`. */
  readonly before: string
  /** Selects the columns of key and values, for what is in `wanted (id)`. `today` is a date as YYYYMMDD. */
  readonly select: (today: number) => string
}

/** Derives the rows of these things, or of all; what they are about where something has changed, and which keys. */
export const derive = (input: {
  readonly derivation: Derivation
  readonly ids: ReadonlyArray<string> | "all"
  readonly today: number
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const { derivation, ids, today } = input
    // One writer at a time for each table: what it reads is not older than what it replaces.
    const lock =
      sql`select pg_advisory_xact_lock(hashtext(${`derived ${derivation.table} ${derivation.values.join()}`}))`
    return ids === "all"
      // Everything takes the time it takes.
      ? Effect.andThen(
        Effect.andThen(sql`set local statement_timeout = 0`, lock),
        sql.unsafe<Changed>(statement(derivation, derivation.all, today))
      )
      : Effect.andThen(lock, sql.unsafe<Changed>(statement(derivation, named, today), [JSON.stringify(ids)]))
  })

export interface Changed {
  readonly id: string
  /** The rest of the key, if it has more than one column. */
  readonly other: string | null
}

const named = "select json_array_elements_text($1::json) as id"

const statement = (
  { about, before, deletes, key, select, table, values }: Derivation,
  wanted: string,
  today: number
) => {
  const columns = [...key, ...values]
  const row = (alias: string, names: ReadonlyArray<string>) =>
    `row(${names.map((name) => `${alias}.${name}`).join(", ")})`
  const same = (a: string, b: string) => key.map((name) => `${a}.${name} = ${b}.${name}`).join(" and ")
  const other = key[1] ?? "null"
  return `with recursive wanted as (${wanted}), ${before}
    fresh as materialized (${select(today)}),
    gone as (
      ${
    deletes
      ? `delete from ${table} held using wanted where held.${about} = wanted.id
          and not exists (select from fresh where ${same("fresh", "held")}) returning held.${about} as id, ${
        key[1] === undefined ? "null" : `held.${other}`
      } as other`
      : `select null as id, null as other where false`
  }
    ),
    put as (
      insert into ${table} as held (${columns.join(", ")})
      select ${columns.map((name) => `fresh.${name}`).join(", ")} from fresh left join ${table} old on ${
    same("old", "fresh")
  }
      where old.${about} is null or ${row("old", values)} is distinct from ${row("fresh", values)}
      order by ${key.map((name) => `fresh.${name}`).join(", ")}
      on conflict (${key.join(", ")}) do update set ${values.map((name) => `${name} = excluded.${name}`).join(", ")}
      returning held.${about} as id, ${key[1] === undefined ? "null" : `held.${other}`} as other
    )
    select id, other from gone union all select id, other from put`
}
