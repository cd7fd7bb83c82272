/** Revision bookkeeping shared by every kind of entry. Each write of an entry bumps its revision here. */
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * Records one more edit of an entry, creating its record with the first; the new revision. Takes the row lock that
 * puts the writes, and so the events, of one entry in order.
 */
export const bumpRevision = (input: { readonly id: string }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const today = new Date(yield* Clock.currentTimeMillis)
    const rows = yield* sql<{ revision: number }>`
      insert into entry_meta as entry (id, created, lastmod, revision, num_edits, num_users)
      values (${input.id}, ${today}::timestamptz::date, ${today}::timestamptz::date, 1, 1, 1)
      on conflict (id) do update
        set revision = entry.revision + 1, num_edits = entry.num_edits + 1, lastmod = excluded.lastmod
      returning revision`
    return rows[0]?.revision ?? 1
  })

/** Locks an entry until the transaction ends and reads its revision; undefined if there is none. */
export const lockRevision = (input: { readonly id: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ revision: number }>`select revision from entry_meta where id = ${input.id} for update`,
      (rows) => rows[0]?.revision
    ))
