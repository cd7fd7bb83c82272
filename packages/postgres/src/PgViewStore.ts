/**
 * The view store on PostgreSQL: for the embedded profile, and for those who want no MongoDB in production.
 */
import type { Fault } from "@kanau/core"
import { ViewStore } from "@kanau/views"
import { Array, Clock, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql"
import * as Database from "./Database.ts"

interface Row {
  readonly view: string
  readonly id: string
  readonly version: bigint
  readonly revision: number
  readonly derived_at: Date
  readonly etag: string
  readonly bytes: Uint8Array
  readonly deleted: boolean
}

/** Needs the `kanau` migrations; `prepare` has nothing left to do. */
export const layer: Layer.Layer<ViewStore.ViewStore, never, SqlClient.SqlClient> = Layer.effect(
  ViewStore.ViewStore,
  Effect.map(SqlClient.SqlClient, (sql) => {
    const columns = sql.literal("view, id, version, revision, derived_at, etag, bytes, deleted")
    const getMany = (view: string, ids: ReadonlyArray<string>) =>
      ids.length === 0
        ? Effect.succeed([])
        : Effect.map(
          available(sql<Row>`select ${columns} from kanau.views where view = ${view} and id in ${sql.in(ids)}`),
          (rows) => rows.map(toDocument)
        )

    return ViewStore.ViewStore.of({
      prepare: () => Effect.void,
      get: (view, id) => Effect.map(getMany(view, [id]), (found) => Option.fromNullishOr(found[0])),
      getMany,
      replaceIfNewer: (documents) =>
        !Array.isReadonlyArrayNonEmpty(documents)
          ? Effect.succeed(0)
          : Effect.map(
            available(sql`insert into kanau.views as held ${sql.insert(Array.map(documents, toRow))}
              on conflict (view, id) do update set version = excluded.version, revision = excluded.revision,
                derived_at = excluded.derived_at, etag = excluded.etag, bytes = excluded.bytes,
                fields = excluded.fields, deleted = excluded.deleted
              where held.version < excluded.version
              returning 1 as written`),
            (rows) => rows.length
          ),
      markApplied: (positions) =>
        !Array.isReadonlyArrayNonEmpty(positions)
          ? Effect.void
          : Effect.flatMap(Clock.currentTimeMillis, (now) =>
            available(sql`
              with expired as (
                delete from kanau.views_applied where position in (
                  select position from kanau.views_applied
                  where at < ${new Date(now - ViewStore.appliedRetentionMillis)} order by at limit 100
                )
              )
              insert into kanau.views_applied ${
              sql.insert(Array.map(positions, (position) => ({ position, at: new Date(now) })))
            } on conflict do nothing`)).pipe(Effect.asVoid),
      areApplied: (positions) =>
        positions.length === 0
          ? Effect.succeed(true)
          : Effect.map(
            available(sql<{ found: number }>`select count(*)::int as found from kanau.views_applied
              where position in ${sql.in([...new Set(positions)])}`),
            (rows) => rows[0]?.found === new Set(positions).size
          ),
      count: (view) =>
        Effect.map(
          available(sql<{ found: number }>`select count(*)::int as found from kanau.views
            where view = ${view} and not deleted`),
          (rows) => rows[0]?.found ?? 0
        )
    })
  })
)

/** A view store has no statement of the caller's that could be wrong: whatever fails, the store is not available. */
const available = <A, R>(effect: Effect.Effect<A, SqlError.SqlError, R>): Effect.Effect<A, Fault.Unavailable, R> =>
  Effect.mapError(effect, Database.toUnavailable)

const toRow = (document: ViewStore.ViewDocument) => ({
  view: document.view,
  id: document.id,
  version: document.version,
  revision: document.revision,
  derived_at: new Date(document.derivedAt),
  etag: document.etag,
  bytes: document.bytes,
  fields: JSON.stringify(document.fields),
  deleted: document.deleted
})

const toDocument = (row: Row): ViewStore.RenderedDocument => ({
  view: row.view,
  id: row.id,
  version: row.version,
  revision: row.revision,
  derivedAt: row.derived_at.getTime(),
  etag: row.etag,
  bytes: row.bytes,
  deleted: row.deleted
})
