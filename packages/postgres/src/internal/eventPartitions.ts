/**
 * Partitions of the event log. Partition N has the positions from N × 10^9, a room no period fills; when its period is
 * over the sequence moves on to the next. So positions stay unique and growing over all partitions, a partition is one
 * stretch of time, and nobody has to guess how many events a day will bring.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect } from "effect"
import { SqlError } from "effect/sql"

export interface Partition {
  readonly name: string
  readonly number: number
}

const room = 1_000_000_000n

/** Partitions in order; the first also has whatever lies before it. */
export const all = (sql: PgClient.PgClient): Effect.Effect<ReadonlyArray<Partition>, SqlError.SqlError> =>
  Effect.map(
    sql<{ name: string; bound: string }>`
      select relname as name, pg_get_expr(relpartbound, pg_class.oid) as bound from pg_inherits
      join pg_class on pg_class.oid = inhrelid where inhparent = 'kanau.events'::regclass`,
    (rows) =>
      rows.map(({ bound, name }) => {
        const until = /TO \('?(\d+)'?\)/.exec(bound)?.[1] ?? "0"
        return { name, number: Number(BigInt(until) / room) - 1 }
      }).toSorted((a, b) => a.number - b.number)
  )

/** The partition that events are appended to now, and for how many seconds it has been. */
export const current = (
  sql: PgClient.PgClient
): Effect.Effect<{ readonly number: number; readonly seconds: number; readonly left: bigint }, SqlError.SqlError> =>
  Effect.gen(function*() {
    const [sequence] = yield* sql<{ last: bigint }>`select last_value as last from kanau.event_positions`
    const last = sequence?.last ?? 1n
    const number = last / room
    const [first] = yield* sql<{ seconds: number }>`
      select extract(epoch from clock_timestamp() - time)::double precision as seconds from kanau.events
      where position >= ${number === 0n ? -(2n ** 63n) : number * room} order by position limit 1`
    return { number: Number(number), seconds: first?.seconds ?? 0, left: (number + 1n) * room - last }
  })

/** Made beside the log and then attached, which holds up nobody. */
export const create = (sql: PgClient.PgClient, number: number): Effect.Effect<string, SqlError.SqlError> => {
  const name = `events_${number}`
  const from = BigInt(number) * room
  return Effect.as(
    sql.withTransaction(Effect.forEach([
      `create table kanau.${name} (like kanau.events including defaults, primary key (position))`,
      `create unique index ${name}_id on kanau.${name} (id)`,
      `alter table kanau.events attach partition kanau.${name} for values from (${from}) to (${from + room})`
    ], (statement) => sql.unsafe(statement))),
    name
  )
}

/** Appends to the next partition from now on. Late commits still go where their positions are. */
export const moveOn = (sql: PgClient.PgClient, number: number): Effect.Effect<unknown, SqlError.SqlError> =>
  sql`select setval('kanau.event_positions', ${BigInt(number + 1) * room}::bigint, false)`

/**
 * Drops a partition with its idempotency keys if its events are older and none of them is pending or parked; says
 * whether it did. It waits at most half a second for running transactions: appending would wait behind it.
 */
export const drop = (
  sql: PgClient.PgClient,
  { name, number }: Partition,
  keepSeconds: number
): Effect.Effect<boolean, SqlError.SqlError> => {
  const from = number === 0 ? -(2n ** 63n) : BigInt(number) * room
  const until = BigInt(number + 1) * room
  const free = sql<{ free: boolean }>`select not exists (
      select 1 from kanau.pending where position >= ${from} and position < ${until}
      union all select 1 from kanau.parked where position >= ${from} and position < ${until}
    ) and coalesce((
      select time < now() - make_interval(secs => ${keepSeconds}) from kanau.events
      where position >= ${from} and position < ${until} order by position desc limit 1
    ), true) as free`
  const isFree = Effect.map(free, ([row]) => row?.free ?? false)
  return Effect.flatMap(isFree, (worthwhile) =>
    worthwhile
      ? sql.withTransaction(Effect.gen(function*() {
        yield* sql`set local lock_timeout = '500ms'`
        yield* sql`lock table kanau.events in access exclusive mode`
        // Nobody can append or replay now.
        if (!(yield* isFree)) return false
        yield* sql.unsafe(`drop table kanau.${name}`)
        yield* sql`delete from kanau.event_keys where position < ${until}`
        return true
      })).pipe(
        Effect.catchIf(
          (error) => SqlError.isSqlError(error) && error.reason._tag === "LockTimeoutError",
          () => Effect.succeed(false)
        )
      )
      : Effect.succeed(false))
}
