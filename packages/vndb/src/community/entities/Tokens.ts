/** Tokens of programs in PostgreSQL, by their digest. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const addToken = (input: {
  readonly id: string
  readonly uid: string
  readonly listread: boolean
  readonly listwrite: boolean
  readonly at: Date
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql`insert into api_tokens (id, uid, listread, listwrite, created_at)
      values (${input.id}, ${input.uid}, ${input.listread}, ${input.listwrite}, ${input.at})`)

/** How many tokens somebody has. */
export const countTokens = (input: { readonly uid: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ n: number }>`select count(*)::int as n from api_tokens where uid = ${input.uid}`,
      (rows) => rows[0]?.n ?? 0
    ))

/** False if they have no such token. */
export const removeToken = (input: { readonly uid: string; readonly id: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`delete from api_tokens where uid = ${input.uid} and id = ${input.id} returning id`,
      (rows) => rows.length > 0
    ))
