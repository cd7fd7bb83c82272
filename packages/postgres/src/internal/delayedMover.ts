/**
 * Moves delayed messages whose time has come to the event log and the pending list. Any number of processes may; one at a
 * time does, which keeps the order of a subject.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Queue } from "effect"
import type { SqlError } from "effect/sql"
import { channel } from "../Outbox.ts"

/** Most messages of one statement. */
const page = 500
/** How often it looks when nothing is due sooner. */
export const pollMillis = 5000

/** What is said on the outbox's channel when something was delayed by less than that. */
export const soonPayload = "delayed"

/** `soon` tells that something was delayed by little. */
export const moveDelayed = (
  sql: PgClient.PgClient,
  soon: Queue.Dequeue<void>
): Effect.Effect<never, SqlError.SqlError> =>
  Effect.forever(Effect.flatMap(
    look(sql),
    (millis) => millis === 0 ? Effect.void : Effect.asVoid(Effect.timeoutOption(Queue.take(soon), millis))
  ))

/** Moves a page of what is due; after how many milliseconds it is time to look again. */
const look = (sql: PgClient.PgClient): Effect.Effect<number, SqlError.SqlError> =>
  Effect.gen(function*() {
    const [found] = yield* sql<{ moved: number; millis: number | null }>`
      with due as (
        delete from kanau.delayed where id in (
          select id from kanau.delayed
          where deliver_at <= now() and (select pg_try_advisory_xact_lock(hashtext('kanau.delayed')))
          order by deliver_at, id limit ${page}
          for update skip locked
        ) returning *
      ), appended as (
        insert into kanau.events (id, type, source, subject, version, content_type, time, correlation_id, causation_id,
          traceparent, data)
        select id, type, source, subject, version, content_type, deliver_at, correlation_id, causation_id, traceparent,
          data
        from due order by deliver_at, id returning position, subject
      ), pointed as (
        insert into kanau.pending (position, subject) select position, subject from appended returning 1
      )
      select (select count(*) from pointed)::integer as moved, (
        select ceil(extract(epoch from min(deliver_at) - now()) * 1000)::integer from (
          select deliver_at from kanau.delayed where deliver_at > now() and deliver_at < now() + interval '1 minute'
          order by deliver_at limit 1
        ) next
      ) as millis`
    const { millis = null, moved = 0 } = found ?? {}
    if (moved > 0) yield* sql.notify(channel, "")
    return moved === page ? 0 : Math.min(pollMillis, Math.max(1, millis ?? pollMillis))
  })
