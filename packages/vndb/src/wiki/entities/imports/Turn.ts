/**
 * Whose turn it is to import: a lock of the session, on a connection that does nothing else, so whoever is killed gives it
 * up at once. In process all connections are one session, so there it is looked for as well as taken.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Two numbers nobody else locks in a database of ours. */
const key = "1801547361, 1"

/** Whether it is ours now, and since when it is somebody else's, where the server tells. */
export interface Taken {
  readonly taken: boolean
  readonly since: string | null
}

/** Takes the turn until the scope ends, unless somebody has it. */
export const take = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const connection = yield* sql.reserve
  const run = <Row extends object>(statement: string) =>
    Effect.provideService(sql.unsafe<Row>(statement), sql.transactionService, [connection, 0])
  const asked = yield* Effect.acquireRelease(
    run<Taken>(`with held as (
        select pid from pg_locks
        where locktype = 'advisory' and granted and (classid, objid) = (${key}) and objsubid = 2
          and database = (select oid from pg_database where datname = current_database())
      )
      select case when exists (select from held) then false else pg_try_advisory_lock(${key}) end as taken, (
        select to_char(min(query_start) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from pg_stat_activity
        where pid in (select pid from held) and pid <> pg_backend_pid()
      ) as since`),
    ([row]) => row?.taken === true ? Effect.ignore(run(`select pg_advisory_unlock(${key})`)) : Effect.void
  )
  return asked[0] ?? { taken: false, since: null }
})
