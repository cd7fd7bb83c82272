/**
 * The inbox on PostgreSQL: the record that a message was processed is written in the same transaction as its effect.
 */
import { Fault } from "@kanau/core"
import { Inbox } from "@kanau/messaging"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "./Database.ts"

export const layer: Layer.Layer<Inbox.Inbox, never, SqlClient.SqlClient> = Layer.effect(
  Inbox.Inbox,
  Effect.map(SqlClient.SqlClient, (sql) =>
    Inbox.Inbox.of({
      once: (consumer, messageId, effect) =>
        messageId.length < 1 || messageId.length > 255
          ? Effect.fail(new Fault.Invariant({ reason: "A message id has 1 to 255 characters." }))
          : Database.faults(sql.withTransaction(
            Effect.flatMap(
              // A parallel delivery waits here for the other's commit or rollback.
              sql`insert into kanau.inbox (consumer, message_id) values (${consumer}, ${messageId})
                on conflict do nothing returning 1 as recorded`,
              (rows) => rows.length > 0 ? Effect.as(effect, "processed" as const) : Effect.succeed("duplicate" as const)
            )
          ))
    }))
)
