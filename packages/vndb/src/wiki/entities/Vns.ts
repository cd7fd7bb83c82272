/** Visual novels in PostgreSQL: rows in, rows out. Callers run writes inside one transaction. */
import { Array, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"

export interface VnTitleRow {
  readonly lang: string
  readonly official: boolean
  readonly title: string
  readonly latin: string | null
}

/** A visual novel and its titles, as edited. */
export interface VnEntry {
  readonly olang: string
  readonly titles: ReadonlyArray<VnTitleRow>
  readonly length: number
  readonly devstatus: number
  readonly alias: string
  readonly description: string
}

export const nextVnId = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.map(sql<{ id: string }>`select 'v' || nextval('vn_number') as id`, (rows) => rows[0]?.id ?? "")
)

/** The entry with its revision; none if there is none or it is deleted. */
export const findVn = (input: { readonly id: string }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<Omit<VnEntry, "titles"> & { id: string; revision: number }>`
      select v.id, m.revision, v.olang, v.length, v.devstatus, v.alias, v.description
      from vn v join entry_meta m on m.id = v.id where v.id = ${input.id} and v.deleted_at is null`
    if (row === undefined) return Option.none()
    const titles = yield* sql<VnTitleRow>`
      select lang, official, title, latin from vn_titles where id = ${input.id} order by lang`
    return Option.some({ ...row, titles })
  })

/** Writes the entry whole: the row, and exactly these titles. */
export const putVn = (input: { readonly id: string; readonly entry: VnEntry }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { id, entry: { titles, ...row } } = input
    yield* sql`insert into vn ${sql.insert({ id, ...row })} on conflict (id) do update set
      olang = excluded.olang, length = excluded.length, devstatus = excluded.devstatus, alias = excluded.alias,
      description = excluded.description`
    yield* sql`delete from vn_titles where id = ${id}`
    const rows: ReadonlyArray<Record<string, unknown>> = titles.map((title) => ({ id, ...title }))
    if (Array.isReadonlyArrayNonEmpty(rows)) yield* sql`insert into vn_titles ${sql.insert(rows)}`
  })

/** Marks the entry deleted; false if it was not there to delete. */
export const deleteVn = (input: { readonly id: string; readonly by: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update vn set deleted_at = now(), deleted_by = ${input.by}
        where id = ${input.id} and deleted_at is null returning id`,
      (rows) => rows.length > 0
    ))

/** Which of these ids are visual novels that are not deleted; keeps them so until the transaction ends. */
export const existingVns = (input: { readonly ids: Array.NonEmptyReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from vn where id in ${sql.in(input.ids)} and deleted_at is null for key share`,
      (rows) => rows.map(({ id }) => id)
    ))

/** Ids of visual novels that are not deleted, behind one of them. */
export const vnIds = (input: { readonly after: string | undefined; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from vn where id > ${input.after ?? ""} and deleted_at is null
        order by id limit ${input.limit}`,
      (rows) => rows.map(({ id }) => id)
    ))
