/**
 * Writes staged entries, a batch at a time: an entry of its own table with the rows of all its parts. Callers run each batch
 * in one transaction.
 */
import { Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { anchors, heldColumns, names, type Table, tablesOf, typed, typedRow } from "../../import/columns.ts"
import type { Kind } from "../../kinds.ts"

const run = <Row extends object>(statement: string, values: ReadonlyArray<unknown> = []) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(statement, values))

/** The entries of a batch. */
export interface Batch {
  readonly kind: Kind
  readonly batch: number
  /** Not here before: then parts need no comparing. */
  readonly fresh: boolean
}

const joined = ({ batch, kind }: Batch, on: string) =>
  `join import.work w on w.id = ${on} and w.kind = '${kind.name}' and w.batch = ${batch}`

/**
 * Entries that are new, without their parts, so that whatever refers to them can be written in any order; they have no
 * revision yet, which makes them invisible. Aliases of staff that are new, too.
 */
export const begin = (input: { readonly kind: Kind }) =>
  Effect.gen(function*() {
    const { name, table } = input.kind
    const own = table as Table
    const put = (part: Table, fresh: string, conflict: string) =>
      run(`insert into ${part} (${names(part)}) select ${typedRow(part)} from import.${part} row
        join import.work w on w.id = row.id and w.kind = '${name}' ${fresh} on conflict (${conflict}) do nothing`)
    yield* put(own, "and w.fresh", "id")
    const anchor = anchors[table]
    if (anchor !== undefined) {
      yield* put(anchor, anchor === "staff_alias" ? "" : "and w.fresh", Layout.tables[anchor].key.join(", "))
    }
    yield* run(`insert into wiki_imported (id, hash) select id, 0 from import.work where kind = '${name}' and fresh
      on conflict (id) do nothing`)
  })

/** What a batch is about to change. */
export interface Changing {
  readonly id: string
  /** Never published before. */
  readonly created: boolean
  readonly deletedBy: string | null
  readonly touched: ReadonlyArray<string>
}

/** Locks the entries of a batch; what becomes of each, and which other entries its rows name, before and after. */
export const lock = (batch: Batch, touching: boolean) =>
  Effect.andThen(
    run(`select from entry_meta m ${joined(batch, "m.id")} order by m.id for update of m`),
    run<Changing>(`select w.id, m.id is null as created, e.deleted_by as "deletedBy",
        ${touching ? "coalesce(t.refs, '{}')" : "'{}'::text[]"} as touched
      from import.work w left join ${batch.kind.table} e on e.id = w.id left join entry_meta m on m.id = w.id
      ${
      touching
        ? `left join (select id, array_agg(distinct ref order by ref) as refs from (${naming(batch)}) named
          where ref <> id group by 1) t on t.id = w.id`
        : ""
    } where w.kind = '${batch.kind.name}' and w.batch = ${batch.batch} order by length(w.id), w.id`)
  )

/** Every id of another entry in the rows of a batch. */
const naming = (batch: Batch): string =>
  tablesOf(batch.kind).flatMap((table) =>
    heldColumns(table).flatMap(({ name, type }) => {
      const from = (schema: string) => `from ${schema}${table} row ${joined(batch, "row.id")}`
      if (name === "aid" && table !== "staff_alias" && table !== "vn_anime") {
        return ["", "import."].map((schema) =>
          `select row.id, a.id as ref ${from(schema)} join staff_alias a on a.aid = row.aid::int`
        )
      }
      if (name === "id" || type.kind !== "id" || type.prefixes.some((prefix) => prefix.length > 1)) return []
      return ["", "import."].map((schema) =>
        `select row.id, row.${name} as ref ${from(schema)} where row.${name} is not null`
      )
    })
  ).concat("select ''::text as id, null::text as ref where false").join(" union all ")

/** The other entries that rows of these held entries name. */
export const namedBy = (input: { readonly kind: Kind; readonly ids: ReadonlyArray<string> }) => {
  const sides = tablesOf(input.kind).flatMap((table) =>
    heldColumns(table).flatMap(({ name, type }) =>
      name === "id" || type.kind !== "id" || type.prefixes.some((prefix) => prefix.length > 1)
        ? []
        : [
          `select row.id, row.${name} as ref from ${table} row where row.id = any($1::text[]) and row.${name} is not null`
        ]
    )
  ).concat("select ''::text as id, null::text as ref where $1::text[] is null")
  return run<{ id: string; touched: ReadonlyArray<string> }>(
    `select id, array_agg(distinct ref order by ref) as touched from (${sides.join(" union all ")}) named
      where ref <> id group by 1`,
    [input.ids]
  )
}

