/**
 * The statements of the relay: pages of pointers with their events, and what becomes of a pointer. Whatever changes a
 * row names the epoch of its shard in the same statement, so a relay that was overtaken changes nothing.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import type { Envelope } from "@kanau/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { envelopeColumns, type EventRow, pageBytes, pageSize, toEnvelope } from "./eventRow.ts"
import type { Claim } from "./shards.ts"

/** Most parked subjects tried at a time, and most events of each. */
const dueSubjects = 100
const perSubject = 20

/** An event to publish, and under which claim. */
export interface Pointer {
  readonly claim: Claim
  readonly position: bigint
  readonly subject: string
  readonly envelope: Envelope.Envelope
}

export interface Pending extends Pointer {
  /** Whether an earlier event of the subject is parked. */
  readonly blocked: boolean
}

export interface Parked extends Pointer {
  readonly attempts: number
  readonly discarded: boolean
}

/** Why an event was not taken, and when it is tried again; never, without a delay. */
export interface Refusal {
  readonly reason: string
  readonly attempts: number
  readonly delayMillis: number | undefined
}

export interface Pointers {
  /** The first pending events after a position, of the claimed shards; and whether there may be more. */
  readonly page: (claims: ReadonlyArray<Claim>, after: bigint) => Effect.Effect<Page, SqlError.SqlError>
  /** Parked subjects that are due: their first events, in order. */
  readonly due: (claims: ReadonlyArray<Claim>) => Effect.Effect<ReadonlyArray<Parked>, SqlError.SqlError>
  /** Removes pending pointers whose events are confirmed. */
  readonly confirmed: (pointers: ReadonlyArray<Pointer>) => Effect.Effect<unknown, SqlError.SqlError>
  /** Moves pending pointers beside the list: refused events, and those that wait behind them. */
  readonly park: (
    pointers: ReadonlyArray<{ readonly pointer: Pointer; readonly refusal?: Refusal }>
  ) => Effect.Effect<unknown, SqlError.SqlError>
  /**
   * What came of parked subjects, whole: rows that left, rows that were refused. A subject that goes on without a
   * refused row has its next row tried at once.
   */
  readonly tried: (
    left: ReadonlyArray<Pointer>,
    refused: ReadonlyArray<{ readonly pointer: Pointer; readonly refusal: Refusal }>
  ) => Effect.Effect<unknown, SqlError.SqlError>
}

export interface Page {
  readonly pointers: ReadonlyArray<Pending>
  readonly more: boolean
}

