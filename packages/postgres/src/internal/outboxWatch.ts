/**
 * Watches the outbox as a whole, from every relay: how much waits and since when. An alarm when it is too long,
 * whatever the cause, and when a session is idle in a transaction, by name: its event is not visible yet, and what it
 * holds stops clean-up.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Clock, Effect, Metric } from "effect"
import type { SqlError } from "effect/sql"

const everySeconds = 5

export const watch = (sql: PgClient.PgClient, overdueSeconds: number): Effect.Effect<never, SqlError.SqlError> => {
  const gauges = states.map((state) => ({
    state,
    count: Metric.withAttributes(events, { state }),
    oldest: Metric.withAttributes(oldestSeconds, { state })
  }))
  const said = new Map<string, number>()
  /** Says a thing at once, and again once a minute while it lasts. */
  const sparingly = (key: string, line: Effect.Effect<void>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (Math.abs(now - (said.get(key) ?? -Infinity)) < 60_000) return Effect.void
      said.set(key, now)
      return line
    })
  const look = Effect.gen(function*() {
    const rows = yield* sql<{ state: string; count: number; seconds: number | null }>`
      select state, count, extract(epoch from clock_timestamp() - e.time)::double precision as seconds from (
        select 'pending' as state, count(*)::integer as count, min(position) as position from kanau.pending
        union all select state, count(*)::integer, min(position) from kanau.parked group by state
      ) list left join kanau.events e using (position)`
    const overdue: Array<{ readonly state: string; readonly count: number; readonly seconds: number }> = []
    for (const { count, oldest, state } of gauges) {
      const row = rows.find((row) => row.state === state)
      const seconds = Math.max(0, row?.seconds ?? 0)
      yield* Metric.update(count, row?.count ?? 0)
      yield* Metric.update(oldest, seconds)
      if (row !== undefined && seconds > overdueSeconds) overdue.push({ state, count: row.count, seconds })
    }
    yield* Metric.update(alarm, overdue.length)
    for (const { count, seconds, state } of overdue) {
      yield* sparingly(
        state,
        Effect.logError("events wait too long in the outbox").pipe(
          Effect.annotateLogs({ state, events: count, seconds: Math.round(seconds) })
        )
      )
    }
    const sessions = yield* sql<{ pid: number; application: string; seconds: number }>`
      select pid, application_name as application,
        extract(epoch from clock_timestamp() - state_change)::double precision as seconds
      from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'
        and state_change < clock_timestamp() - make_interval(secs => ${overdueSeconds})
        and (backend_xid is not null or backend_xmin is not null or exists (
          select 1 from pg_locks join pg_class on pg_class.oid = pg_locks.relation
          where pg_locks.pid = pg_stat_activity.pid and pg_class.relnamespace = 'kanau'::regnamespace
        ))
      order by state_change limit 10`
    yield* Metric.update(idleSessions, sessions.length)
    for (const { application, pid, seconds } of sessions) {
      yield* sparingly(
        `session ${pid}`,
        Effect.logError("a session is idle in a transaction").pipe(
          Effect.annotateLogs({ session: pid, application, seconds: Math.round(seconds) })
        )
      )
    }
    for (const [key, at] of said) if ((yield* Clock.currentTimeMillis) - at > 60_000) said.delete(key)
  })
  return Effect.forever(Effect.andThen(look, Effect.sleep(`${everySeconds} seconds`)))
}

/** What becomes of an event before it is published, in the gauges. */
const states = ["pending", "retrying", "waiting", "dead", "discarded"] as const

const events = Metric.gauge("kanau_outbox_events", {
  description: "Events of the whole outbox that are not published; the same on every relay"
})

const oldestSeconds = Metric.gauge("kanau_outbox_oldest_seconds", {
  description: "How long ago the oldest unpublished event happened; the same on every relay"
})

const alarm = Metric.gauge("kanau_outbox_overdue", {
  description: "In how many states an event waits longer than its bound; above 0 is an alarm"
})

const idleSessions = Metric.gauge("kanau_outbox_idle_sessions", {
  description: "Sessions that are idle in a transaction for longer than the bound"
})
