/** Every revision of the entries that were edited here. Rows are only ever added. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Content } from "../kinds.ts"

/** What happened to an entry to make a revision of it. */
export type Action =
  | "imported"
  | "created"
  | "edited"
  | "reverted"
  | "related"
  | "hidden"
  | "shown"
  | "locked"
  | "unlocked"
  | "deleted"
  | "restored"

/** A revision without its content. */
export interface Revision {
  readonly revision: number
  readonly at: Date
  readonly by: string
  readonly action: Action
  readonly summary: string
}

/** Adds the revision an entry has now. */
export const addRevision = (input: {
  readonly id: string
  readonly revision: number
  readonly at: Date
  readonly by: string
  readonly action: Action
  readonly summary: string
  readonly content: Content
}) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`insert into entry_revisions (id, revision, at, by, action, summary, content)
      values (${input.id}, ${input.revision}, ${input.at}, ${input.by}, ${input.action}, ${input.summary},
        ${JSON.stringify(input.content)}::jsonb)`
  )

/** Adds the revision that an entry has before its first edit here, if it was never added. */
export const addBaseline = (input: { readonly id: string; readonly revision: number; readonly content: Content }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`insert into entry_revisions (id, revision, at, by, action, summary, content)
      select id, revision, lastmod, '', 'imported', '', ${JSON.stringify(input.content)}::jsonb
      from entry_meta where id = ${input.id} and revision = ${input.revision}
      on conflict do nothing`
  )

/** The content of a revision; undefined where it is not kept. */
export const findRevision = (input: { readonly id: string; readonly revision: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Revision & { content: Content }>`select revision, at, by, action, summary, content from entry_revisions
        where id = ${input.id} and revision = ${input.revision}`,
      (rows) => rows[0]
    ))

/** Revisions below one, the newest first. */
export const listRevisions = (input: { readonly id: string; readonly below: number; readonly limit: number }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql<Revision>`select revision, at, by, action, summary from entry_revisions
      where id = ${input.id} and revision < ${input.below} order by revision desc limit ${input.limit}`
  )
