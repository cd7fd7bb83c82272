/** Users in PostgreSQL. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * Marks the user deleted and forgets the name, in one statement; false if there was nobody to delete. The account is nobody's then,
 * after all that it is doing: whoever comes back begins anew.
 */
export const deleteUser = (input: { readonly id: string; readonly by: string; readonly at: Date }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.andThen(
      sql`update accounts set uid = null where uid = ${input.id}`,
      Effect.map(
        sql`update users set deleted_at = ${input.at}, deleted_by = ${input.by}, username = null
          where id = ${input.id} and deleted_at is null returning id`,
        (rows) => rows.length > 0
      )
    ))

/** What a user's leaving has changed. */
export interface Left {
  readonly voted: ReadonlyArray<string>
  readonly measured: ReadonlyArray<string>
  readonly tagged: ReadonlyArray<string>
  readonly images: ReadonlyArray<string>
  readonly releases: ReadonlyArray<string>
  readonly tokens: ReadonlyArray<string>
}

/**
 * Removes the user's lists, labels and tokens, and takes the name off votes that others' pages are made of, as VNDB does: they count
 * as nobody's. Done once more it changes nothing.
 */
export const removeTraces = (input: { readonly id: string }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { id } = input
    const ids = (rows: ReadonlyArray<{ readonly id: string }>) => [...new Set(rows.map((row) => row.id))]
    const voted = yield* sql<{ id: string }>`delete from ulist_vns where uid = ${id} returning vid as id`
    const releases = yield* sql<{ id: string }>`delete from rlists where uid = ${id} returning rid as id`
    yield* sql`delete from ulist_labels where uid = ${id}`
    const tokens = yield* sql<{ id: string }>`delete from api_tokens where uid = ${id} returning id`
    const covers = yield* sql<{ id: string }>`delete from vn_image_votes where uid = ${id} returning vid as id`
    const lengths = yield* sql<
      { id: string }
    >`update vn_length_votes set uid = null where uid = ${id} returning vid as id`
    const tagged = yield* sql<{ id: string }>`update tags_vn set uid = null where uid = ${id} returning vid as id`
    const images = yield* sql<{ id: string }>`update image_votes set uid = null where uid = ${id} returning id`
    const left: Left = {
      voted: ids(voted),
      measured: ids([...covers, ...lengths]),
      tagged: ids(tagged),
      images: ids(images),
      releases: ids(releases),
      tokens: ids(tokens)
    }
    return left
  })
