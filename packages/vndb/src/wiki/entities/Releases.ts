/** Releases in PostgreSQL: rows in, rows out. Callers run writes inside one transaction. */
import { Array, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"

export interface ReleaseTitleRow {
  readonly lang: string
  readonly mtl: boolean
  readonly title: string | null
  readonly latin: string | null
}

export interface ReleaseVnRow {
  readonly id: string
  readonly rtype: "complete" | "partial" | "trial"
}

/** A release, its titles and the visual novels it belongs to, as edited. */
export interface ReleaseEntry {
  readonly olang: string
  readonly titles: ReadonlyArray<ReleaseTitleRow>
  readonly vns: ReadonlyArray<ReleaseVnRow>
  readonly released: number
  readonly minage: number | null
  readonly official: boolean
  readonly patch: boolean
  readonly freeware: boolean
  readonly has_ero: boolean
  readonly notes: string
}

/** What an import may know about a release and the editing form does not ask for yet. */
const unasked = { gtin: 0, voiced: 0, reso_x: 0, reso_y: 0, ani_story: 0, ani_ero: 0, catalog: "" }

export const nextReleaseId = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.map(sql<{ id: string }>`select 'r' || nextval('release_number') as id`, (rows) => rows[0]?.id ?? "")
)

/** The entry with its revision. */
export const findRelease = (input: { readonly id: string }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<Omit<ReleaseEntry, "titles" | "vns"> & { id: string; revision: number }>`
      select r.id, m.revision, r.olang, r.released, r.minage, r.official, r.patch, r.freeware, r.has_ero, r.notes
      from releases r join entry_meta m on m.id = r.id where r.id = ${input.id}`
    if (row === undefined) return Option.none()
    const titles = yield* sql<ReleaseTitleRow>`
      select lang, mtl, title, latin from releases_titles where id = ${input.id} order by lang`
    const vns = yield* sql<ReleaseVnRow>`select vid as id, rtype from releases_vn where id = ${input.id} order by vid`
    return Option.some({ ...row, titles, vns })
  })

/** Writes the entry whole: the row, exactly these titles, exactly these visual novels. */
export const putRelease = (input: { readonly id: string; readonly entry: ReleaseEntry }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { id, entry: { titles, vns, ...row } } = input
    yield* sql`insert into releases ${sql.insert({ id, ...unasked, ...row })} on conflict (id) do update set
      olang = excluded.olang, released = excluded.released, minage = excluded.minage, official = excluded.official,
      patch = excluded.patch, freeware = excluded.freeware, has_ero = excluded.has_ero, notes = excluded.notes`
    yield* sql`delete from releases_titles where id = ${id}`
    yield* sql`delete from releases_vn where id = ${id}`
    const titleRows: ReadonlyArray<Record<string, unknown>> = titles.map((title) => ({ id, ...title }))
    if (Array.isReadonlyArrayNonEmpty(titleRows)) yield* sql`insert into releases_titles ${sql.insert(titleRows)}`
    const vnRows: ReadonlyArray<Record<string, unknown>> = vns.map((vn) => ({ id, vid: vn.id, rtype: vn.rtype }))
    if (Array.isReadonlyArrayNonEmpty(vnRows)) yield* sql`insert into releases_vn ${sql.insert(vnRows)}`
  })

/** Releases that belong to a visual novel. */
export const releasesOfVn = (input: { readonly vn: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from releases_vn where vid = ${input.vn} order by id`,
      (rows) => rows.map(({ id }) => id)
    ))

/** Ids of releases, behind one of them. */
export const releaseIds = (input: { readonly after: string | undefined; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from releases where id > ${input.after ?? ""} order by id limit ${input.limit}`,
      (rows) => rows.map(({ id }) => id)
    ))
