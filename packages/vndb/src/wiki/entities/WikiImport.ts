/**
 * The SQL of an import. A dump is first staged as it is, in unlogged tables of the schema `import`; then entries are
 * merged a batch at a time. Callers run each merge inside one transaction.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The staging tables, by kind of entry: the entry itself first. */
const staged = {
  vn: { tables: ["vn", "vn_titles"], sequence: "vn_number" },
  release: { tables: ["releases", "releases_titles", "releases_vn"], sequence: "release_number" }
} as const

export type EntryKind = keyof typeof staged

const ddl = `
drop schema if exists import cascade;
create schema import;
create unlogged table import.vn (
  id text, image text, c_image text, olang text, c_votecount integer, c_rating smallint, c_average smallint,
  c_length smallint, c_lengthnum smallint, length smallint, devstatus smallint, alias text, description text
);
create unlogged table import.vn_titles as select * from vn_titles with no data;
create unlogged table import.releases as select * from releases with no data;
alter table import.releases drop column hidden, drop column locked, drop column deleted_at, drop column deleted_by;
create unlogged table import.releases_titles as select * from releases_titles with no data;
create unlogged table import.releases_vn as select * from releases_vn with no data;
create unlogged table import.entry_meta as select * from entry_meta with no data`

/** Empties the staging area. */
export const prepareStaging = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.forEach(ddl.split(";"), (statement) => sql.unsafe(statement), { discard: true })
)

export const dropStaging = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`drop schema if exists import cascade`)

/** Stages rows given as objects by column. */
export const stage = (input: { readonly table: string; readonly rows: ReadonlyArray<object> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const table = sql.literal(`import.${input.table}`)
    return sql`insert into ${table} select * from json_populate_recordset(null::${table}, ${
      JSON.stringify(input.rows)
    }::json)`
  })

/** A rule that rows of a table broke together, and how many did. */
export interface Swept {
  readonly table: string
  readonly rule: string
  readonly rows: number
}

/** Removes staged rows that cannot be merged: duplicates, dangling references, entries without a main title. */
export const sweepStaging = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const sweeps = [
    ["vn", "is a duplicate", duplicates("vn", "id")],
    ["vn_titles", "is a duplicate", duplicates("vn_titles", "id, lang")],
    ["releases", "is a duplicate", duplicates("releases", "id")],
    ["releases_titles", "is a duplicate", duplicates("releases_titles", "id, lang")],
    ["releases_vn", "is a duplicate", duplicates("releases_vn", "id, vid")],
    ["entry_meta", "is a duplicate", duplicates("entry_meta", "id")],
    [
      "vn",
      "has no title in its original language",
      `not exists (
      select 1 from import.vn_titles t where t.id = row.id and t.lang = row.olang)`
    ],
    [
      "releases",
      "has no title in its original language",
      `not exists (
      select 1 from import.releases_titles t where t.id = row.id and t.lang = row.olang and t.title is not null)`
    ],
    ["vn_titles", "belongs to no entry", `not exists (select 1 from import.vn v where v.id = row.id)`],
    ["releases_titles", "belongs to no entry", `not exists (select 1 from import.releases r where r.id = row.id)`],
    ["releases_vn", "belongs to no entry", `not exists (select 1 from import.releases r where r.id = row.id)`],
    [
      "releases_vn",
      "refers to no visual novel",
      `not exists (select 1 from import.vn v where v.id = row.vid)
      and not exists (select 1 from vn v where v.id = row.vid)`
    ]
  ] as const
  yield* sql`analyze`
  const swept: Array<Swept> = []
  for (const [table, rule, condition] of sweeps) {
    const rows = yield* sql.unsafe<{ n: number }>(`
      with gone as (delete from import.${table} row where ${condition} returning 1) select count(*)::int as n from gone`)
    if (rows[0] !== undefined && rows[0].n > 0) swept.push({ table, rule, rows: rows[0].n })
  }
  return swept
})

const duplicates = (table: string, key: string): string =>
  `exists (select 1 from import.${table} first where (${columns("first", key)}) = (${columns("row", key)})
    and first.ctid < row.ctid)`
const columns = (alias: string, key: string): string => key.split(", ").map((column) => `${alias}.${column}`).join(", ")

/** The next staged ids after `after`, in numeric order; empty at the end. */
export const nextStagedIds = (input: { readonly kind: EntryKind; readonly after: number; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<{ id: string; number: number }>`
      select id, substr(id, 2)::int as number from ${sql.literal(`import.${staged[input.kind].tables[0]}`)}
      where substr(id, 2)::int > ${input.after} order by 2 limit ${input.limit}`)

/** How many entries are staged. */
export const countStaged = (input: { readonly kind: EntryKind }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ n: number }>`select count(*)::int as n from ${sql.literal(`import.${staged[input.kind].tables[0]}`)}`,
      (rows) => rows[0]?.n ?? 0
    ))

/** An entry that the merge wrote. */
export interface Merged {
  readonly id: string
  readonly revision: number
  readonly created: boolean
  /** For releases: the visual novels they belong to or belonged to. */
  readonly vns: ReadonlyArray<string>
}

