/**
 * Events the bus refused, for operators: list them, try them again, give one up. An event is parked with the reason and
 * tried on a ladder; after the last step it is dead. Its subject's later events wait behind it, so a subject goes on
 * only when its first parked event is published or discarded.
 *
 * All of it takes effect at the relay that holds the subject's shard, within about a second. A discarded event stays in
 * the event log.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type { Fault } from "@kanau/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Database from "./Database.ts"
import { channel, type Position } from "./Outbox.ts"

/** The first parked event of a subject. */
export interface Entry {
  readonly position: Position
  readonly subject: string
  readonly type: string
  /** `retrying` until the next attempt, `dead` after the last, `discarded` until the relay has dropped it. */
  readonly state: "retrying" | "dead" | "discarded"
  /** What the bus said, at most 1024 characters. */
  readonly reason: string
  readonly attempts: number
  readonly firstFailedAt: Date
  readonly lastFailedAt: Date
  readonly nextAttemptAt: Date | undefined
  /** How many later events of the subject wait behind it. */
  readonly waiting: number
}

type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/**
 * Parked subjects, oldest event first.
 *
 * @example
 * ```ts
 * const dead = yield* Parked.list({ state: "dead", limit: 100 })
 * ```
 */
export const list = (options: {
  readonly limit: number
  readonly state?: Entry["state"]
}): Effect.Effect<ReadonlyArray<Entry>, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Database.faults(Effect.map(
      sql<Row>`
        select position, subject, type, state, coalesce(reason, '') as reason, attempts,
          coalesce(first_failed_at, now()) as first_failed_at, coalesce(last_failed_at, now()) as last_failed_at,
          next_attempt_at, (
            select count(*)::integer from kanau.parked behind
            where behind.subject = parked.subject and behind.state = 'waiting'
          ) as waiting
        from kanau.parked where state <> 'waiting' and state = coalesce(${options.state ?? null}, state)
        order by position limit ${options.limit}`,
      (rows) =>
        rows.map((row): Entry => ({
          position: String(row.position),
          subject: row.subject,
          type: row.type,
          state: row.state,
          reason: row.reason,
          attempts: row.attempts,
          firstFailedAt: row.first_failed_at,
          lastFailedAt: row.last_failed_at,
          nextAttemptAt: row.next_attempt_at ?? undefined,
          waiting: row.waiting
        }))
    )))

/**
 * Has parked events tried again at once, with all their attempts: the first of the named subject, or of every subject.
 * Says how many they are.
 *
 * @example
 * ```ts
 * yield* Parked.retry({ subject: "v17" })
 * ```
 */
export const retry = (
  options: { readonly subject?: string } = {}
): Effect.Effect<number, Failure, PgClient.PgClient> =>
  change((sql) =>
    sql`update kanau.parked set state = 'retrying', attempts = 0, next_attempt_at = now()
      where state in ('retrying', 'dead') and subject = coalesce(${options.subject ?? null}, subject)
      returning position`
  )

/**
 * Gives up the first parked event of a subject, named by its position; the next one is tried at once. Says whether it
 * was there.
 *
 * @example
 * ```ts
 * yield* Parked.discard("1042")
 * ```
 */
export const discard = (position: Position): Effect.Effect<boolean, Failure, PgClient.PgClient> =>
  Effect.map(
    change((sql) =>
      sql`update kanau.parked set state = 'discarded', next_attempt_at = now()
        where state in ('retrying', 'dead') and position = ${position}::bigint returning position`
    ),
    (changed) => changed > 0
  )

interface Row {
  readonly position: bigint
  readonly subject: string
  readonly type: string
  readonly state: Entry["state"]
  readonly reason: string
  readonly attempts: number
  readonly first_failed_at: Date
  readonly last_failed_at: Date
  readonly next_attempt_at: Date | null
  readonly waiting: number
}

const change = (
  statement: (sql: PgClient.PgClient) => Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError>
): Effect.Effect<number, Failure, PgClient.PgClient> =>
  Effect.flatMap(
    PgClient.PgClient,
    (sql) =>
      Database.faults(Effect.tap(Effect.map(statement(sql), (rows) => rows.length), () => sql.notify(channel, "")))
  )
