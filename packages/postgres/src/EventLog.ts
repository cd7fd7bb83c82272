/**
 * The event log: read it, publish parts of it again, and keep it from growing for ever.
 *
 * Reading sees what is committed when it comes by, in order of position. It is for looking back, not for following: an
 * event may commit behind a reader that has passed, so nothing may be derived by resuming from the last position. Use
 * the bus for that.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { type Envelope, Fault } from "@kanau/core"
import { Duration, Effect, Option, Stream } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import * as Database from "./Database.ts"
import * as Partitions from "./internal/eventPartitions.ts"
import { envelopeColumns, type EventRow, pageBytes, pageSize, toEnvelope } from "./internal/eventRow.ts"
import { channel, type Position } from "./Outbox.ts"

/** Which events are meant; without a condition, all. Conditions are combined with "and". */
export interface Filter {
  readonly ids?: ReadonlyArray<string>
  /** First position, included. */
  readonly from?: Position
  /** Last position, included. */
  readonly to?: Position
  /** Events that happened at this time or later. */
  readonly since?: Date
  readonly type?: string
  readonly subject?: string
}

/** What a replay has done. */
export interface Replayed {
  /** Events that were put back into the pending list, by all runs under this id. */
  readonly enqueued: number
  /** Whether this call did nothing because the replay was finished before. */
  readonly repeated: boolean
}

type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * The events of a filter in order of position, a page at a time, however many there are.
 *
 * @example
 * ```ts
 * const envelopes = EventLog.read({ subject: "v17", since: new Date("2026-01-01") })
 * ```
 */
export const read = (filter: Filter): Stream.Stream<Envelope.Envelope, Failure, PgClient.PgClient> =>
  Stream.unwrap(Effect.map(PgClient.PgClient, (sql) => {
    const wanted = conditions(sql, filter)
    return Stream.paginate(0n, (after) =>
      Effect.map(
        Database.faults(sql<EventRow & { bytes: bigint }>`
          with page as (
            select *, sum(octet_length(data)) over (order by position) as bytes from (
              select ${sql.literal(envelopeColumns)} from kanau.events e where position > ${after} and ${wanted}
              order by position limit ${pageSize}
            ) found
          )
          select * from page where bytes - octet_length(data) < ${pageBytes} order by position`),
        (rows) => [rows.map(toEnvelope), Option.map(Option.fromUndefinedOr(rows.at(-1)), (row) => row.position)]
      ))
  }))

/**
 * How many events a filter means: the dry run of a replay.
 *
 * @example
 * ```ts
 * const events = yield* EventLog.count({ from: "1000", to: "1999" })
 * ```
 */
export const count = (filter: Filter): Effect.Effect<number, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.map(
      Database.faults(sql<{ n: bigint }>`select count(*) as n from kanau.events e where ${conditions(sql, filter)}`),
      (rows) => Number(rows[0]?.n ?? 0)
    ))

/**
 * Publishes events again, with the ids they had, by putting them back into the pending list: those that are in the log
 * when the replay begins and are not waiting there anyway. Consumers with an inbox have nothing to do for what they have
 * processed.
 *
 * One `id` is one replay: called again with it, an interrupted replay goes on where it was, and a finished one does
 * nothing. Another filter under the same id is an `Invariant`. `onPage` hears how many events are enqueued so far.
 *
 * @example
 * ```ts
 * yield* EventLog.replay("2026-11-21 search index", { type: "vndb.vn.edited", since: new Date("2026-11-20") })
 * ```
 */
