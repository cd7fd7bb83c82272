/**
 * Messages for later: written in the transaction that decides to send them, listed and cancelled until their time has
 * come, then sent through the outbox like any other, by the relays.
 *
 * A message is sent no sooner than its time by PostgreSQL's clock, and normally within a second of it. Its event happens
 * then: its `time` is when it was due. Messages of one subject that are due at different times go in that order.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Envelope, Fault } from "@kanau/core"
import { Effect, Option, Schema } from "effect"
import * as Database from "./Database.ts"
import { pollMillis, soonPayload } from "./internal/delayedMover.ts"
import * as EventRow from "./internal/eventRow.ts"
import { channel } from "./Outbox.ts"

/** A message that waits for its time. */
export interface Delayed {
  /** The id its event will have. */
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly deliverAt: Date
  readonly createdAt: Date
}

/** Which messages are meant; without a condition, all. */
export interface Filter {
  readonly id?: string
  readonly type?: string
  readonly subject?: string
}

type Failure = Fault.Unavailable | Fault.Conflict | Fault.Invariant

/** A delivery time lies too far ahead to be meant. */
export class TooLate extends Fault.define<TooLate>()(
  "TooLate",
  "invalid-input",
  { deliverAt: Schema.String },
  (fault) => `${fault.deliverAt} is no time within the next hundred years.`
) {}

/**
 * Has a message sent later, as part of the running transaction; outside one it fails with `Invariant`. A time that has
 * passed means now. Gives the id to cancel it by.
 *
 * @example
 * ```ts
 * const id = yield* Database.transaction(
 *   Delayed.send(new TrialEnds({ user }), { deliverAt: new Date("2026-12-01T09:00:00Z"), source: "/accounts" })
 * )
 * ```
 */
export const send = (
  message: object,
  options: { readonly deliverAt: Date; readonly source: string }
): Effect.Effect<string, Failure | TooLate, PgClient.PgClient> =>
  Effect.gen(function*() {
    const sql = yield* PgClient.PgClient
    if (Option.isNone(yield* Effect.serviceOption(sql.transactionService))) {
      return yield* new Fault.Invariant({
        reason: "A message was delayed outside a transaction; use Database.transaction."
      })
    }
    const envelope = yield* Effect.mapError(
      Envelope.make(message, options),
      ({ message: reason }) => new Fault.Invariant({ reason })
    )
    const { deliverAt } = options
    if (!(deliverAt.getTime() < Date.parse(envelope.time) + 100 * 366 * 86_400_000)) {
      return yield* new TooLate({ deliverAt: String(deliverAt) })
    }
    const { time, ...row } = EventRow.toRow(envelope)
    yield* Database.faults(
      sql`insert into kanau.delayed ${sql.insert({ ...row, deliver_at: deliverAt, created_at: time })}`
    )
    const millis = deliverAt.getTime() - Date.parse(envelope.time)
    if (millis < pollMillis) yield* sql.afterCommit(Effect.ignore(sql.notify(channel, soonPayload)))
    return envelope.id
  })

/**
 * Messages that wait for their time, soonest first.
 *
 * @example
 * ```ts
 * const waiting = yield* Delayed.list({ subject: "user-17" }, { limit: 50 })
 * ```
 */
export const list = (
  filter: Filter,
  page: { readonly limit: number }
): Effect.Effect<ReadonlyArray<Delayed>, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Database.faults(sql<Delayed>`
      select id, type, subject, deliver_at as "deliverAt", created_at as "createdAt" from kanau.delayed
      where ${conditions(sql, filter)} order by deliver_at, id limit ${page.limit}`))

/**
 * Cancels messages that wait; says how many. One whose time has come may have been sent already.
 *
 * @example
 * ```ts
 * const cancelled = yield* Delayed.cancel({ id })
 * ```
 */
export const cancel = (filter: Filter): Effect.Effect<number, Failure, PgClient.PgClient> =>
  Effect.flatMap(PgClient.PgClient, (sql) =>
    Effect.map(
      Database.faults(sql`delete from kanau.delayed where ${conditions(sql, filter)} returning 1 as gone`),
      ({ length }) => length
    ))

const conditions = (sql: PgClient.PgClient, { id, subject, type }: Filter) =>
  sql.and([
    sql`true`,
    ...(id === undefined ? [] : [sql`id = ${id}`]),
    ...(type === undefined ? [] : [sql`type = ${type}`]),
    ...(subject === undefined ? [] : [sql`subject = ${subject}`])
  ])