const snapshotOf = {
  vn: {
    staged: `select v.id, to_jsonb(v) as entry,
        (select jsonb_agg(to_jsonb(t) order by t.lang) from import.vn_titles t where t.id = v.id) as parts
      from import.vn v`,
    held: `select v.id, jsonb_build_object('id', v.id, 'image', v.image, 'c_image', s.cover, 'olang', v.olang,
        'c_votecount', s.votecount, 'c_rating', s.rating, 'c_average', s.average, 'c_length', s.length,
        'c_lengthnum', s.lengthnum, 'length', v.length, 'devstatus', v.devstatus, 'alias', v.alias,
        'description', v.description) as entry,
        (select jsonb_agg(to_jsonb(t) order by t.lang) from vn_titles t where t.id = v.id) as parts
      from vn v left join vn_stats s on s.id = v.id`
  },
  release: {
    staged: `select r.id, to_jsonb(r) as entry, jsonb_build_array(
        (select jsonb_agg(to_jsonb(t) order by t.lang) from import.releases_titles t where t.id = r.id),
        (select jsonb_agg(to_jsonb(x) order by x.vid) from import.releases_vn x where x.id = r.id)) as parts
      from import.releases r`,
    held: `select r.id, to_jsonb(r) - array['hidden', 'locked', 'deleted_at', 'deleted_by'] as entry, jsonb_build_array(
        (select jsonb_agg(to_jsonb(t) order by t.lang) from releases_titles t where t.id = r.id),
        (select jsonb_agg(to_jsonb(x) order by x.vid) from releases_vn x where x.id = r.id)) as parts
      from releases r`
  }
} as const

const writes = {
  vn: [
    `insert into vn (id, image, olang, length, devstatus, alias, description)
      select id, image, olang, length, devstatus, alias, description from import.vn where id = any($ids)
      on conflict (id) do update set image = excluded.image, olang = excluded.olang, length = excluded.length,
        devstatus = excluded.devstatus, alias = excluded.alias, description = excluded.description`,
    `insert into vn_stats (id, cover, votecount, rating, average, length, lengthnum)
      select id, c_image, c_votecount, c_rating, c_average, c_length, c_lengthnum from import.vn where id = any($ids)
      on conflict (id) do update set cover = excluded.cover, votecount = excluded.votecount, rating = excluded.rating,
        average = excluded.average, length = excluded.length, lengthnum = excluded.lengthnum`,
    `delete from vn_titles where id = any($ids)`,
    `insert into vn_titles select * from import.vn_titles where id = any($ids)`
  ],
  release: [
    `insert into releases select * from import.releases where id = any($ids)
      on conflict (id) do update set (gtin, olang, released, voiced, reso_x, reso_y, minage, ani_story, ani_ero,
        ani_story_sp, ani_story_cg, ani_cutscene, ani_ero_sp, ani_ero_cg, ani_bg, ani_face, has_ero, patch, freeware,
        uncensored, official, catalog, notes, engine) = (excluded.gtin, excluded.olang, excluded.released,
        excluded.voiced, excluded.reso_x, excluded.reso_y, excluded.minage, excluded.ani_story, excluded.ani_ero,
        excluded.ani_story_sp, excluded.ani_story_cg, excluded.ani_cutscene, excluded.ani_ero_sp, excluded.ani_ero_cg,
        excluded.ani_bg, excluded.ani_face, excluded.has_ero, excluded.patch, excluded.freeware, excluded.uncensored,
        excluded.official, excluded.catalog, excluded.notes, excluded.engine)`,
    `delete from releases_titles where id = any($ids)`,
    `insert into releases_titles select * from import.releases_titles where id = any($ids)`,
    `delete from releases_vn where id = any($ids)`,
    `insert into releases_vn select * from import.releases_vn where id = any($ids)`
  ]
} as const

/** Writes those of the given staged entries that are new or differ, whole; the others are not touched. */
export const mergeEntries = (input: { readonly kind: EntryKind; readonly ids: ReadonlyArray<string> }) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { kind } = input
    const list = (ids: ReadonlyArray<string>) => `{${ids.join(",")}}`
    yield* sql`select 1 from entry_meta where id = any(${list(input.ids)}::text[]) order by id for update`
    const changed = yield* sql.unsafe<{ id: string; created: boolean; vns: ReadonlyArray<string> }>(
      `with staged as (${snapshotOf[kind].staged} where id = any($1::text[])),
        held as (${snapshotOf[kind].held} where ${kind === "vn" ? "v" : "r"}.id = any($1::text[]))
      select staged.id, held.id is null as created, array(
        select vid from releases_vn where id = staged.id union select vid from import.releases_vn where id = staged.id
      ) as vns
      from staged left join held on held.id = staged.id
      where held.entry is distinct from staged.entry or held.parts is distinct from staged.parts
      order by substr(staged.id, 2)::int`,
      [list(input.ids)]
    )
    if (changed.length === 0) return []
    const ids = list(changed.map(({ id }) => id))
    for (const write of writes[kind]) yield* sql.unsafe(write.replace("$ids", "$1::text[]"), [ids])
    const metas = yield* sql<{ id: string; revision: number }>`
      insert into entry_meta as entry (id, created, lastmod, revision, num_edits, num_users)
      select wanted.id, coalesce(m.created, now()::date), coalesce(m.lastmod, now()::date), coalesce(m.revision, 1),
        coalesce(m.num_edits, 1), coalesce(m.num_users, 1)
      from unnest(${ids}::text[]) as wanted(id) left join import.entry_meta m on m.id = wanted.id
      on conflict (id) do update set lastmod = excluded.lastmod, num_edits = excluded.num_edits,
        num_users = excluded.num_users, revision = greatest(excluded.revision, entry.revision + 1)
      returning id, revision`
    const revisions = new Map(metas.map(({ id, revision }) => [id, revision]))
    return changed.map((entry): Merged => ({ ...entry, revision: revisions.get(entry.id) ?? 1 }))
  })

/** Lets new entries continue after the highest number in use. */
export const adjustNumbering = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  for (const { tables, sequence } of Object.values(staged)) {
    yield* sql.unsafe(`select setval('${sequence}', greatest(
      (select coalesce(max(substr(id, 2)::int), 0) from ${tables[0]}), (select last_value from ${sequence})))
      where exists (select 1 from ${tables[0]})`)
  }
})