export const make = (sql: PgClient.PgClient): Pointers => {
  const columns = sql.literal(envelopeColumns)
  /** One event by its index, in whatever partition: without the limit the planner may read the log from its start. */
  const event = (of: string) => sql.literal(`select * from kanau.events where events.position = ${of}.position limit 1`)

  const page: Pointers["page"] = (claims, after) =>
    Effect.map(
      sql<Row & { blocked: boolean; bytes: bigint }>`
        with page as materialized (
          select position, shard, subject from kanau.pending
          where shard = any(${list(claims.map(({ shard }) => shard))}::smallint[]) and position > ${after}
          order by position limit ${pageSize}
        ), events as (
          select page.shard, ${columns}, sum(octet_length(e.data)) over (order by e.position) as bytes,
            exists (select 1 from kanau.parked where parked.subject = page.subject) as blocked
          from page cross join lateral (${event("page")}) e
        )
        select * from events where bytes - octet_length(data) < ${pageBytes} order by position`,
      (rows) => ({
        pointers: pointers(rows, claims, ({ blocked }) => ({ blocked })),
        more: rows.length === pageSize || Number(rows.at(-1)?.bytes ?? 0) >= pageBytes
      })
    )

  const due: Pointers["due"] = (claims) =>
    Effect.map(
      sql<Row & { attempts: number; state: string }>`
        with due as (
          select subject from kanau.parked
          where next_attempt_at <= now() and shard = any(${list(claims.map(({ shard }) => shard))}::smallint[])
            and not exists (
              select 1 from kanau.parked earlier
              where earlier.subject = parked.subject and earlier.position < parked.position
                and (earlier.state = 'dead' or earlier.next_attempt_at > now())
            )
          order by next_attempt_at limit ${dueSubjects}
        )
        select row.shard, row.attempts, row.state, ${columns}
        from (select distinct subject from due) due cross join lateral (
          select * from kanau.parked where parked.subject = due.subject order by position limit ${perSubject}
        ) row cross join lateral (${event("row")}) e
        order by e.position`,
      (rows) => pointers(rows, claims, ({ attempts, state }) => ({ attempts, discarded: state === "discarded" }))
    )

  const confirmed: Pointers["confirmed"] = (done) => {
    const claims = [...new Map(done.map(({ claim }) => [`${claim.shard} ${claim.epoch}`, claim])).values()]
    return sql`delete from kanau.pending using (
        select unnest(${list(claims.map(({ shard }) => shard))}::smallint[]) as shard,
          unnest(${list(claims.map(({ epoch }) => epoch))}::bigint[]) as epoch
      ) claimed join kanau.leases on leases.name = 'relay/' || claimed.shard and leases.epoch = claimed.epoch
      where pending.shard = claimed.shard
        and pending.position = any(${list(done.map(({ position }) => position))}::bigint[])`
  }

  const park: Pointers["park"] = (parking) =>
    sql`with wanted as (${
      records(parking.map(({ pointer, refusal }) => ({ ...identity(pointer), ...refused(refusal) })))
    }), fence as (${fence}), moved as (
        delete from kanau.pending using wanted, fence
        where pending.position = wanted.position and fence.name = 'relay/' || wanted.shard
          and fence.epoch = wanted.epoch
        returning pending.position, pending.subject
      )
      insert into kanau.parked (position, subject, type, state, reason, attempts, first_failed_at, last_failed_at,
        next_attempt_at)
      select moved.position, moved.subject, e.type, wanted.state, wanted.reason, wanted.attempts,
        case when wanted.attempts > 0 then now() end, case when wanted.attempts > 0 then now() end,
        now() + make_interval(secs => wanted.delay)
      from moved join wanted using (position) join kanau.events e using (position)`

  const tried: Pointers["tried"] = (left, refusals) =>
    sql.withTransaction(Effect.all([
      // Stopped between the two, it must not keep the lease rows locked: nobody could take the shards over.
      sql`set local idle_in_transaction_session_timeout = 3000`,
      sql`with wanted as (${
        records([
          ...left.map((pointer) => ({ ...identity(pointer), state: "left" })),
          ...refusals.map(({ pointer, refusal }) => ({ ...identity(pointer), ...refused(refusal) }))
        ])
      }), fence as (${fence}), held as (
          select wanted.* from wanted join fence on fence.name = 'relay/' || wanted.shard and fence.epoch = wanted.epoch
        ), gone as (
          delete from kanau.parked using held where parked.position = held.position and held.state = 'left'
        )
        update kanau.parked set state = held.state, reason = held.reason, attempts = held.attempts,
          first_failed_at = coalesce(first_failed_at, now()), last_failed_at = now(),
          next_attempt_at = now() + make_interval(secs => held.delay)
        from held where parked.position = held.position and held.state <> 'left' and parked.state <> 'discarded'`,
      // Sees the rows as the statement before left them. The lease rows are still locked.
      sql`with wanted as (${records(left.map(identity))}), fence as (${fence})
        update kanau.parked set state = 'retrying', next_attempt_at = now() from (
          select distinct wanted.subject from wanted join fence
            on fence.name = 'relay/' || wanted.shard and fence.epoch = wanted.epoch
        ) going cross join lateral (
          select position from kanau.parked behind where behind.subject = going.subject order by position limit 1
        ) next
        where parked.position = next.position and parked.state = 'waiting'`
    ], { discard: true }))

  const records = (rows: ReadonlyArray<object>) =>
    sql`select * from json_to_recordset(${
      JSON.stringify(rows)
    }::json) as row(position bigint, subject text, shard smallint, epoch bigint, state text, reason text,
      attempts integer, delay double precision)`

  /** Locked against a takeover until the transaction ends. */
  const fence = sql.literal(`select leases.name, leases.epoch from kanau.leases join (
      select distinct shard, epoch from wanted
    ) claimed on leases.name = 'relay/' || claimed.shard and leases.epoch = claimed.epoch
    for share of leases`)

  return { page, due, confirmed, park, tried }
}

interface Row extends EventRow {
  readonly shard: number
}

const pointers = <A extends Row, B>(
  rows: ReadonlyArray<A>,
  claims: ReadonlyArray<Claim>,
  rest: (row: A) => B
): ReadonlyArray<Pointer & B> => {
  const byShard = new Map(claims.map((claim) => [claim.shard, claim]))
  return rows.flatMap((row) => {
    const claim = byShard.get(row.shard)
    return claim === undefined
      ? []
      : [{ claim, position: row.position, subject: row.subject, envelope: toEnvelope(row), ...rest(row) }]
  })
}

const identity = ({ claim, position, subject }: Pointer) => ({
  position: String(position),
  subject,
  shard: claim.shard,
  epoch: String(claim.epoch)
})

const refused = (refusal: Refusal | undefined) =>
  refusal === undefined
    ? { state: "waiting", attempts: 0 }
    : {
      state: refusal.delayMillis === undefined ? "dead" : "retrying",
      reason: refusal.reason,
      attempts: refusal.attempts,
      delay: refusal.delayMillis === undefined ? null : refusal.delayMillis / 1000
    }

/** A PostgreSQL array of numbers as one parameter, so that the statement is the same however many there are. */
const list = (numbers: ReadonlyArray<number | bigint>): string => `{${numbers.join(",")}}`
