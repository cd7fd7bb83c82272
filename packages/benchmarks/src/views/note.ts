/** Notes in PostgreSQL and their page, about two kilobytes each. */
import { Message } from "@kanau/core"
import { MongoViewStore } from "@kanau/mongodb"
import { Database } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { View } from "@kanau/views"
import { Effect, Layer, Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"

export class NoteEdited extends Message.event<NoteEdited>()("bench.note-edited", {
  fields: { id: Schema.String },
  subject: ({ id }) => id
}) {}

export const queue = "bench-views"

export const noteView = View.define({
  name: "note",
  dependsOn: [View.on([NoteEdited], ({ id }) => Effect.succeed([id]))],
  derive: (ids) =>
    Database.faults(Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql<View.Derived>`
        select wanted.id, (
            select pg_snapshot_xmax(s)::text::bigint - (select count(*) from pg_snapshot_xip(s))
            from pg_current_snapshot() as s
          ) as version, coalesce(n.edits, 0) as revision,
          case when n.id is null then null else json_build_object(
            'id', n.id, 'title', n.title, 'edits', n.edits, 'body', n.body)::text end as json,
          json_build_object('title', n.title) as fields
        from json_array_elements_text(${
        JSON.stringify(ids)
      }::json) as wanted(id) left join notes n on n.id = wanted.id`)),
  keys: (after, limit) =>
    Database.faults(Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.map(
        sql<{ id: string }>`select id from notes where id > ${after ?? ""} order by id limit ${limit}`,
        (rows) => rows.map(({ id }) => id)
      ))),
  fields: { title: "text" },
  indexes: [["title"]]
})

/** Where everything is, in the environment of the processes. */
export interface Places {
  readonly DATABASE_URL: string
  readonly AMQP_URL: string
  readonly MONGODB_URL: string
  readonly MONGODB_DATABASE: string
}

export const connected = (places: Places) =>
  Layer.mergeAll(
    Database.layer({ url: Redacted.make(places.DATABASE_URL), applicationName: "bench-views" }),
    RabbitBus.layer({ url: Redacted.make(places.AMQP_URL) }),
    MongoViewStore.layer({ url: Redacted.make(places.MONGODB_URL), database: places.MONGODB_DATABASE })
  )
