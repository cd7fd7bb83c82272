/** What belongs to releases, looked up from the other side. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Releases that belong to a visual novel. */
export const releasesOfVn = (input: { readonly vn: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from releases_vn where vid = ${input.vn} order by id`,
      (rows) => rows.map(({ id }) => id)
    ))
