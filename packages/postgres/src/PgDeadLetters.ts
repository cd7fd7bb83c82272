/**
 * The dead-letter store on PostgreSQL, and the collector that empties the brokers' dead-letter queues into it. What
 * operators do with the letters is in {@link DeadLetters}.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import type { Fault } from "@kanau/core"
import { Bus, DeadLetterStore } from "@kanau/messaging"
import type { Scope } from "effect"
import { Effect, Layer } from "effect"
import type { SqlError } from "effect/sql"
import * as Database from "./Database.ts"

/** For consumers that park what follows (`Consumer.parkBehind`). */
export const layer: Layer.Layer<DeadLetterStore.DeadLetterStore, never, PgClient.PgClient> = Layer.effect(
  DeadLetterStore.DeadLetterStore,
  Effect.map(PgClient.PgClient, (sql) =>
    DeadLetterStore.DeadLetterStore.of({
      put: (letter) => Database.faults(put(sql, letter, true)),
      standing: (queue, { id, subject }) =>
        Effect.map(
          Database.faults(sql<{ place: bigint; mine: boolean }>`
            select place, state <> 'parked' and message_id = ${text(id)} as mine from kanau.dead_letters
            where holds and state in ('parked', 'redriving', 'redriven')
              and queue = ${queue} and subject = ${text(subject)}
            order by place limit 1`),
          ([first]) => first === undefined ? "free" : first.mine ? "redriven" : "behind"
        ),
      resolve: (queue, messageId) =>
        Effect.asVoid(Database.faults(
          sql`update kanau.dead_letters set state = 'resolved', history = history || ${entry(sql, "resolved")}
            where queue = ${queue} and message_id = ${text(messageId)} and state in ('redriving', 'redriven')`
        ))
    }))
)

/**
 * Collects the dead letters of queues until the scope closes. Any number of processes may collect. Fails with
 * `Unavailable` for a queue that is not declared yet: try again later.
 *
 * @example
 * ```ts
 * yield* PgDeadLetters.collect(["vn-activity", "projection"])
 * ```
 */
export const collect = (
  queues: ReadonlyArray<string>
): Effect.Effect<void, Fault.Unavailable, Bus.Bus | PgClient.PgClient | Scope.Scope> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const sql = yield* PgClient.PgClient
    for (const queue of queues) {
      yield* bus.collectDeadLetters(queue, (letter) => Database.faults(put(sql, letter, false)))
    }
  })

/** A letter that is there already changes nothing. A message that failed again keeps the place it had. */
const put = (
  sql: PgClient.PgClient,
  letter: Bus.DeadLetter,
  holds: boolean
): Effect.Effect<void, SqlError.SqlError> => {
  const messageId = text(letter.attributes["id"] ?? "")
  return Effect.asVoid(sql`
    with earlier as (
      update kanau.dead_letters set state = 'failed-again', history = history || ${entry(sql, "failed again")}
      where queue = ${letter.queue} and message_id = ${messageId} and message_id <> ''
        and state in ('redriving', 'redriven') and not exists (
          select 1 from kanau.dead_letters known where known.queue = ${letter.queue} and known.letter = ${letter.id}
        )
      returning place, history
    ), numbered as (select nextval('kanau.dead_letter_numbers') as number)
    insert into kanau.dead_letters (number, queue, letter, message_id, type, subject, fault, reason, error, attempts,
      died_at, place, holds, attributes, data, history)
    select number, ${letter.queue}, ${letter.id}, ${messageId}, ${text(letter.attributes["type"] ?? "")},
      ${text(letter.attributes["subject"] ?? "")}, ${faultOf(letter.failure)}, ${letter.failure.reason},
      ${text(letter.failure.error)}, ${letter.attempts}::integer, to_timestamp(${letter.at / 1000}::double precision),
      coalesce((select min(place) from earlier), number), ${holds}::boolean, ${JSON.stringify(letter.attributes)},
      ${letter.data}::bytea,
      coalesce((select history from earlier order by place limit 1), '[]') || ${entry(sql, "parked")}
    from numbered on conflict (queue, letter) do nothing`)
}

/** One line of a letter's history. */
const entry = (sql: PgClient.PgClient, what: string) => sql`jsonb_build_object('at', now(), 'what', ${what}::text)`

/** What letters are grouped by: the name of the error, where it has one. */
const faultOf = ({ error, reason }: Bus.Failure): string => /^[A-Z][\w.]*(?=: )/.exec(error)?.[0] ?? reason

/** PostgreSQL keeps no NUL and no half of a surrogate pair. */
const text = (value: string): string => value.replaceAll("\0", "\uFFFD").toWellFormed()
