/** The databases the wiki is tested on, with all its tables and an outbox. */
import { BulkCopy, Database, Migrations, Outbox } from "@kanau/postgres"
import { Servers } from "@kanau/testing"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Wiki } from "../src/index.ts"
import { embedded } from "./embedded.ts"

const place = await Servers.postgresDatabase()

const prepared = Layer.provideMerge(
  Outbox.layer({ source: "/test" }),
  Layer.effectDiscard(Migrations.run(Migrations.kanau, Wiki.migrations))
)

export const server = Layer.provideMerge(
  prepared,
  Layer.merge(
    Database.layer({ url: Redacted.make(place.url), applicationName: "test" }),
    BulkCopy.layer({ url: Redacted.make(place.url), applicationName: "test" })
  )
)

export const databases = [
  { name: "PostgreSQL server", layer: server },
  {
    name: "embedded PostgreSQL",
    layer: Layer.provideMerge(prepared, embedded)
  }
] as const

/** Empties every table of the wiki and of the outbox. */
export const reset = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql`truncate vn, vn_titles, vn_stats, releases, releases_titles, releases_vn, entry_meta, vn_activity, users, images,
    extlinks, anime, wikidata, drm, engines, docs, tags, traits, producers, staff, chars, quotes, entry_revisions, wiki_imported, wiki_source,
    kanau.events, kanau.pending, kanau.inbox, kanau.views, kanau.views_applied restart identity cascade`
)

/** Types and subjects of the events so far, in order. */
export const events = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<
      { type: string; subject: string; data: Uint8Array }
    >`select type, subject, data from kanau.events order by position`,
    (rows) =>
      rows.map(({ type, subject, data }) => ({
        type,
        subject,
        data: JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>
      }))
  ))
