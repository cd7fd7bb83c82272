/**
 * Entries of every kind in PostgreSQL, as documents of their columns and parts; see `kinds`. Callers run writes inside one
 * transaction and have locked the entry (`EntryMeta`).
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Content, Kind, Part } from "../kinds.ts"

/** An entry as it stands. */
export interface Entry {
  readonly id: string
  readonly revision: number
  readonly hidden: boolean
  readonly locked: boolean
  readonly deleted: boolean
  readonly content: Content
}

export const nextEntryId = (input: { readonly kind: Kind }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select ${input.kind.prefix} || nextval(${input.kind.sequence}::regclass) as id`,
      (rows) => rows[0]?.id ?? ""
    ))

/** Numbers for new aliases of staff. */
export const nextAliasNumbers = (input: { readonly count: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<
        { number: number }
      >`select nextval('staff_alias_number')::int as number from generate_series(1, ${input.count})`,
      (rows) => rows.map(({ number }) => number)
    ))

/** The entry, deleted or not; undefined if there never was one. */
export const findEntry = (input: { readonly kind: Kind; readonly id: string }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Effect.map(sql.unsafe<Entry>(finding(input.kind), [input.id]), (rows) => rows[0])
  )

/** Writes an entry: its own row, and exactly these rows of each of the `members`, if they are parts. */
export const putEntry = (input: {
  readonly kind: Kind
  readonly id: string
  readonly content: Content
  readonly members: ReadonlyArray<string>
}) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { content, id, kind, members } = input
    const values = [id, JSON.stringify(content)]
    if (members.some((member) => kind.columns.includes(member))) yield* sql.unsafe(puttingRow(kind), values)
    const parts = Object.entries(kind.parts).filter(([member]) => members.includes(member))
    for (const [, { table }] of parts) yield* sql.unsafe(`delete from ${table} where id = $1`, [id])
    for (const [member, part] of parts) {
      const rows = content[member]
      if (!Array.isArray(rows) || rows.length === 0) continue
      for (const statement of puttingPart(part)) yield* sql.unsafe(statement, [id, JSON.stringify(rows)])
    }
  })

/** How an entry is protected or put away; false if it was so already. */
export const markEntry = (input: {
  readonly kind: Kind
  readonly id: string
  readonly mark: "hidden" | "locked"
  readonly set: boolean
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update ${sql(input.kind.table)} set ${sql(input.mark)} = ${input.set}
        where id = ${input.id} and ${sql(input.mark)} <> ${input.set} and deleted_at is null returning id`,
      (rows) => rows.length > 0
    ))

/** Marks the entry deleted, when and by whom in one statement; false if it was not there to delete. */
export const deleteEntry = (
  input: { readonly kind: Kind; readonly id: string; readonly by: string; readonly at: Date }
) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update ${sql(input.kind.table)} set deleted_at = ${input.at}, deleted_by = ${input.by}
        where id = ${input.id} and deleted_at is null returning id`,
      (rows) => rows.length > 0
    ))

/** Takes the mark away again; false if it was not deleted. */
export const restoreEntry = (input: { readonly kind: Kind; readonly id: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update ${sql(input.kind.table)} set deleted_at = null, deleted_by = null
        where id = ${input.id} and deleted_at is not null returning id`,
      (rows) => rows.length > 0
    ))

/** Ids of the entries that everybody may see, behind one of them. */
export const activeIds = (input: { readonly kind: Kind; readonly after: string | undefined; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from ${sql(`active_${input.kind.table}`)} where id > ${input.after ?? ""}
        order by id limit ${input.limit}`,
      (rows) => rows.map(({ id }) => id)
    ))

/** Pages of staff that everybody may see, one for each alias (`s1.12`), behind one of them. */
export const activeAliases = (input: { readonly after: string | undefined; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const [id = "", aid = "0"] = (input.after ?? "").split(".")
    return Effect.map(
      sql<{ id: string }>`select a.id || '.' || a.aid as id from staff_alias a join active_staff s on s.id = a.id
        where (a.id, a.aid) > (${id}, ${Number(aid)}) order by a.id, a.aid limit ${input.limit}`,
      (rows) => rows.map((row) => row.id)
    )
  })

/** Statements are made once for each kind. */
const remembered = (make: (kind: Kind) => string): (kind: Kind) => string => {
  const made = new Map<string, string>()
  return (kind) => {
    const text = made.get(kind.name) ?? make(kind)
    made.set(kind.name, text)
    return text
  }
}

const finding = remembered((kind) => {
  const members = [
    ...kind.columns.map((column) => `'${column}', e.${column}`),
    ...Object.entries(kind.parts).map(([member, part]) => `'${member}', (${selectingPart(part)})`)
  ]
  return `select e.id, m.revision, e.hidden, e.locked, e.deleted_at is not null as deleted,
    jsonb_build_object(${members.join(", ")}) as content
    from ${kind.table} e join entry_meta m on m.id = e.id where e.id = $1`
})

const selectingPart = ({ columns, table }: Part): string => {
  if (isLinks(table)) {
    return `select coalesce(jsonb_agg(jsonb_build_object('site', l.site, 'value', l.value) order by l.site, l.value), '[]')
      from ${table} p join extlinks l on l.id = p.link where p.id = e.id`
  }
  const members = columns.map((column) => `'${column}', p.${column}`).join(", ")
  const order = columns.map((column) => `p.${column}`).join(", ")
  return `select coalesce(jsonb_agg(jsonb_build_object(${members}) order by ${order}), '[]')
    from ${table} p where p.id = e.id`
}

const puttingRow = remembered(({ columns, table }) =>
  `insert into ${table} (id, ${columns.join(", ")})
    select $1, ${columns.join(", ")} from jsonb_populate_record(null::${table}, $2::jsonb)
    on conflict (id) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`
)

const puttingPart = ({ columns, table }: Part): ReadonlyArray<string> => {
  if (!isLinks(table)) {
    return [`insert into ${table} (id, ${columns.join(", ")})
      select $1, ${columns.join(", ")} from jsonb_populate_recordset(null::${table}, $2::jsonb)`]
  }
  return [
    `insert into extlinks (id, site, value)
      select nextval('extlink_number'), site, value from jsonb_to_recordset($2::jsonb) as link (site text, value text)
      where $1::text is not null and not exists (
        select from extlinks held where held.site = link.site and held.value = link.value
      ) order by site, value on conflict do nothing`,
    `insert into ${table} (id, link) select $1, held.id
      from jsonb_to_recordset($2::jsonb) as link (site text, value text) join extlinks held using (site, value)`
  ]
}

/** Links are stored once for all entries, by number. */
const isLinks = (table: string): boolean => table.endsWith("_extlinks")
