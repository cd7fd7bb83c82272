/**
 * The schedule port on PostgreSQL: the stamps of due times are written in the transaction that appends their signals to
 * the {@link Outbox}, so neither is there without the other.
 *
 * The leader holds a {@link Lease}. A transaction that decides locks the lease under the leader's epoch, so nobody takes
 * over in its midst, and the row of the job, so nobody else decides the same; the server ends it when the leader stands
 * still for half a lease. A due time at or before the row's `reached` is decided for good, even when its stamp has been
 * trimmed.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Correlation, Fault } from "@kanau/core"
import { ScheduleStore } from "@kanau/messaging"
import { Effect, Layer } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import * as Database from "./Database.ts"
import { trimmed } from "./internal/trimming.ts"
import * as Lease from "./Lease.ts"
import { Outbox } from "./Outbox.ts"

export interface Options {
  /** Names this process to operators, such as host and process id; nothing when absent. */
  readonly process?: string
  /** How long a leader that died keeps the others waiting; 10 when absent. They take over at most two seconds later. */
  readonly leaseSeconds?: number
}

/**
 * Needs the migrations of this package, and a relay somewhere that publishes what the outbox holds.
 *
 * @example
 * ```ts
 * const store = PgScheduleStore.layer({ process: `${hostname()}/${process.pid}` })
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<ScheduleStore.ScheduleStore, never, PgClient.PgClient | Outbox> =>
  Layer.effect(
    ScheduleStore.ScheduleStore,
    Effect.gen(function*() {
      const sql = yield* PgClient.PgClient
      const outbox = yield* Outbox
      const lease: Lease.Options = {
        ...(options.process === undefined ? {} : { label: options.process }),
        ...(options.leaseSeconds === undefined ? {} : { ttlSeconds: options.leaseSeconds })
      }

      // A process that is stopped in its midst would keep its locks, and with them its lead, for as long as it pleases.
      const mayPause = String(Math.ceil((options.leaseSeconds ?? 10) * 500))
      const transaction = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.provideService(
          Database.transaction(Effect.andThen(
            sql`select set_config('idle_in_transaction_session_timeout', ${mayPause}, true)`,
            effect
          )),
          SqlClient.SqlClient,
          sql
        )

      /** Whether the leader is still the one; locked against a takeover until the transaction ends. */
      const leads = ({ epoch, timetable }: ScheduleStore.Lead) =>
        Effect.map(
          sql`select 1 from kanau.leases where name = ${leaseOf(timetable)} and epoch = ${epoch} for share`,
          (rows) => rows.length > 0
        )

      const lead: ScheduleStore.ScheduleStoreService["lead"] = (timetable, work) =>
        Lease.hold(leaseOf(timetable), ({ epoch }) => work({ timetable, epoch }), lease).pipe(
          Effect.provideService(SqlClient.SqlClient, sql),
          Effect.mapError((error) => SqlError.isSqlError(error) ? Database.toUnavailable(error) : error)
        ) as ReturnType<typeof work>

      const register: ScheduleStore.ScheduleStoreService["register"] = (lead, jobs, now) =>
        transaction(Effect.gen(function*() {
          if (!(yield* leads(lead))) return "overtaken"
          const rows = JSON.stringify(jobs.map(({ next, ...job }) => ({ ...job, next: iso(next) })))
          yield* sql`update kanau.schedule_jobs set removed_at = ${iso(now)}::timestamptz
          where timetable = ${lead.timetable} and removed_at is null
            and job not in (select job from json_to_recordset(${rows}::json) as row(job text))`
          const known = yield* sql<{ job: string; reached: Date }>`
          insert into kanau.schedule_jobs as known (timetable, job, calendar, catch_up, reached, next_due)
          select ${lead.timetable}, job, calendar, "catchUp", ${iso(now)}::timestamptz, next
          from json_to_recordset(${rows}::json) as row(job text, calendar text, "catchUp" text, next timestamptz)
          on conflict (timetable, job) do update set
            calendar = excluded.calendar, catch_up = excluded.catch_up, removed_at = null,
            reached = case when ${goesOn(sql)} then known.reached else greatest(known.reached, excluded.reached) end,
            next_due = case when ${goesOn(sql)} then known.next_due else excluded.next_due end
          returning job, reached`
          return new Map(known.map(({ job, reached }) => [job, reached.getTime()]))
        }))

      const stamp = (
        timetable: string,
        job: string,
        stamps: ReadonlyArray<{ readonly due: number; readonly position: string }>,
        byHand: boolean,
        now: number
      ) =>
        Effect.gen(function*() {
          const rows = JSON.stringify(stamps.map(({ due, position }) => ({ due: iso(due), position })))
          const stamped = yield* sql<{ due: Date; signal_id: string }>`
          with stamps as (
            select row.due, row.position, e.id from json_to_recordset(${rows}::json)
              as row(due timestamptz, position bigint)
            join kanau.events e using (position)
          ), written as (
            insert into kanau.schedule_stamps (timetable, job, due, by_hand, fired_at, signal_id, position)
            select ${timetable}, ${job}, due, ${byHand}::boolean, ${iso(now)}::timestamptz, id, position from stamps
            on conflict do nothing
          )
          select due, id as signal_id from stamps order by due`
          const last = stamped.at(-1)
          if (last !== undefined) {
            yield* sql`update kanau.schedule_jobs set last_due = ${iso(last.due.getTime())}::timestamptz,
            last_fired_at = ${iso(now)}::timestamptz, last_signal_id = ${last.signal_id}
            where timetable = ${timetable} and job = ${job}`
          }
          return stamped.map((row): ScheduleStore.Fired => ({ due: row.due.getTime(), signalId: row.signal_id }))
        })

      const decide: ScheduleStore.ScheduleStoreService["decide"] = (lead, { firings, from, job, next, reached }, now) =>
        started(transaction(Effect.gen(function*() {
          const { timetable } = lead
          if (!(yield* leads(lead))) return "overtaken"
          const [row] = yield* sql<{ reached: Date }>`select reached from kanau.schedule_jobs
          where timetable = ${timetable} and job = ${job} and removed_at is null for update`
          if (row?.reached.getTime() !== from) return "overtaken"
          const stamped = yield* sql<{ due: Date }>`select due from kanau.schedule_stamps
          where timetable = ${timetable} and job = ${job} and not by_hand
            and due > ${iso(from)}::timestamptz and due <= ${iso(reached)}::timestamptz`
          const known = new Set(stamped.map(({ due }) => due.getTime()))
          const fresh = firings.filter(({ due }) => !known.has(due))
          const positions = yield* outbox.appendAll(fresh.map(({ signal }) => signal))
          const fired = yield* stamp(
            timetable,
            job,
            positions.map((position, index) => ({ due: fresh[index]?.due ?? 0, position })),
            false,
            now
          )
          yield* sql`update kanau.schedule_jobs
          set reached = ${iso(reached)}::timestamptz, next_due = ${iso(next)}::timestamptz
          where timetable = ${timetable} and job = ${job}`
          return fired
        })))

      const fireByHand: ScheduleStore.ScheduleStoreService["fireByHand"] = (timetable, job, { due, signal }) =>
        started(transaction(Effect.gen(function*() {
          const idempotencyKey = `schedule/${timetable}/${job}/${due}`
          const position = yield* outbox.append(signal, { idempotencyKey })
          const [fired] = yield* stamp(timetable, job, [{ due, position }], true, due)
          if (fired === undefined) return yield* Effect.fail(new Fault.Conflict({ reason: "It was fired just now." }))
          return fired
        })))

      const list: ScheduleStore.ScheduleStoreService["list"] = (timetable) =>
        Database.faults(Effect.gen(function*() {
          const [leader] = yield* sql<{ process: string; epoch: bigint; until: Date }>`
          select owner as process, epoch, expires_at as until from kanau.leases
          where name = ${leaseOf(timetable)} and expires_at > now()`
          const rows = yield* sql<JobRow>`select * from kanau.schedule_jobs where timetable = ${timetable} order by job`
          return { ...(leader === undefined ? {} : { leader: { ...leader } }), jobs: rows.map(entry) }
        }))

      const trim: ScheduleStore.ScheduleStoreService["trim"] = (timetable, before) =>
        trimmed((limit) =>
          sql`delete from kanau.schedule_stamps where ctid = any(array(
            select ctid from kanau.schedule_stamps
            where timetable = ${timetable} and fired_at < ${iso(before)}::timestamptz limit ${limit}
          )) returning 1 as forgotten`
        )

      return ScheduleStore.ScheduleStore.of({ lead, register, decide, fireByHand, list, trim })
    })
  )

interface JobRow {
  readonly job: string
  readonly calendar: string
  readonly catch_up: string
  readonly next_due: Date
  readonly last_due: Date | null
  readonly last_fired_at: Date | null
  readonly last_signal_id: string | null
  readonly removed_at: Date | null
}

const entry = (row: JobRow): ScheduleStore.Entry => ({
  job: row.job,
  calendar: row.calendar,
  catchUp: row.catch_up,
  ...(row.removed_at === null ? { state: "active", nextDue: row.next_due } : { state: "removed" }),
  ...(row.last_due === null || row.last_fired_at === null || row.last_signal_id === null
    ? {}
    : { lastDue: row.last_due, lastFiredAt: row.last_fired_at, lastSignalId: row.last_signal_id })
})

/** Each decision begins a story of its own in the logs. */
const started = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    Correlation.start,
    (correlation) => Effect.provideService(effect, Correlation.Correlation, correlation)
  )

const leaseOf = (timetable: string): string => `scheduler/${timetable}`

const iso = (millis: number): string => new Date(millis).toISOString()

/** The job was in the timetable before, with the same calendar. */
const goesOn = (sql: PgClient.PgClient) =>
  sql.literal("known.calendar = excluded.calendar and known.removed_at is null")
