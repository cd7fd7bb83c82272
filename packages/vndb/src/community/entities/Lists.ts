/** Lists and labels of users in PostgreSQL. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export interface ListRow {
  readonly vote: number | null
  readonly notes: string
  readonly started: string | null
  readonly finished: string | null
  readonly labels: ReadonlyArray<number>
}

/** What the list says of a visual novel, locked until the transaction ends; undefined if it is not on it. */
export const findListRow = (input: { readonly uid: string; readonly vid: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<ListRow>`select vote, notes, started::text, finished::text, to_json(labels) as labels from ulist_vns
        where uid = ${input.uid} and vid = ${input.vid} for update`,
      (rows) => rows[0]
    ))

export const putListRow = (
  input: { readonly uid: string; readonly vid: string; readonly row: ListRow; readonly day: string }
) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const { day, row: { finished, labels, notes, started, vote }, uid, vid } = input
    const ids = `{${labels.join(",")}}`
    return sql`insert into ulist_vns as held (uid, vid, added, lastmod, vote_date, started, finished, vote, notes, labels)
      values (${uid}, ${vid}, ${day}::date, ${day}::date, case when ${vote}::smallint is not null then ${day}::date end, ${started}::date,
        ${finished}::date, ${vote}, ${notes}, ${ids}::smallint[])
      on conflict (uid, vid) do update set lastmod = excluded.lastmod, started = excluded.started,
        finished = excluded.finished, vote = excluded.vote, notes = excluded.notes, labels = excluded.labels,
        vote_date = case when excluded.vote is null then null when excluded.vote is distinct from held.vote
          then excluded.vote_date else held.vote_date end`
  })

export const removeListRow = (input: { readonly uid: string; readonly vid: string }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`delete from ulist_vns where uid = ${input.uid} and vid = ${input.vid}`
  )

export const putReleaseStatus = (input: {
  readonly uid: string
  readonly rid: string
  readonly status: number
  readonly day: string
}) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`insert into rlists (uid, rid, added, status) values (${input.uid}, ${input.rid}, ${input.day}::date, ${input.status})
      on conflict (uid, rid) do update set status = excluded.status`
  )

/** False if it was not on the list. */
export const removeReleaseStatus = (input: { readonly uid: string; readonly rid: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`delete from rlists where uid = ${input.uid} and rid = ${input.rid} returning rid`,
      (rows) => rows.length > 0
    ))

/** VNDB's own labels, which everybody has. */
const builtIn = ["Playing", "Finished", "Stalled", "Dropped", "Wishlist", "Blacklist", "Voted"]

/** Sees to it that somebody has the labels that everybody has. */
export const ensureLabels = (input: { readonly uid: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql`insert into ulist_labels (uid, id, label, private)
      select ${input.uid}, position::smallint, label, false
      from jsonb_array_elements_text(${JSON.stringify(builtIn)}::jsonb) with ordinality as l (label, position)
      on conflict do nothing`)

/** Which of these labels somebody has. */
export const knownLabels = (input: { readonly uid: string; readonly ids: ReadonlyArray<number> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: number }>`select id from ulist_labels
        where uid = ${input.uid} and id = any(${`{${input.ids.join(",")}}`}::smallint[])`,
      (rows) => rows.map(({ id }) => id)
    ))

/** False if another label of theirs has the name. */
export const putLabel = (input: {
  readonly uid: string
  readonly id: number
  readonly label: string
  readonly private: boolean
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`insert into ulist_labels (uid, id, label, private)
        select ${input.uid}, ${input.id}, ${input.label}, ${input.private} where not exists (
          select from ulist_labels where uid = ${input.uid} and label = ${input.label} and id <> ${input.id}
        )
        on conflict (uid, id) do update set label = excluded.label, private = excluded.private returning id`,
      (rows) => rows.length > 0
    ))

/** Labels of their own that somebody has. */
export const countLabels = (input: { readonly uid: string; readonly except: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ n: number }>`select count(*)::int as n from ulist_labels
        where uid = ${input.uid} and id >= 10 and id <> ${input.except}`,
      (rows) => rows[0]?.n ?? 0
    ))

/** Visual novels that carry the label. */
export const vnsWithLabel = (input: { readonly uid: string; readonly id: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ vid: string }>`select vid from ulist_vns where uid = ${input.uid} and ${input.id}::smallint = any(labels)`,
      (rows) => rows.map(({ vid }) => vid)
    ))

/** Also from what carries it; false if they have no such label. */
export const removeLabel = (input: { readonly uid: string; readonly id: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.andThen(
      sql`update ulist_vns set labels = array_remove(labels, ${input.id}::smallint)
        where uid = ${input.uid} and ${input.id}::smallint = any(labels)`,
      Effect.map(
        sql`delete from ulist_labels where uid = ${input.uid} and id = ${input.id} returning id`,
        (rows) => rows.length > 0
      )
    ))
