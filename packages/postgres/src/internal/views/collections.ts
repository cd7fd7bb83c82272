/** Collections: what their fields hold, and their indexes. */
import { ViewStore } from "@kanau/views"
import { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { createHash } from "node:crypto"
import type { Fields } from "./keys.ts"
import { expression, isList } from "./keys.ts"
import { inCollection, typeOf } from "./statements.ts"

type Statement<A> = Effect.Effect<A, SqlError.SqlError>

/** Notes the fields, and creates what is missing of the indexes; several processes may do so at the same time. */
export const prepare = (sql: SqlClient.SqlClient, collection: string, shape: ViewStore.Shape): Statement<void> =>
  Effect.gen(function*() {
    yield* ViewStore.checkShape(collection, shape)
    // Those of an earlier release are kept: its processes may still be running.
    yield* sql`
      insert into kanau.views_shapes as held (collection, fields)
      values (${collection}, ${JSON.stringify(shape.fields)}::jsonb)
      on conflict (collection) do update set fields = held.fields || excluded.fields
      where not held.fields @> excluded.fields`
    // Even for an index that is there, `create index` keeps writers of every collection waiting.
    const known = new Set([...yield* indexNames(sql, collection), ...yield* statisticsNames(sql)])
    const missing = [...indexesOf(collection, shape), ...statisticsOf(shape)].filter(([name]) => !known.has(name))
    if (missing.length === 0) return
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`set local statement_timeout = 0`
      yield* sql`select pg_advisory_xact_lock(hashtext('kanau.views'))`
      for (const [, statement] of missing) yield* sql.unsafe(statement)
    }))
  })

/** Removes documents, indexes and what is known of the fields; whatever is interrupted can be done again. */
export const drop = (sql: SqlClient.SqlClient, collection: string): Statement<void> =>
  Effect.gen(function*() {
    yield* sql`delete from kanau.views_shapes where collection = ${collection}`
    for (const name of yield* indexNames(sql, collection)) {
      yield* sql.unsafe(`drop index if exists kanau.${name}`)
    }
    let isDone = false
    while (!isDone) {
      const removed = yield* sql`
        delete from kanau.views where collection = ${collection} and id in (
          select id from kanau.views where collection = ${collection} order by id limit ${removedAtOnce}
        ) returning 1 as removed`
      isDone = removed.length < removedAtOnce
    }
  })

/** What the fields of a collection hold; none when it was never prepared. */
export const fieldsOf = (sql: SqlClient.SqlClient, collection: string): Statement<Fields> =>
  Effect.map(
    sql<{ fields: Fields }>`select fields from kanau.views_shapes where collection = ${collection}`,
    (rows) => rows[0]?.fields ?? {}
  )

const removedAtOnce = 2000

/**
 * Statements by name. An index with a list becomes one of the list, which cannot be sorted by, and one of the rest. That of
 * records serves all of their members.
 */
const indexesOf = (collection: string, { fields, indexes }: ViewStore.Shape): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const add = (definition: string) => {
    const name = `${prefixOf(collection)}${hash(definition)}`
    found.set(name, `create index if not exists ${name} on kanau.views ${definition} where ${inCollection(collection)}`)
  }
  for (const index of indexes) {
    const plain: Array<string> = []
    for (const path of index) {
      const field = fieldOf(path)
      const type = typeOf(fields, field)
      if (isList(type)) add(`using gin (${expression(field, type)} jsonb_path_ops)`)
      else plain.push(expression(field, type))
    }
    if (plain.length > 0) add(`(${[...plain, "id"].join(", ")})`)
  }
  return found
}

/**
 * How values of indexed fields are spread, whatever the collection. PostgreSQL makes no use of what it knows of a
 * partial index, and would take every condition for one that leaves next to nothing: it would sort instead of following
 * an index.
 */
const statisticsOf = ({ fields, indexes }: ViewStore.Shape): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const field of indexes.flat().map(fieldOf)) {
    const key = expression(field, typeOf(fields, field))
    const name = `views_${hash(key)}`
    found.set(name, `create statistics if not exists kanau.${name} on ${key} from kanau.views`)
  }
  return found
}

/** The field of a path such as `tags.name`. */
const fieldOf = (path: string): string => path.replace(/\..*/, "")

const statisticsNames = (sql: SqlClient.SqlClient): Statement<ReadonlyArray<string>> =>
  Effect.map(
    sql<{ name: string }>`select stxname::text as name from pg_statistic_ext where stxrelid = 'kanau.views'::regclass`,
    (rows) => rows.map(({ name }) => name)
  )

const indexNames = (sql: SqlClient.SqlClient, collection: string): Statement<ReadonlyArray<string>> =>
  Effect.map(
    sql<{ name: string }>`select indexname::text as name from pg_indexes
      where schemaname = 'kanau' and tablename = 'views' and starts_with(indexname::text, ${prefixOf(collection)})`,
    (rows) => rows.map(({ name }) => name)
  )

const prefixOf = (collection: string): string => `views_${hash(collection)}_`

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 20)
