/**
 * The transactional outbox: a mutation appends its events in its own transaction, so rows and events commit or roll
 * back together. The {@link Relay} then publishes them, at least once and in order per subject.
 *
 * Append after the rows are written: the row locks of the entity give its events the order of its changes.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Envelope, Fault } from "@kanau/core"
import { Array, Context, Effect, Layer, Option, Queue } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "./Database.ts"
import * as EventRow from "./internal/eventRow.ts"

/** Where an event stands in the log, decimal. What a client hands back to read its own write. */
export type Position = string

export interface OutboxService {
  /**
   * Appends an event to the log and to the pending list of the running transaction; outside a transaction it fails
   * with `Invariant`. A second event with the same `idempotencyKey` is not appended: the position of the first is
   * returned, as long as the first is in the log.
   */
  readonly append: (
    message: object,
    options?: { readonly idempotencyKey?: string }
  ) => Effect.Effect<Position, Fault.Unavailable | Fault.Conflict | Fault.Invariant>
  /**
   * Like `append` for many events in one statement, for bulk work. Positions come in the order of the events.
   */
  readonly appendAll: (
    messages: ReadonlyArray<object>
  ) => Effect.Effect<ReadonlyArray<Position>, Fault.Unavailable | Fault.Conflict | Fault.Invariant>
}

export class Outbox extends Context.Service<Outbox, OutboxService>()("@kanau/postgres/Outbox") {}

/** Events of one statement, whose parameters PostgreSQL counts with 16 bits. */
const mostAtOnce = 1000

/** The channel on which relays are woken. */
export const channel = "kanau_outbox"

/** `source` names this process in every event it appends, as a URI reference: `/user-request-handler`. */
export const layer = (options: {
  readonly source: string
}): Layer.Layer<Outbox, never, SqlClient.SqlClient | PgClient.PgClient> =>
  Layer.effect(
    Outbox,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const nudge = yield* nudger

      const insert = (envelopes: Array.NonEmptyReadonlyArray<Envelope.Envelope>) =>
        sql<{ position: bigint }>`
          with appended as (
            insert into kanau.events ${sql.insert(Array.map(envelopes, EventRow.toRow))} returning position, subject
          ), pointed as (
            insert into kanau.pending (position, subject) select position, subject from appended
          )
          select position from appended order by position`

      // A parallel append under the same key waits here for this one's commit or rollback.
      const insertOnce = (envelope: Envelope.Envelope, key: string) =>
        sql<{ position: bigint }>`
          with keyed as (
            insert into kanau.event_keys (idempotency_key, position)
            values (${key}, nextval('kanau.event_positions'))
            on conflict do nothing returning position
          ), appended as (
            insert into kanau.events (position, id, type, source, subject, version, content_type, time, correlation_id,
              causation_id, traceparent, data)
            select position, ${envelope.id}, ${envelope.type}, ${envelope.source}, ${envelope.subject},
              ${envelope.dataschema}, ${envelope.datacontenttype}, ${envelope.time}::timestamptz,
              ${envelope.correlationid}, ${envelope.causationid ?? null}, ${envelope.traceparent ?? null},
              ${envelope.data}::bytea
            from keyed returning position, subject
          ), pointed as (
            insert into kanau.pending (position, subject) select position, subject from appended
          )
          select position from appended`

      const seal = (message: object) =>
        Effect.mapError(Envelope.make(message, options), ({ message: reason }) => new Fault.Invariant({ reason }))

      const inTransaction = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.flatMap(Effect.serviceOption(sql.transactionService), (running) =>
          Option.isSome(running)
            ? Effect.tap(Database.faults(effect), () => sql.afterCommit(nudge))
            : Effect.fail(
              new Fault.Invariant({ reason: "An event was appended outside a transaction; use Database.transaction." })
            ))

      const appendAll: OutboxService["appendAll"] = (messages) =>
        !Array.isReadonlyArrayNonEmpty(messages)
          ? Effect.succeed([])
          : inTransaction(Effect.map(
            Effect.forEach(
              Array.chunksOf(messages, mostAtOnce),
              (chunk) => Effect.flatMap(Effect.forEach(chunk, seal), insert)
            ),
            (pages) => pages.flatMap((rows) => rows.map((row) => String(row.position)))
          ))

      const append: OutboxService["append"] = (message, { idempotencyKey: key } = {}) =>
        Effect.flatMap(seal(message), (envelope) =>
          inTransaction(Effect.map(
            key === undefined ? insert([envelope]) : Effect.flatMap(insertOnce(envelope, key), (rows) =>
              rows.length > 0
                ? Effect.succeed(rows)
                : sql<{ position: bigint }>`select position from kanau.event_keys where idempotency_key = ${key}`),
            (rows) => String(rows[0]?.position)
          )))

      return Outbox.of({ append, appendAll })
    })
  )

/**
 * Wakes relays after a commit. A `NOTIFY` in every transaction would take PostgreSQL's global commit lock, so it goes
 * out after the commit, at once for the first and then at most every five milliseconds.
 */
const nudger = Effect.gen(function*() {
  const sql = yield* PgClient.PgClient
  const wanted = yield* Queue.sliding<void>(1)
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.andThen(
        Queue.take(wanted),
        // A lost notification only costs the relay's polling interval.
        Effect.andThen(Effect.ignore(sql.notify(channel, "")), Effect.sleep("5 millis"))
      )
    )
  )
  return Effect.asVoid(Queue.offer(wanted, undefined))
})
