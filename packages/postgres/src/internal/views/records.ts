/** The small records beside the documents. */
import type { ViewStore } from "@kanau/views"
import { Effect, Option } from "effect"
import type { SqlClient, SqlError } from "effect/sql"

export const records = (sql: SqlClient.SqlClient) => ({
  get: (key: string): Effect.Effect<Option.Option<ViewStore.StoredRecord>, SqlError.SqlError> =>
    Effect.map(
      sql<ViewStore.StoredRecord>`select key, revision, value from kanau.views_records where key = ${key}`,
      (rows) => Option.fromNullishOr(rows[0])
    ),
  list: (prefix: string): Effect.Effect<ReadonlyArray<ViewStore.StoredRecord>, SqlError.SqlError> =>
    sql<ViewStore.StoredRecord>`
      select key, revision, value from kanau.views_records where starts_with(key, ${prefix}) order by key`,
  put: (key: string, value: string, revision: number): Effect.Effect<boolean, SqlError.SqlError> =>
    Effect.map(
      revision === 0
        ? sql`insert into kanau.views_records (key, revision, value) values (${key}, 1, ${value})
          on conflict do nothing returning 1 as written`
        : sql`update kanau.views_records set revision = revision + 1, value = ${value}
          where key = ${key} and revision = ${revision} returning 1 as written`,
      (rows) => rows.length > 0
    ),
  remove: (prefix: string): Effect.Effect<void, SqlError.SqlError> =>
    Effect.asVoid(sql`delete from kanau.views_records where starts_with(key, ${prefix})`)
})
