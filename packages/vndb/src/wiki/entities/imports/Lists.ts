/** Whose lists an import changes, and in what: noted while rows come and go, for what is told afterwards. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Table } from "../../import/columns.ts"

const run = <Row extends object>(statement: string, values: ReadonlyArray<unknown> = []) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(statement, values))

/** SQL that notes rows (`written`) of which something is told; a label stands for all that have it. */
export const noting = (table: Table): string | undefined => {
  switch (table) {
    case "ulist_vns":
      return `insert into import.listed (uid, vid) select uid, vid from written`
    case "rlists":
      return `insert into import.listed (uid, rid) select uid, rid from written`
    case "ulist_labels":
      return `insert into import.listed (uid, vid) select l.uid, v.vid
        from written l left join ulist_vns v on v.uid = l.uid and l.id = any(v.labels)`
    case "vn_length_votes":
      return `insert into import.timed (uid) select uid from written where uid is not null`
    default:
      return undefined
  }
}

/** Lists that have changed, behind one of them. */
export const changedAfter = (input: { readonly uid: string; readonly limit: number }) =>
  run<{ user: string; vns: ReadonlyArray<string>; releases: ReadonlyArray<string> }>(
    `select uid as user, array_remove(array_agg(distinct vid), null) as vns,
      array_remove(array_agg(distinct rid), null) as releases
    from import.listed where uid > $1 group by uid order by uid limit $2`,
    [input.uid, input.limit]
  )

/** Users whose votes on lengths have changed, behind one of them. */
export const timedAfter = (input: { readonly uid: string; readonly limit: number }) =>
  Effect.map(
    run<{ uid: string }>(
      `select distinct uid from import.timed where uid > $1 order by uid limit $2`,
      [input.uid, input.limit]
    ),
    (rows) => rows.map(({ uid }) => uid)
  )
