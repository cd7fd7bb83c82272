/**
 * The inbox on PostgreSQL: the record that a message was processed is written in the same transaction as its effect.
 */
import { Fault } from "@kanau/core"
import { Inbox } from "@kanau/messaging"
import { Array, Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "./Database.ts"
import { trimmed } from "./internal/trimming.ts"

export const layer: Layer.Layer<Inbox.Inbox, never, SqlClient.SqlClient> = Layer.effect(
  Inbox.Inbox,
  Effect.map(SqlClient.SqlClient, (sql) =>
    Inbox.Inbox.of({
      once: (consumer, messageId, effect) =>
        Effect.andThen(
          valid([messageId]),
          Database.faults(sql.withTransaction(
            Effect.flatMap(
              // A parallel delivery waits here for the other's commit or rollback.
              sql`insert into kanau.inbox as known (consumer, message_id) values (${consumer}, ${messageId})
                on conflict (consumer, message_id) do update set discarded = false where known.discarded
                returning 1 as recorded`,
              (rows) => rows.length > 0 ? Effect.as(effect, "processed" as const) : Effect.succeed("duplicate" as const)
            )
          ))
        ),
      onceEach: (consumer, messageIds, effect) =>
        Effect.andThen(
          valid(messageIds),
          Database.faults(sql.withTransaction(
            Effect.flatMap(
              // In one order everywhere, so that two batches with the same messages wait for each other only one way.
              sql<{ message_id: string }>`insert into kanau.inbox as known (consumer, message_id)
                select distinct ${consumer}, message_id from unnest(${[...messageIds]}::text[]) as given(message_id)
                order by message_id
                on conflict (consumer, message_id) do update set discarded = false where known.discarded
                returning message_id`,
              (rows) => {
                const fresh = rows.map((row) => messageIds.indexOf(row.message_id)).toSorted((a, b) => a - b)
                return Array.isArrayNonEmpty(fresh) ? effect(fresh) : Effect.void
              }
            )
          ))
        ),
      discard: (consumer, messageId) =>
        Effect.asVoid(Effect.andThen(
          valid([messageId]),
          Database.faults(
            sql`insert into kanau.inbox (consumer, message_id, discarded) values (${consumer}, ${messageId}, true)
              on conflict do nothing`
          )
        ))
    }))
)

const valid = (messageIds: ReadonlyArray<string>) =>
  messageIds.every(({ length }) => length >= 1 && length <= 255)
    ? Effect.void
    : Effect.fail(new Fault.Invariant({ reason: "A message id has 1 to 255 characters." }))

/**
 * Forgets messages that were processed longer ago than `keep`, ten thousand at a time; says how many. A message that is
 * delivered once more after that is processed again: keep longer than any queue, dead letter or replay may take.
 *
 * @example
 * ```ts
 * yield* PgInbox.trim({ keep: "30 days" })
 * ```
 */
export const trim = (options: {
  readonly keep: Duration.Input
}): Effect.Effect<number, Fault.Unavailable | Fault.Conflict | Fault.Invariant, SqlClient.SqlClient> =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      trimmed((limit) =>
        sql`delete from kanau.inbox where (consumer, message_id) in (
        select consumer, message_id from kanau.inbox
        where processed_at < now() - make_interval(secs => ${Duration.toSeconds(options.keep)})
        order by processed_at limit ${limit}
      ) returning 1 as forgotten`
      )
  )
