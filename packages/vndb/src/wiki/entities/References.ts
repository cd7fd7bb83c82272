/** Whether what an entry refers to is there. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { References } from "../kinds.ts"
import { kinds } from "../kinds.ts"

/**
 * The first of these that is not there, is deleted or is hidden; undefined when all are there. Entries stay as they are until
 * the transaction ends.
 */
export const missingReference = (input: References) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    for (const { prefix, table } of targets) {
      const ids = input.ids.filter((id) => new RegExp(`^${prefix}[0-9]`).test(id))
      if (ids.length === 0) continue
      const condition = table === "images" ? "true" : "deleted_at is null and not hidden"
      const found = yield* sql.unsafe<{ id: string }>(
        `select id from ${table} where id = any($1::text[]) and ${condition} order by id for key share`,
        [literal(ids)]
      )
      const known = new Set(found.map(({ id }) => id))
      const missing = ids.find((id) => !known.has(id))
      if (missing !== undefined) return missing
    }
    for (const table of ["anime", "drm", "engines", "staff_alias"] as const) {
      const keys = input.keys.filter((one) => one.table === table).map(({ key }) => key)
      if (keys.length === 0) continue
      const column = table === "staff_alias" ? "aid" : "id"
      const found = yield* sql.unsafe<{ key: number }>(
        `select ${column} as key from ${table} where ${column} = any($1::int[]) order by 1 for key share`,
        [literal(keys)]
      )
      const known = new Set(found.map(({ key }) => key))
      const missing = keys.find((key) => !known.has(key))
      if (missing !== undefined) return `${table} ${missing}`
    }
    return undefined
  })

/** Staff that use an alias number, other than the entry itself. */
export const creditsOfAliases = (input: { readonly aids: ReadonlyArray<number> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ aid: number }>`select distinct aid from (
          select aid from vn_staff where aid = any(${literal(input.aids)}::int[])
          union all select aid from vn_seiyuu where aid = any(${literal(input.aids)}::int[])
        ) as credit`,
      (rows) => rows.map(({ aid }) => aid)
    ))

/** Whether `id` is among the ancestors of `parents`, in the tree of tags or of traits. */
export const isAncestor = (input: {
  readonly table: "tags_parents" | "traits_parents"
  readonly id: string
  readonly parents: ReadonlyArray<string>
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ found: boolean }>`with recursive above(id) as (
          select unnest(${literal(input.parents)}::text[])
          union select p.parent from above join ${sql(input.table)} p on p.id = above.id
        ) select exists (select from above where id = ${input.id}) as found`,
      (rows) => rows[0]?.found ?? false
    ))

const targets: ReadonlyArray<{ readonly prefix: string; readonly table: string }> = [
  ...Object.values(kinds).map(({ prefix, table }) => ({ prefix, table })),
  { prefix: "(cv|ch|sf)", table: "images" }
]

const literal = (values: ReadonlyArray<string | number>): string => `{${values.map((value) => `"${value}"`).join(",")}}`
