/**
 * A named lease in PostgreSQL: at most one holder at a time, for work that only one process may do. Each new holder
 * gets a higher epoch; writes that must not come from a late holder name their epoch ({@link Held.fence}).
 */
import { Id } from "@kanau/core"
import { Effect, Schedule } from "effect"
import type { SqlError, Statement } from "effect/sql"
import { SqlClient } from "effect/sql"

/** A lease while it is held. */
export interface Held {
  readonly epoch: bigint
  /** A condition for `where`: true as long as nobody has taken the lease over. */
  readonly fence: Statement.Fragment
}

/** How a lease is held. */
export interface Options {
  /** How long a holder that stopped renewing keeps it from the others; 10 when absent. */
  readonly ttlSeconds?: number
  /** Names this process to operators, in front of the owner. */
  readonly label?: string
}

/**
 * Waits for the lease, then runs `work` while renewing it. When the lease is lost the work is interrupted and the
 * waiting starts again; when the work ends or is interrupted the lease is given up at once.
 */
export const hold = <A, E, R>(
  name: string,
  work: (held: Held) => Effect.Effect<A, E, R>,
  { label, ttlSeconds = 10 }: Options = {}
): Effect.Effect<A, E | SqlError.SqlError, R | SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const id = yield* Id.next
    const owner = label === undefined ? id : `${label} ${id}`
    const take = sql<{ epoch: bigint }>`
      insert into kanau.leases as held (name, owner, epoch, expires_at)
      values (${name}, ${owner}, 1, now() + make_interval(secs => ${ttlSeconds}))
      on conflict (name) do update
        set owner = excluded.owner, epoch = held.epoch + 1, expires_at = excluded.expires_at
        where held.expires_at < now()
      returning epoch`
    const renew = (epoch: bigint) =>
      sql`update kanau.leases set expires_at = now() + make_interval(secs => ${ttlSeconds})
        where name = ${name} and epoch = ${epoch} returning epoch`
    const release = (epoch: bigint) =>
      Effect.ignore(sql`update kanau.leases set expires_at = now() where name = ${name} and epoch = ${epoch}`)

    const attempt = Effect.gen(function*() {
      const rows = yield* take
      const epoch = rows[0]?.epoch
      if (epoch === undefined) return lost
      yield* Effect.logInfo("lease taken").pipe(Effect.annotateLogs({ lease: name, epoch: String(epoch) }))
      const fence = sql`exists (select 1 from kanau.leases where name = ${name} and epoch = ${epoch})`
      const watch = Effect.as(
        Effect.repeat(
          Effect.delay(renew(epoch), `${ttlSeconds / 3} seconds`),
          { while: (renewed) => renewed.length > 0 }
        ),
        lost
      )
      return yield* Effect.raceFirst(work({ epoch, fence }), watch).pipe(Effect.ensuring(release(epoch)))
    })

    return yield* Effect.repeat(attempt, {
      while: (result) => result === lost,
      schedule: Schedule.spaced("1 second")
    }) as Effect.Effect<A, E | SqlError.SqlError, R | SqlClient.SqlClient>
  })

const lost = Symbol("the lease is held by somebody else")
