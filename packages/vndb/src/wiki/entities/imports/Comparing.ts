/** Which entries of a dump are new, have changed or have vanished, by a hash of all their rows in the dump. */
import { Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { heldColumns, tablesOf } from "../../import/columns.ts"
import type { Kind } from "../../kinds.ts"

const run = <Row extends object>(statement: string, values: ReadonlyArray<unknown> = []) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(statement, values))

/** Notes every staged entry of a kind with its hash. Figures are no part of it, so votes alone change no entry. */
export const note = (input: { readonly kind: Kind }) => {
  const tables = tablesOf(input.kind)
  const hashes = (seed: number, columns: ReadonlyArray<string>, from: string) =>
    `select row.id, hash_record_extended(row(${
      columns.map((name) => `row.${name}`).join(", ")
    }), ${seed}) as hash from ${from}`
  const parts = tables.map((table, seed) =>
    hashes(seed, heldColumns(table).map(({ name }) => name), `import.${table} row`)
  )
  const meta = hashes(
    tables.length,
    Layout.tables.entry_meta.columns.map(({ name }) => name),
    `import.entry_meta row join import.${input.kind.table} entry on entry.id = row.id`
  )
  return run(`insert into import.entries (id, kind, number, hash)
    select id, '${input.kind.name}', substr(id, 2)::int, bit_xor(hash) from (${
    [...parts, meta].join(" union all ")
  }) hashed
    group by id`)
}

/**
 * Makes batches of the entries that are not as the last import brought them; those that are new here have batches of their
 * own. How many there are.
 */
export const plan = (input: { readonly kind: Kind; readonly size: number }) =>
  Effect.map(
    run<{ n: number }>(`with planned as (
      insert into import.work (kind, batch, id, hash, fresh)
      select kind, (row_number() over (partition by fresh order by number) - 1) / ${input.size}
          + case when fresh then 0 else 1000000 end, id, hash, fresh
      from (
        select e.*, m.id is null as fresh from import.entries e
        left join wiki_imported i on i.id = e.id left join entry_meta m on m.id = e.id
        where e.kind = '${input.kind.name}' and i.hash is distinct from e.hash
      ) changed returning 1
    ) select count(*)::int as n from planned`),
    (rows) => rows[0]?.n ?? 0
  )

/** How many entries of a kind are staged. */
export const countStaged = (input: { readonly kind: Kind }) =>
  Effect.map(
    run<{ n: number }>(`select count(*)::int as n from import.entries where kind = '${input.kind.name}'`),
    (rows) => rows[0]?.n ?? 0
  )

/** Helps the batches to find their rows; a few batches read everything sooner. */
export const indexStaged = (input: { readonly kind: Kind }) =>
  Effect.forEach(
    tablesOf(input.kind),
    (table) => run(`create index on import.${table} (id)`),
    { discard: true }
  )

export const indexWork = Effect.andThen(
  run(`create index on import.work (kind, batch)`),
  Effect.andThen(run(`analyze import.work`), run(`analyze import.entries`))
)

/** The batches of a kind, in order. */
export const batches = (input: { readonly kind: Kind }) =>
  run<{ batch: number; fresh: boolean; n: number }>(
    `select batch, fresh, count(*)::int as n from import.work where kind = '${input.kind.name}' group by 1, 2 order by 1`
  )

/** Whether no import was ever completed here. */
export const isFirst = Effect.map(
  run<{ first: boolean }>(`select not exists (select from wiki_source) as first`),
  (rows) => rows[0]?.first ?? true
)

/** Entries of a kind that an import brought and that are no longer in the dump; not those that were only left out of it. */
export const vanished = (input: { readonly kind: Kind; readonly limit: number }) =>
  Effect.map(
    run<{ id: string }>(`select i.id from wiki_imported i
      where i.hash is not null and i.id like '${input.kind.prefix}%'
        and not exists (select from import.entries e where e.id = i.id)
        and not exists (select from import.rejects r where r.at = '${input.kind.table}' and split_part(r.key, ' ', 1) = i.id)
      order by length(i.id), i.id limit ${input.limit}`),
    (rows) => rows.map(({ id }) => id)
  )
