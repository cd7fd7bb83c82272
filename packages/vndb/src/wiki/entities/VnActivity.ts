/** How often each visual novel changed. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Counts one change that happened at `at`. */
export const countChange = (input: { readonly id: string; readonly at: Date }) =>
  Effect.asVoid(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql`insert into vn_activity as seen (id, changes, last_change_at) values (${input.id}, 1, ${input.at})
      on conflict (id) do update set changes = seen.changes + 1,
        last_change_at = greatest(seen.last_change_at, excluded.last_change_at)`)
  )
