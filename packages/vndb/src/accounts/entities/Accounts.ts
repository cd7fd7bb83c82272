/** Accounts in PostgreSQL. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Attributes } from "../Attributes.ts"

/** The attributes of an account; undefined where nothing is known of it. */
export const findAttributes = (input: { readonly name: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Attributes>`select community, wiki, sponsorship, administration, verification
        from accounts where name = ${input.name}`,
      (rows) => rows[0]
    ))

/** Makes the account if there is none, and sets these attributes. */
export const putAttributes = (
  input: { readonly name: string; readonly attributes: Partial<Attributes>; readonly at: Date }
) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into accounts (name, created_at) values (${input.name}, ${input.at}) on conflict do nothing`
    const changed = Object.entries(input.attributes)
    for (const [axis, word] of changed) {
      yield* sql`update accounts set ${sql(axis)} = ${word} where name = ${input.name}`
    }
  })

/**
 * Whose lists and votes the account's are; makes a user with the first. `isNew`: that was just now. The account is locked until the
 * transaction ends: what one person does happens one after another, and the user cannot leave in between.
 */
export const ensureUser = (input: { readonly name: string; readonly at: Date }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const locked = Effect.map(
      sql<{ uid: string | null }>`select uid from accounts where name = ${input.name} for no key update`,
      (rows) => rows[0]
    )
    const held = yield* locked
    if (typeof held?.uid === "string") return { uid: held.uid, isNew: false }
    if (held === undefined) {
      yield* sql`insert into accounts (name, created_at) values (${input.name}, ${input.at}) on conflict do nothing`
      const other = yield* locked
      if (typeof other?.uid === "string") return { uid: other.uid, isNew: false }
    }
    const [made] = yield* sql<{ id: string }>`
      insert into users (id, ign_votes, perm_imgvote, perm_tag, perm_lengthvote, username)
      values ('u' || nextval('user_number'), false, true, true, true, case when exists (
        select from users where lower(username) = lower(${input.name})
      ) then null else ${input.name} end) returning id`
    const uid = made?.id ?? ""
    yield* sql`update accounts set uid = ${uid} where name = ${input.name}`
    return { uid, isNew: true }
  })
