/** Schedulers that are killed, stopped and doubled, as processes on a real server. */
import { assert, describe, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import type { ChildProcess } from "node:child_process"
import { Database, Migrations } from "../src/index.ts"
import { child, killed } from "./children.ts"
import { eventually, reset } from "./relaying.ts"
import { busy, stepMillis } from "./scheduling.ts"

const place = await Servers.postgresDatabase()

const migrated = Layer.provideMerge(
  Layer.effectDiscard(Migrations.run(Migrations.kanau)),
  Database.layer({ url: Redacted.make(place.url), applicationName: "test" })
)

const prepared = Effect.andThen(
  reset,
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`truncate kanau.schedule_jobs, kanau.schedule_stamps`)
)

/** A scheduler in a process of its own, killed when the scope closes. */
const scheduler = child("scheduler.ts", place.url, "1")

const leads = (child: ChildProcess) =>
  `exists (select 1 from kanau.leases where name = 'scheduler/busy' and owner like '${child.pid} %' and expires_at > now())`

const fired = (more: number) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ n: number }>`select count(*)::int as n from kanau.schedule_stamps`
    yield* eventually(`(select count(*) from kanau.schedule_stamps) >= ${(row?.n ?? 0) + more}`)
  })

/** One signal and one stamp for each due time, from the first to the last without a gap. */
const ledger = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const jobs = yield* sql<{ job: string; signals: number; dues: number; span: number; unstamped: number }>`
    with signals as (
      select subject as job, position, id, (convert_from(data, 'UTF8')::json ->> 'due')::bigint as due
      from kanau.events where type = 'test.schedule.ticked'
    )
    select job, count(*)::int as signals, count(distinct due)::int as dues,
      ((max(due) - min(due)) / ${stepMillis}::int + 1)::int as span,
      count(*) filter (where not exists (
        select 1 from kanau.schedule_stamps stamp
        where stamp.job = signals.job and stamp.due = to_timestamp(signals.due / 1000.0) and stamp.signal_id = signals.id
      ))::int as unstamped
    from signals group by job order by job`
  assert.strictEqual(jobs.length, busy.jobs.length)
  for (const { dues, job, signals, span, unstamped } of jobs) {
    assert.deepStrictEqual({ job, signals, dues, unstamped }, { job, signals: span, dues: span, unstamped: 0 })
  }
  const [stamps] = yield* sql<{ n: number }>`select count(*)::int as n from kanau.schedule_stamps`
  const signals = jobs.reduce((sum, job) => sum + job.signals, 0)
  assert.strictEqual(stamps?.n, signals)
  return signals
})

describe("Schedulers that fail", () => {
  it.live(
    "NF-10 the leader of two is killed at random points, twelve times: one signal per due time, none missed (Wolverine #897)",
    () =>
      Effect.gen(function*() {
        yield* prepared
        let seed = 20_261_121
        const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
        let [leader, standby] = [yield* scheduler, yield* scheduler]
        for (let round = 0; round < 12; round++) {
          yield* eventually(`${leads(leader)} or ${leads(standby)}`)
          yield* fired(1 + random(60))
          const sql = yield* SqlClient.SqlClient
          const [row] = yield* sql.unsafe<{ other: boolean }>(`select not ${leads(leader)} as other`)
          if (row?.other ?? false) [leader, standby] = [standby, leader]
          // Somewhere in its work, not right after a transaction that was seen.
          yield* Effect.sleep(`${random(stepMillis)} millis`)
          yield* killed(leader)
          leader = yield* scheduler
        }
        yield* fired(40)
        for (const child of [leader, standby]) yield* killed(child)
        const signals = yield* ledger
        yield* Effect.logInfo(`${signals} signals over 12 kills`)
      }).pipe(Effect.scoped, Effect.provide(migrated)),
    150_000
  )

  it.live(
    "NF-10 a leader stopped past its lease (SIGSTOP), in the midst of firing, fires nothing twice after SIGCONT (Marten #4007)",
    () =>
      Effect.gen(function*() {
        yield* prepared
        const sql = yield* SqlClient.SqlClient
        const first = yield* scheduler
        yield* eventually(leads(first))
        yield* fired(20)
        const second = yield* scheduler
        for (let round = 0; round < 3; round++) {
          const [stalled, other] = round % 2 === 0 ? [first, second] : [second, first]
          // Stopped in the midst of a transaction, with everything locked that it locks.
          yield* sql.withTransaction(Effect.gen(function*() {
            yield* sql`lock table kanau.schedule_stamps in exclusive mode`
            yield* eventually(`exists (select 1 from pg_locks where not granted and
              relation = 'kanau.schedule_stamps'::regclass)`)
            stalled.kill("SIGSTOP")
          }))
          yield* eventually(`exists (select 1 from pg_stat_activity where application_name = 'scheduler'
            and datname = current_database() and state = 'idle in transaction')`)
          yield* eventually(leads(other))
          yield* fired(20)
          stalled.kill("SIGCONT")
          yield* fired(20)
        }
        for (const child of [first, second]) yield* killed(child)
        yield* ledger
      }).pipe(Effect.scoped, Effect.provide(migrated)),
    90_000
  )

  it.live(
    "NF-10 one that cannot reach the database is no danger, and leads again when it can",
    () =>
      Effect.gen(function*() {
        yield* prepared
        const sql = yield* SqlClient.SqlClient
        const only = yield* scheduler
        yield* eventually(leads(only))
        yield* fired(20)
        for (let round = 0; round < 3; round++) {
          yield* sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'scheduler'`
          yield* fired(20)
        }
        yield* killed(only)
        yield* ledger
      }).pipe(Effect.scoped, Effect.provide(migrated)),
    60_000
  )
})
