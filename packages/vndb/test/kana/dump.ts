/** A synthetic dump in the tables, and what search looks at. */
import { CopyText, Generator, Layout } from "@kanau/vndb-dump"
import { Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { normalise, withoutEdition } from "../../src/kana/SearchText.ts"
import { fill, insert, type Row } from "./rows.ts"

const valueOf = (type: Layout.Type | undefined, cell: CopyText.Cell): unknown =>
  type?.kind === "array" && cell !== null ? CopyText.decodeArray(cell) : cell

/** Loads a dump of this seed. */
export const load = (options: Generator.Options) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const known = Map.groupBy(
      yield* sql<{ table_name: string; column_name: string }>`select table_name, column_name
        from information_schema.columns where table_schema = 'public'`,
      ({ table_name }) => table_name
    )
    const dump = yield* Generator.make(options)
    const tables: Record<string, ReadonlyArray<Row>> = {}
    for (const { bytes, columns, table } of dump.entries) {
      const kept = new Set(known.get(table)?.map(({ column_name }) => column_name))
      if (kept.size === 0) continue
      const types = new Map(Layout.tables[table].columns.map(({ name, type }) => [name, type]))
      const rows = yield* Stream.runCollect(CopyText.rows(bytes))
      tables[table] = rows.map((cells) =>
        Object.fromEntries(columns.flatMap((name, at) => {
          const cell = cells[at] ?? null
          const value = table === "chars" && name === "birthday" && cell === "0" ? null : cell
          return kept.has(name) ? [[name, valueOf(types.get(name), value)] as const] : []
        }))
      )
    }
    yield* fill(tables)
    // Some labels are only for their owners.
    yield* sql`update ulist_labels set private = id % 3 = 1`
    // Some entries are hidden, whatever refers to them.
    for (const table of ["vn", "releases", "producers", "chars", "staff", "tags", "traits", "quotes"]) {
      yield* sql`update ${sql(table)} set hidden = true where substring(id from '[0-9]+')::int % 16 = 5`
    }
  })

/** Every text that search finds an entry by, in a table of its own: kind, id, text, priority. */
export const makeLabels = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const texts = yield* sql<{ kind: string; id: string; text: string; priority: number; edition: boolean }>`
    with texts (kind, id, text, priority, edition) as (
      select 'vn', t.id, w, 3, false from vn_titles t cross join lateral (values (title), (latin)) as x(w)
      union select 'vn', id, regexp_split_to_table(alias, E'\n'), 2, false from vn
      union select 'vn', x.vid, w, 1, true from releases_vn x join active_releases r on r.id = x.id
        join releases_titles t on t.id = r.id cross join lateral (values (title), (t.latin)) as y(w)
      union select 'release', t.id, w, 3, false from releases_titles t cross join lateral (values (title), (latin)) as x(w)
      union select 'release', id, w, 1, false from releases cross join lateral (values (nullif(gtin, 0)::text), (catalog)) as x(w)
      union select 'producer', id, w, 3, false from producers cross join lateral (values (name), (latin)) as x(w)
      union select 'producer', id, regexp_split_to_table(alias, E'\n'), 2, false from producers
      union select 'character', id, w, 3, false from chars_names cross join lateral (values (name), (latin)) as x(w)
      union select 'character', id, w, 2, false from chars_alias cross join lateral (values (name), (latin)) as x(w)
      union select 'staff', id || '.' || aid, w, 3, false from staff_alias cross join lateral (values (name), (latin)) as x(w)
      union select 'tag', id, name, 3, false from tags
      union select 'tag', id, regexp_split_to_table(alias, E'\n'), 2, false from tags
      union select 'trait', id, name, 3, false from traits
      union select 'trait', id, regexp_split_to_table(alias, E'\n'), 2, false from traits
    )
    select * from texts where text is not null`
  yield* sql`create table labels (kind text, id text, t text, p integer)`
  yield* insert(
    "labels",
    texts.flatMap(({ edition, id, kind, priority, text }) => {
      const t = edition ? withoutEdition(normalise(text)) : normalise(text)
      return t === "" ? [] : [{ kind, id, t, p: priority }]
    })
  )
})