export const replay = (
  id: string,
  filter: Filter,
  options: { readonly onPage?: (enqueued: number) => Effect.Effect<void> } = {}
): Effect.Effect<Replayed, Failure, PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const wanted = conditions(sql, filter)
    const described = JSON.stringify(filter, Object.keys(filter).toSorted())
    yield* Database.faults(sql`insert into kanau.replays (id, filter, reached, until)
      select ${id}, ${described}, 0, coalesce(max(position), 0) from kanau.events on conflict do nothing`)
    const page = Database.transaction(Effect.gen(function*() {
      const [state] = yield* sql<State>`
        select filter, reached, until, enqueued, finished from kanau.replays where id = ${id} for update`
      if (state === undefined || state.filter !== described) {
        return yield* Effect.fail(new Fault.Invariant({ reason: "This replay id was used with another filter." }))
      }
      if (state.finished) return { ...state, more: false }
      const [next] = yield* sql<{ reached: bigint; enqueued: bigint; more: boolean }>`
        with page as materialized (
          select position, subject from kanau.events e
          where position > ${state.reached} and position <= ${state.until} and ${wanted}
          order by position limit ${replayPage}
        ), enqueued as (
          insert into kanau.pending (position, subject)
          select position, subject from page
          where not exists (select 1 from kanau.parked where parked.position = page.position)
          on conflict do nothing returning 1
        )
        update kanau.replays set reached = coalesce((select max(position) from page), until),
          enqueued = replays.enqueued + (select count(*) from enqueued),
          finished = (select count(*) from page) < ${replayPage}
        where id = ${id} returning reached, enqueued, not finished as more`
      return { ...state, ...next, finished: false, more: next?.more ?? false }
    }))
    for (;;) {
      const { enqueued, finished, more } = yield* Effect.provideService(page, SqlClient.SqlClient, sql)
      if (finished) return { enqueued: Number(enqueued), repeated: true }
      yield* Database.faults(sql.notify(channel, ""))
      if (options.onPage !== undefined) yield* options.onPage(Number(enqueued))
      if (!more) return { enqueued: Number(enqueued), repeated: false }
    }
  })

/** What `maintain` did, by name of partition. */
export interface Maintained {
  readonly created: ReadonlyArray<string>
  readonly dropped: ReadonlyArray<string>
  /** Whether events go to a new partition from now on. */
  readonly movedOn: boolean
}

/**
 * Keeps the log within its retention. To be called from time to time, by as many processes as like to; one at a time
 * does the work.
 *
 * - `ahead` partitions exist after the current one (2 when absent).
 * - After `every` (a day when absent) events go to the next partition.
 * - A partition whose events are all older than `keep` is dropped, with the idempotency keys of its events, unless one
 *   of them is pending or parked. So is one that is held by a transaction: the next call tries again.
 *
 * @example
 * ```ts
 * yield* EventLog.maintain({ keep: "90 days" })
 * ```
 */
export const maintain = (options: {
  readonly keep: Duration.Input
  readonly ahead?: number
  readonly every?: Duration.Input
}): Effect.Effect<Maintained, Failure, PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    const { ahead = 2, every = "1 day", keep } = options
    const work = Effect.gen(function*() {
      yield* sql`select pg_advisory_xact_lock(hashtext('kanau.maintain'))`
      const before = yield* Partitions.current(sql)
      const existing = new Set((yield* Partitions.all(sql)).map(({ number }) => number))
      const missing = Array.from({ length: ahead }, (_, at) => before.number + 1 + at).filter((n) => !existing.has(n))
      const created = yield* Effect.forEach(missing, (number) => Partitions.create(sql, number))
      // Moving on cannot be rolled back, so only to a partition that was there before; and never across the end of the
      // room, where others may be at this moment.
      const movedOn = existing.has(before.number + 1) && before.seconds > Duration.toSeconds(every) &&
        before.left > 1_000_000n
      if (movedOn) yield* Partitions.moveOn(sql, before.number)
      const past = (yield* Partitions.all(sql)).filter(({ number }) => number < before.number)
      const dropped = yield* Effect.filter(past, (each) => Partitions.drop(sql, each, Duration.toSeconds(keep)))
      return { created, dropped: dropped.map(({ name }) => name), movedOn }
    })
    return yield* Effect.provideService(Database.transaction(work), SqlClient.SqlClient, sql)
  })

/** Events put back in one transaction. */
const replayPage = 1000

interface State {
  readonly filter: string
  readonly reached: bigint
  readonly until: bigint
  readonly enqueued: bigint
  readonly finished: boolean
}

const conditions = (sql: PgClient.PgClient, { from, ids, since, subject, to, type }: Filter): Statement.Fragment =>
  sql.and([
    ...(ids === undefined ? [] : [ids.length === 0 ? sql`false` : sql`e.id in ${sql.in(ids)}`]),
    ...(from === undefined ? [] : [sql`e.position >= ${from}::bigint`]),
    ...(to === undefined ? [] : [sql`e.position <= ${to}::bigint`]),
    ...(since === undefined ? [] : [sql`e.time >= ${since}::timestamptz`]),
    ...(type === undefined ? [] : [sql`e.type = ${type}`]),
    ...(subject === undefined ? [] : [sql`e.subject = ${subject}`])
  ])
