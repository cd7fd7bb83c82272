/** Revision bookkeeping shared by every kind of entry. Each write of an entry bumps its revision here. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * Records one more edit of an entry, creating its record with the first; the new revision. Takes the row lock that
 * puts the writes, and so the events, of one entry in order.
 */
export const bumpRevision = (input: { readonly id: string; readonly by: string; readonly at: Date }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ revision: number }>`
        insert into entry_meta as entry (id, created, lastmod, revision, num_edits, num_users)
        values (${input.id}, ${input.at}, ${input.at}, 1, 1, 1)
        on conflict (id) do update
          set revision = entry.revision + 1, num_edits = entry.num_edits + 1, lastmod = excluded.lastmod,
            num_users = entry.num_users + case when exists (
              select from entry_revisions r where r.id = entry.id and r.by = ${input.by}
            ) then 0 else 1 end
        returning revision`,
      (rows) => rows[0]?.revision ?? 1
    ))

/** Locks an entry until the transaction ends; false if there never was one. */
export const lockEntry = (input: { readonly id: string }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Effect.map(sql`select from entry_meta where id = ${input.id} for update`, (rows) => rows.length > 0)
  )