/** Writes a batch: rows that are there already, alike, are not written again. */
export const write = (batch: Batch) =>
  Effect.gen(function*() {
    const { kind } = batch
    const own = kind.table as Table
    const parts = tablesOf(kind).slice(1)
    const compared = parts.filter((table) => !batch.fresh || anchors[own] === table)
    for (const table of compared) yield* run(removal(batch, table))
    const columns = heldColumns(own).map(({ name }) => name).filter((name) => name !== "id")
    const excluded = columns.map((name) => `excluded.${name}`).join(", ")
    yield* run(`insert into ${own} as held (${names(own)}) select ${typedRow(own)} from import.${own} row
      ${joined(batch, "row.id")} on conflict (id) do update set (${columns.join(", ")}) = row(${excluded})
      where row(${columns.map((name) => `held.${name}`).join(", ")}) is distinct from row(${excluded})`)
    for (const table of parts) yield* run(addition(batch, table, compared.includes(table)))
  })

/** The same row, held and staged. */
const alike = (table: Table): string =>
  heldColumns(table).map((column) => {
    const value = valueOf(table, column)
    return column.nullable ? `held.${column.name} is not distinct from ${value}` : `held.${column.name} = ${value}`
  }).join(" and ")

/** Links may have other numbers here. */
const valueOf = (table: Table, column: Layout.Column): string =>
  table.endsWith("_extlinks") && column.name === "link"
    ? "coalesce((select l.held from import.links l where l.link = row.link::int), row.link::int)"
    : typed(table, column)

const removal = (batch: Batch, table: Table): string =>
  `delete from ${table} held using import.work w
    where w.id = held.id and w.kind = '${batch.kind.name}' and w.batch = ${batch.batch} and ${
    table === "staff_alias"
      ? `not exists (select from import.staff_alias row where row.aid::int = held.aid)
        and not exists (select from vn_staff x where x.aid = held.aid)
        and not exists (select from vn_seiyuu x where x.aid = held.aid)`
      : `not exists (select from import.${table} row where row.id = held.id and ${alike(table)})`
  }`

const addition = (batch: Batch, table: Table, compared: boolean): string => {
  const values = heldColumns(table).map((column) => valueOf(table, column)).join(", ")
  const insert = `insert into ${table} as held (${names(table)}) select ${values} from import.${table} row
    ${joined(batch, "row.id")}`
  if (!compared) return insert
  return table === "staff_alias"
    ? `${insert} on conflict (aid) do update set id = excluded.id, name = excluded.name, latin = excluded.latin
      where row(held.id, held.name, held.latin) is distinct from row(excluded.id, excluded.name, excluded.latin)`
    : `${insert} where not exists (select from ${table} held where held.id = row.id and ${alike(table)})`
}

/** The revision of every entry of a batch, and what was brought, for the next import. `at` is when the dump was made. */
export const finish = (batch: Batch, at: string) =>
  Effect.andThen(
    run(`insert into wiki_imported as held (id, hash) select w.id, w.hash from import.work w
      where w.kind = '${batch.kind.name}' and w.batch = ${batch.batch}
      on conflict (id) do update set hash = excluded.hash`),
    run<{ id: string; revision: number }>(
      `insert into entry_meta as held (id, created, lastmod, revision, num_edits, num_users)
      select w.id, coalesce((m.created || ' 00:00+00')::timestamptz, $1::timestamptz),
        coalesce((m.lastmod || ' 00:00+00')::timestamptz, $1::timestamptz), coalesce(m.revision::int, 1),
        coalesce(m.num_edits::int, 1), coalesce(m.num_users::int, 1)
      from import.work w left join import.entry_meta m on m.id = w.id
      where w.kind = '${batch.kind.name}' and w.batch = ${batch.batch}
      on conflict (id) do update set created = excluded.created, lastmod = excluded.lastmod,
        num_edits = excluded.num_edits, num_users = excluded.num_users,
        revision = greatest(excluded.revision, held.revision + 1)
      returning id, revision`,
      [at]
    )
  )

/** Takes the mark away from entries that an import had deleted. */
export const restore = (input: { readonly kind: Kind; readonly ids: ReadonlyArray<string> }) =>
  run(
    `update ${input.kind.table} set deleted_at = null, deleted_by = null where id = any($1::text[]) and deleted_by = 'import'`,
    [input.ids]
  )

/** Marks entries deleted that are no longer in the dump; those that were not so already, with their new revisions. */
export const remove = (input: { readonly kind: Kind; readonly ids: ReadonlyArray<string>; readonly at: string }) =>
  Effect.gen(function*() {
    yield* run(`select from entry_meta where id = any($1::text[]) order by id for update`, [input.ids])
    yield* run(`update wiki_imported set hash = null where id = any($1::text[])`, [input.ids])
    const gone = yield* run<{ id: string }>(
      `update ${input.kind.table} set deleted_at = $2::timestamptz, deleted_by = 'import'
        where id = any($1::text[]) and deleted_at is null returning id`,
      [input.ids, input.at]
    )
    return yield* run<{ id: string; revision: number }>(
      `update entry_meta set revision = revision + 1, lastmod = $2::timestamptz where id = any($1::text[])
        returning id, revision`,
      [gone.map(({ id }) => id), input.at]
    )
  })

/** Those of these entries that have a history here. */
export const withHistory = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.map(
    run<{ id: string }>(`select distinct id from entry_revisions where id = any($1::text[])`, [input.ids]),
    (rows) => rows.map(({ id }) => id)
  )
