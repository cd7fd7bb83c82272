/**
 * The shards of the outbox one relay may publish. Each shard is a lease (`relay/0` … `relay/15`) with an epoch of its
 * own; every live relay has a row in `kanau.members`, and takes no more than its share. One statement renews them all.
 *
 * A relay trusts its leases only until they may have run out by either of its own clocks, so one that was stopped (or
 * cut off) past its lease does nothing more until the database has told it what it still holds. The wall clock may be
 * set back; the monotonic one stands still while the machine is suspended.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Id } from "@kanau/core"
import { Clock, Effect, Metric, Random, Semaphore } from "effect"
import type { SqlError } from "effect/sql"

/** How many shards there are. The migration computes the same number; changing it needs one. */
const count = 16

/** A shard as it was held when work on it began. */
export interface Claim {
  readonly shard: number
  readonly epoch: bigint
}

export interface Shards {
  /** What may be worked on right now; empty when the leases may have run out. */
  readonly claims: () => ReadonlyArray<Claim>
  /** Whether work that began under this claim may go on. */
  readonly holds: (claim: Claim) => boolean
  /** Renews the leases for ever. */
  readonly renew: Effect.Effect<never, SqlError.SqlError>
  /** Gives up what is too much, takes what is free. To be called when no work is in flight. */
  readonly rebalance: Effect.Effect<void, SqlError.SqlError>
  /** Gives everything up, for the others to take at once. */
  readonly leave: Effect.Effect<void>
}

/** Joins the relays. Nothing is held before the first `rebalance`. */
export const join = (sql: PgClient.PgClient, leaseSeconds: number): Effect.Effect<Shards> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const owner = yield* Id.next
    const first = yield* Random.nextIntBetween(0, count, { halfOpen: true })
    const oneAtATime = yield* Semaphore.make(1)
    const ttlNanos = BigInt(Math.round(leaseSeconds * 1e9))
    let held = new Map<number, bigint>()
    let deadline: Moment = { monotonic: 0n, wall: 0n }
    let share: number | undefined
    let mayTake = false

    const now = (): Moment => ({ monotonic: clock.monotonicTimeNanosUnsafe(), wall: clock.currentTimeNanosUnsafe() })
    const alive = () => {
      const { monotonic, wall } = now()
      return monotonic < deadline.monotonic && wall < deadline.wall
    }
    const after = ({ monotonic, wall }: Moment): Moment => ({ monotonic: monotonic + ttlNanos, wall: wall + ttlNanos })
    const until = sql`now() + make_interval(secs => ${leaseSeconds})`

    const beat = oneAtATime.withPermit(Effect.gen(function*() {
      const sent = now()
      const rows = yield* sql<{ relays: number; shard: number | null; epoch: bigint }>`
        with me as (
          insert into kanau.members (role, owner, expires_at) values ('relay', ${owner}, ${until})
          on conflict (role, owner) do update set expires_at = excluded.expires_at
        ), gone as (
          delete from kanau.members where role = 'relay' and owner <> ${owner} and expires_at < now() - interval '1 hour'
        ), mine as (
          select name from kanau.leases where name like 'relay/%' and owner = ${owner} order by name for update
        ), renewed as (
          update kanau.leases set expires_at = ${until} from mine where leases.name = mine.name
          returning split_part(leases.name, '/', 2)::integer as shard, leases.epoch
        ), live as (
          select count(*)::integer + 1 as relays from kanau.members
          where role = 'relay' and owner <> ${owner} and expires_at between now() and now() + interval '10 minutes'
        )
        select live.relays, renewed.shard, renewed.epoch from live left join renewed on true`
      held = new Map(rows.flatMap(({ shard, epoch }) => shard === null ? [] : [[shard, epoch]]))
      deadline = after(sent)
      share = Math.ceil(count / (rows[0]?.relays ?? 1))
      mayTake = true
      yield* Metric.update(shardsHeld, held.size)
    }))

    const take = (free: number) =>
      Effect.gen(function*() {
        const sent = now()
        const rows = yield* sql<{ shard: number; epoch: bigint }>`
          insert into kanau.leases as lease (name, owner, epoch, expires_at)
          select name, ${owner}, 1, ${until} from (
            select 'relay/' || shard as name from generate_series(0, ${count - 1}::integer) shard
            left join kanau.leases on name = 'relay/' || shard
            where name is null or ${isFree(sql, "leases")}
            order by (shard + ${first}::integer) % ${count}::integer limit ${free}
          ) free order by name
          on conflict (name) do update
            set owner = excluded.owner, epoch = lease.epoch + 1, expires_at = excluded.expires_at
            where ${isFree(sql, "lease")}
          returning split_part(name, '/', 2)::integer as shard, epoch`
        if (held.size === 0) deadline = after(sent)
        for (const { shard, epoch } of rows) held.set(shard, epoch)
        if (rows.length > 0) {
          const shards = rows.map(({ shard }) => shard).join(" ")
          yield* Effect.annotateLogs(Effect.logInfo("shards taken"), { shards })
        }
      })

    const giveUp = (surplus: number) =>
      Effect.suspend(() => {
        const shards = [...held.keys()].slice(0, surplus)
        for (const shard of shards) held.delete(shard)
        return sql`update kanau.leases set owner = '', expires_at = now()
          where owner = ${owner} and name in ${sql.in(shards.map((shard) => `relay/${shard}`))}`
      })

    const rebalance = Effect.suspend(() => share === undefined ? beat : Effect.void).pipe(
      Effect.andThen(oneAtATime.withPermit(Effect.suspend((): Effect.Effect<void, SqlError.SqlError> => {
        if (!mayTake) return Effect.void
        mayTake = false
        const missing = (share ?? 0) - held.size
        const change = missing > 0 ? take(missing) : missing < 0 ? giveUp(-missing) : Effect.void
        return Effect.andThen(change, Effect.suspend(() => Metric.update(shardsHeld, held.size)))
      })))
    )

    const leave = sql`
      with left_behind as (delete from kanau.members where role = 'relay' and owner = ${owner})
      update kanau.leases set owner = '', expires_at = now() where name like 'relay/%' and owner = ${owner}`.pipe(
      Effect.andThen(Metric.update(shardsHeld, 0)),
      Effect.timeoutOption("2 seconds"),
      Effect.ignore
    )

    return {
      claims: () => alive() ? Array.from(held, ([shard, epoch]) => ({ shard, epoch })) : [],
      holds: ({ shard, epoch }) => held.get(shard) === epoch && alive(),
      renew: Effect.forever(Effect.delay(beat, `${leaseSeconds / 5} seconds`)),
      rebalance,
      leave
    }
  })

/** A point in time by both clocks, in nanoseconds. */
interface Moment {
  readonly monotonic: bigint
  readonly wall: bigint
}

/** A lease far ahead was written before the database's clock was set back. */
const isFree = (sql: PgClient.PgClient, lease: string) =>
  sql.literal(
    `(${lease}.owner = '' or ${lease}.expires_at < now() or ${lease}.expires_at > now() + interval '10 minutes')`
  )

const shardsHeld = Metric.gauge("kanau_relay_shards", {
  description: "Shards of the outbox this process publishes; over all relays they sum up to 16"
})
