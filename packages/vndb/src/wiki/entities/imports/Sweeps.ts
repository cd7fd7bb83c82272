/** Takes staged rows out that cannot be merged, and notes each with the rule it broke and its key. */
import { Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { brokenRule } from "../../import/cells.ts"
import type { Table } from "../../import/columns.ts"
import type { Reference } from "../../import/references.ts"

/** Removes the rows where `broken` holds, with the rule they broke (SQL, of `row`); how many. */
const sweep = (table: Table, rule: string, broken: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* sql.unsafe<{ n: number }>(`with noted as (
        insert into import.bad (row_at, rule, key)
        select row.ctid, ${rule}, ${keyOf(table)} from import.${table} row where ${broken} returning 1
      ) select count(*)::int as n from noted`)
    const n = found?.n ?? 0
    if (n > 0) {
      yield* sql.unsafe(`delete from import.${table} where ctid = any(array(select row_at from import.bad))`)
      yield* sql`insert into import.rejects (at, rule, key) select ${table}, rule, key from import.bad order by row_at`
      yield* sql`truncate import.bad`
    }
    return n
  })

/** What a row is called: its ids, numbers and codes. Texts are not repeated, nor what only should have been an id. */
const keyOf = (table: Table): string => {
  const { columns, key, unique } = Layout.tables[table]
  const named = key.length > 0 ? key : unique[0]?.columns ?? []
  const cells = columns.filter(({ name, type }) =>
    (named.length === 0 || named.includes(name)) &&
    (type.kind === "id" || type.kind === "integer" || type.kind === "enum")
  )
  return `concat_ws(' ', ${
    cells.map(({ name }) =>
      `case when row.${name} ~ '^([a-z]{1,2}[1-9][0-9]{0,8}|-?[0-9]{1,9}|[A-Za-z-]{1,8})$' then row.${name} else '?' end`
    ).join(", ")
  })`
}

/** Cells that are not what their column holds. */
export const sweepCells = (input: { readonly table: Table }) => {
  const rule = brokenRule(input.table)
  return sweep(input.table, rule, `${rule} is not null`)
}

/** Rows whose key stands there already: the first stays. */
export const sweepDuplicates = (input: { readonly table: Table }) => {
  const { key, unique } = Layout.tables[input.table]
  const sets = [
    ...(key.length > 0 ? [{ cells: key, nullsEqual: true }] : []),
    ...unique.map(({ columns, nullsEqual }) => ({ cells: columns, nullsEqual })),
    ...(input.table === "users" ? [{ cells: ["lower(row.username)"], nullsEqual: false }] : [])
  ].map(({ cells, nullsEqual }) => ({
    cells: cells.map((cell) => cell.includes("(") ? cell : `row.${cell}`),
    nullsEqual
  }))
  return Effect.forEach(sets, ({ cells, nullsEqual }) => {
    const present = nullsEqual ? "true" : cells.map((cell) => `${cell} is not null`).join(" and ")
    // Hashes of eight bytes find what may be twice; the cells themselves decide.
    const hash = `hash_record_extended(row(${cells.join(", ")}), 0)`
    return sweep(
      input.table,
      "'is a duplicate'",
      `row.ctid = any(array(select twice.row_at from (
        select row.ctid as row_at, row_number() over (partition by ${cells.join(", ")} order by row.ctid) as turn
        from import.${input.table} row where ${present} and ${hash} in (
          select ${hash} from import.${input.table} row where ${present} group by 1 having count(*) > 1
        )) twice where twice.turn > 1))`
    )
  }, { discard: true })
}

/** Entries that have no title in their language, and staff without their main alias. */
export const sweepUntitled = (input: { readonly table: "vn" | "releases" | "staff" }) =>
  input.table === "staff"
    ? sweep(
      input.table,
      "'has no main alias'",
      "not exists (select from import.staff_alias a where a.aid = row.main and a.id = row.id)"
    )
    : sweep(
      input.table,
      "'has no title in its language'",
      `not exists (select from import.${input.table}_titles t
        where t.id = row.id and t.lang = row.olang and t.title is not null)`
    )

/** Rows that refer to something that is neither in the dump nor here; how many. */
export const sweepDangling = (input: { readonly reference: Reference }) => {
  const { columns, from, targets, to } = input.reference
  const present = columns.map((column) => `row.${column} is not null`).join(" and ")
  const staged = targets.map((target, at) => `t.${target} = row.${columns[at]}`).join(" and ")
  const [column = "", target = ""] = [columns[0], targets[0]]
  const cast = Layout.tables[to].columns.find(({ name }) => name === target)?.type.kind === "integer" ? "::int" : ""
  const held = input.reference.heldToo
    ? `and not exists (select from ${to} h where h.${target} = row.${column}${cast})`
    : ""
  return sweep(
    from,
    `'${columns.join(", ")} refers to nothing in ${to}'`,
    `${present} and not exists (select from import.${to} t where ${staged}) ${held}`
  )
}

/** Users who are accounts here: what a dump says of them is somebody else's. */
export const sweepAccounts = sweep(
  "users",
  "'belongs to an account here'",
  "exists (select from accounts a where a.uid = row.id)"
)
