/**
 * The view store on PostgreSQL: for the embedded profile, and for those who want no MongoDB in production.
 *
 * All collections are in one table; the indexes of a collection cover its live documents only. Texts are sorted by
 * their first 200 characters, and then by what follows in the list; conditions look at the whole text. The character 0,
 * which PostgreSQL does not have, is kept as U+FFFD.
 *
 * Lists need to know what the fields hold: a collection that was not prepared has none, and one that asks for a field
 * that was never declared gets `Unavailable`.
 *
 * Preparing an index that is missing keeps writers of every collection waiting while it is built.
 */
import { Fault } from "@kanau/core"
import { ViewStore } from "@kanau/views"
import { Clock, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql"
import * as Database from "./Database.ts"
import * as Collections from "./internal/views/collections.ts"
import type { Fields, Scalar } from "./internal/views/keys.ts"
import * as Lists from "./internal/views/lists.ts"
import { records } from "./internal/views/records.ts"
import type { RenderedRow, Row } from "./internal/views/rows.ts"
import * as Rows from "./internal/views/rows.ts"
import * as Selections from "./internal/views/selections.ts"
import type { Statement } from "./internal/views/statements.ts"

/**
 * The store. Needs the `kanau` migrations.
 *
 * @example
 * ```ts
 * import { Database, PgViewStore } from "@kanau/postgres"
 * import { Layer, Redacted } from "effect"
 *
 * const database = Database.layer({ url: Redacted.make("postgres://127.0.0.1/"), applicationName: "view-manager" })
 * const store = Layer.provide(PgViewStore.layer, database)
 *
 * Layer.isLayer(store) // => true
 * ```
 */
export const layer: Layer.Layer<ViewStore.ViewStore, never, SqlClient.SqlClient> = Layer.effect(
  ViewStore.ViewStore,
  Effect.map(SqlClient.SqlClient, (sql) => {
    const known = new Map<string, Fields>()
    const record = records(sql)

    const getMany = (collection: string, ids: ReadonlyArray<string>) =>
      ids.length === 0
        ? Effect.succeed([])
        : Effect.map(
          available(sql<RenderedRow>`select ${sql.literal(Rows.renderedColumns)} from kanau.views
            where collection = ${collection} and id = any(${existing(ids)}::text[])`),
          (rows) => rows.map(Rows.rendered)
        )

    /** The declared fields, once they include these. */
    const fieldsFor = (
      collection: string,
      names: ReadonlyArray<string>
    ): Effect.Effect<Fields, Fault.Unavailable> =>
      Effect.suspend(() => {
        const held = known.get(collection) ?? {}
        if (missing(held, names) === undefined) return Effect.succeed(held)
        return Effect.flatMap(available(Collections.fieldsOf(sql, collection)), (fields) => {
          const field = missing(fields, names)
          if (field !== undefined) return Effect.fail(undeclared(collection, field))
          known.set(collection, fields)
          return Effect.succeed(fields)
        })
      })

    /** The declared fields, if they are what is asked for. */
    const fieldsAsked = (collection: string, asked: Parameters<typeof ViewStore.checkAsked>[1]) =>
      ViewStore.checkAsked(collection, asked).pipe(
        Effect.andThen(Effect.suspend(() => fieldsFor(collection, Selections.namesOf(asked)))),
        Effect.tap((fields) => ViewStore.checkAsked(collection, asked, fields))
      )

    const run = <Row extends object>({ parameters, text }: Statement) => available(sql.unsafe<Row>(text, parameters))

    return ViewStore.ViewStore.of({
      prepare: (collection, shape) => available(Collections.prepare(sql, collection, shape)),
      drop: (collection) =>
        Effect.suspend(() => {
          known.delete(collection)
          return available(Collections.drop(sql, collection))
        }),
      get: (collection, id) => Effect.map(getMany(collection, [id]), (found) => Option.fromNullishOr(found[0])),
      getMany,
      read: (collection, ids) =>
        ids.length === 0 ? Effect.succeed([]) : Effect.map(
          available(sql<Row>`select ${sql.literal(Rows.columns)} from kanau.views
            where collection = ${collection} and id = any(${existing(ids)}::text[])`),
          (rows) => rows.map(Rows.document)
        ),
      find: (collection, query) =>
        Effect.flatMap(fieldsFor(collection, namesOf(query)), (fields) => {
          const page = Lists.page(collection, fields, query)
          return page === undefined ? Effect.succeed([]) : Effect.map(
            run<Listed & Readonly<Record<`key${number}`, Scalar>>>(page),
            (rows) =>
              rows.map((row) => ({
                id: row.id,
                etag: row.etag,
                bytes: row.bytes,
                keys: query.sort.map((_, index) => row[`key${index}`] ?? null)
              }))
          )
        }),
      select: (collection, selection) =>
        Effect.flatMap(fieldsAsked(collection, selection), (fields) =>
          Effect.map(
            run<Listed & Readonly<Record<`field${number}`, ViewStore.FieldValue>>>(
              Selections.select(collection, fields, selection)
            ),
            (rows) =>
              rows.map((row) => ({
                id: row.id,
                etag: row.etag,
                bytes: row.bytes,
                fields: Object.fromEntries(
                  (selection.fields ?? []).map((field, index) => [field, row[`field${index}`] ?? null])
                )
              }))
          )),
      tally: (collection, where) =>
        Effect.flatMap(fieldsAsked(collection, { where }), (fields) =>
          Effect.map(
            run<{ readonly found: number }>(Selections.tally(collection, fields, where)),
            (rows) => rows[0]?.found ?? 0
          )),
      pluck: (collection, plucking) =>
        Effect.flatMap(fieldsAsked(collection, plucking), (fields) =>
          Effect.map(
            run<{ readonly value: string }>(Selections.pluck(collection, fields, plucking)),
            (rows) => new Set(rows.map(({ value }) => value))
          )),
      replaceIfNewer: (collection, documents) => {
        if (documents.length === 0) return Effect.succeed(new Set<string>())
        // In one order whoever writes, so that two batches never wait for each other.
        const rows = documents.toSorted((a, b) => a.id < b.id ? -1 : 1)
        return Effect.map(
          available(sql<{ id: string }>`
            insert into kanau.views as held
              (collection, id, version, base, parts, revision, derived_at, etag, bytes, fields, deleted, gzip)
            select ${collection}::text, id, version, base, parts, revision, derived_at, etag, bytes, fields, deleted,
              nullif(gzip, '') from unnest(
              ${rows.map(({ id }) => id)}::text[], ${rows.map(({ version }) => version)}::bigint[],
              ${rows.map(({ base }) => base)}::bigint[], ${rows.map(({ parts }) => Rows.partsJson(parts))}::jsonb[],
              ${rows.map(({ revision }) => revision)}::integer[],
              ${rows.map(({ derivedAt }) => new Date(derivedAt))}::timestamptz[],
              ${rows.map(({ etag }) => etag)}::text[], ${rows.map(({ bytes }) => bytes)}::bytea[],
              ${rows.map(({ fields }) => Rows.fieldsJson(fields))}::jsonb[],
              ${rows.map(({ deleted }) => deleted)}::boolean[],
              -- The client cannot tell what an array of nothing but nulls holds.
              ${rows.map(({ gzip }) => gzip ?? noBytes)}::bytea[]
            ) as given (id, version, base, parts, revision, derived_at, etag, bytes, fields, deleted, gzip)
            on conflict (collection, id) do update set version = excluded.version, base = excluded.base,
              parts = excluded.parts, revision = excluded.revision, derived_at = excluded.derived_at,
              etag = excluded.etag, bytes = excluded.bytes, gzip = excluded.gzip, fields = excluded.fields,
              deleted = excluded.deleted
            where held.version < excluded.version
            returning id`),
          (written) => new Set(written.map(({ id }) => id))
        )
      },
      replaceIfSame: (collection, document, held) =>
        Effect.map(
          available(sql`
            update kanau.views set version = ${document.version}, base = ${document.base},
              parts = ${Rows.partsJson(document.parts)}::text::jsonb, revision = ${document.revision},
              derived_at = ${new Date(document.derivedAt)}, etag = ${document.etag}, bytes = ${document.bytes},
              gzip = ${document.gzip}, fields = ${Rows.fieldsJson(document.fields)}::text::jsonb,
              deleted = ${document.deleted}
            where collection = ${collection} and id = ${document.id} and base = ${held.base}
              and version = ${held.version} and parts = ${Rows.partsJson(held.parts)}::text::jsonb
            returning 1 as written`),
          (rows) => rows.length > 0
        ),
      count: (collection) =>
        Effect.map(
          available(sql<{ found: number }>`select count(*)::int as found from kanau.views
            where collection = ${collection} and not deleted`),
          (rows) => rows[0]?.found ?? 0
        ),
      markApplied: (positions) =>
        positions.length === 0
          ? Effect.void
          : Effect.flatMap(Clock.currentTimeMillis, (now) =>
            Effect.asVoid(available(sql`
              with expired as (
                delete from kanau.views_applied where position in (
                  select position from kanau.views_applied
                  where at < ${new Date(now - ViewStore.appliedRetentionMillis)} order by at limit 100
                )
              )
              insert into kanau.views_applied (position, at)
              select distinct position, ${new Date(now)}::timestamptz from unnest(${[...positions]}::text[]) as position
              order by position on conflict do nothing`))),
      unapplied: (positions) =>
        positions.length === 0
          ? Effect.succeed([])
          : Effect.map(
            available(sql<{ position: string }>`select position from kanau.views_applied
              where position = any(${[...positions]}::text[])`),
            (rows) => {
              const applied = new Set(rows.map(({ position }) => position))
              return positions.filter((position) => !applied.has(position))
            }
          ),
      records: {
        get: (key) => available(record.get(key)),
        list: (prefix) => available(record.list(prefix)),
        put: (key, value, revision) => available(record.put(key, value, revision)),
        remove: (prefix) => available(record.remove(prefix))
      }
    })
  })
)

/** A view store has no statement of the caller's that could be wrong: whatever fails, the store is not available. */
const available = <A, R>(effect: Effect.Effect<A, SqlError.SqlError, R>): Effect.Effect<A, Fault.Unavailable, R> =>
  Effect.mapError(effect, Database.toUnavailable)

const noBytes = new Uint8Array()

/** Ids that a row can have. */
const existing = (ids: ReadonlyArray<string>): ReadonlyArray<string> => ids.filter((id) => !id.includes("\0"))

type Listed = Pick<RenderedRow, "id" | "etag" | "bytes">

const namesOf = ({ where, sort }: ViewStore.Query): ReadonlyArray<string> =>
  [...where, ...sort].map(({ field }) => field)

const missing = (fields: Fields, names: ReadonlyArray<string>): string | undefined =>
  names.find((name) => !Object.hasOwn(fields, name))

const undeclared = (collection: string, field: string) =>
  new Fault.Unavailable({
    dependency: "postgres",
    reason: `the collection ${collection} is not prepared for lists by ${JSON.stringify(field)}`
  })
