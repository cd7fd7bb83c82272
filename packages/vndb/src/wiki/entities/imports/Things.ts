/** Rows without revisions: what entries refer to, votes, lists, figures of the dump, and where all of it is from. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { heldColumns, names, type Table, typed, typedRow } from "../../import/columns.ts"
import { noting } from "./Lists.ts"

const run = <Row extends object>(statement: string, values: ReadonlyArray<unknown> = []) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(statement, values))

/** Runs a statement that writes; how many rows. */
const counted = (statement: string, noting?: string, values: ReadonlyArray<unknown> = []) =>
  Effect.map(
    run<{ n: number }>(
      noting === undefined
        ? `with written as (${statement} returning 1) select count(*)::int as n from written`
        : `with written as (${statement} returning *), noted as (${noting}) select count(*)::int as n from written`,
      values
    ),
    (rows) => rows[0]?.n ?? 0
  )

/** Writes rows of a small table that are new or differ: how many, and which of them differ. */
export const putThings = (input: { readonly table: Exclude<Table, "extlinks" | "users"> }) =>
  Effect.andThen(
    // Names may change places between rows.
    run("set constraints all deferred"),
    Effect.map(
      run<{ written: number; changed: ReadonlyArray<string> | null }>(
        `with written as (${putting(input.table)} returning held.id::text as id, held.xmax <> 0 as was_there)
          select count(*)::int as written,
            array_agg(id) filter (where was_there or ${input.table === "wikidata"}) as changed from written`
      ),
      ([row]) => ({ written: row?.written ?? 0, changed: row?.changed ?? [] })
    )
  )

/** Writes users who are new or differ; who they are. */
export const putUsers = Effect.suspend(() =>
  Effect.andThen(
    prepareUsers,
    Effect.map(run<{ id: string }>(`${putting("users")} returning held.id`), (rows) => rows.map(({ id }) => id))
  )
)

const putting = (table: Table): string => {
  const columns = heldColumns(table).map(({ name }) => name).filter((name) => name !== "id")
  const row = (alias: string) => `row(${columns.map((name) => `${alias}.${name}`).join(", ")})`
  const fresh = heldColumns(table).map((column) => `${typed(table, column)} as ${column.name}`).join(", ")
  return `insert into ${table} as held (${names(table)}) select ${names(table, "fresh")}
    from (select ${fresh} from import.${table} row) fresh left join ${table} old on old.id = fresh.id
    where old.id is null or ${row("old")} is distinct from ${row("fresh")}
    on conflict (id) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}`
}

/** Names of accounts here come first, and names may change places. */
const prepareUsers = Effect.forEach(
  [
    `update import.users row set username = null where exists (
    select from users held where lower(held.username) = lower(row.username) and held.id <> row.id
      and not exists (select from import.users other where other.id = held.id))`,
    `update users held set username = null from import.users row
    where row.id = held.id and held.username is not null and row.username is distinct from held.username`,
    `update users held set deleted_at = null, deleted_by = null from import.users row
    where row.id = held.id and held.deleted_by = 'import'`,
    `insert into wiki_imported (id, hash) select row.id, 0 from import.users row
    on conflict (id) do update set hash = 0 where wiki_imported.hash is null`
  ],
  (statement) => run(statement),
  { discard: true }
)

/** Marks users deleted who are no longer in the dump; their votes are gone by then. Who they are. */
export const removeUsers = (input: { readonly at: string }) =>
  Effect.map(
    run<{ id: string }>(
      `with gone as (
        update wiki_imported i set hash = null where i.hash is not null and i.id like 'u%'
          and not exists (select from import.users row where row.id = i.id) returning i.id
      )
      update users held set deleted_at = $1::timestamptz, deleted_by = 'import', username = null from gone
      where gone.id = held.id and held.deleted_at is null returning held.id`,
      [input.at]
    ),
    (rows) => rows.map(({ id }) => id)
  )

/**
 * Links that are new, under the numbers of the dump where these are free. What has another number here is noted, for
 * the rows that refer to it.
 */
export const putLinks = Effect.gen(function*() {
  yield* run(`select setval('extlink_number', greatest(
    (select max(row.id::int) from import.extlinks row), (select max(id) from extlinks), (select last_value from extlink_number)))
    where exists (select from import.extlinks)
      and (select max(row.id::int) from import.extlinks row) > (select last_value from extlink_number)`)
  const taken = yield* counted(`insert into extlinks (id, site, value)
    select row.id::int, row.site, row.value from import.extlinks row
    where not exists (select from extlinks held where held.site = row.site and held.value = row.value)
      and not exists (select from extlinks held where held.id = row.id::int)`)
  const moved = yield* counted(`insert into extlinks (id, site, value)
    select nextval('extlink_number'), row.site, row.value from import.extlinks row
    where not exists (select from extlinks held where held.site = row.site and held.value = row.value)`)
  yield* run(`insert into import.links (link, held) select row.id::int, held.id
    from import.extlinks row join extlinks held using (site, value) where held.id <> row.id::int`)
  yield* run(`analyze import.links`)
  return taken + moved
})

/** Removes rows of Wikidata that are not in the dump; which. */
export const removeWikidata = Effect.map(
  run<{ id: string }>(`delete from wikidata held
    where not exists (select from import.wikidata row where row.id::int = held.id) returning held.id::text as id`),
  (rows) => rows.map(({ id }) => id)
)

/** Removes anime that is neither in the dump nor referred to; how many. */
export const removeAnime = counted(`delete from anime held
  where not exists (select from import.anime row where row.id::int = held.id)
    and not exists (select from vn_anime x where x.aid = held.id)`)

/** What the dump says of figures, for those that cannot be derived without its lists; with lists there are none. */
export const putFigures = (input: { readonly userLists: boolean }) =>
  input.userLists ? counted("delete from vn_dumped") : Effect.zipWith(
    counted(`delete from vn_dumped held where not exists (select from import.vn row where row.id = held.id)`),
    counted(`insert into vn_dumped as held (id, image, votecount, average, rating, length, lengthnum)
      select fresh.* from (select row.id, row.c_image as image, row.c_votecount::int as votecount,
        row.c_average::int2 as average, row.c_rating::int2 as rating, row.c_length::int2 as length,
        row.c_lengthnum::int2 as lengthnum from import.vn row) fresh left join vn_dumped old on old.id = fresh.id
      where old is distinct from row(fresh.*)::vn_dumped
      on conflict (id) do update set (image, votecount, average, rating, length, lengthnum)
        = row(excluded.image, excluded.votecount, excluded.average, excluded.rating, excluded.length, excluded.lengthnum)`),
    (removed, put) => removed + put
  )

/** Whether a table has no row at all. */
export const isTableEmpty = (input: { readonly table: Table }) =>
  Effect.map(
    run<{ empty: boolean }>(`select not exists (select from ${input.table}) as empty`),
    (rows) => rows[0]?.empty ?? true
  )

/** How many pages a staged table has: its rows can be copied by ranges of them. */
export const countPages = (input: { readonly table: Table }) =>
  Effect.map(
    run<{ n: number }>(
      `select (pg_relation_size('import.${input.table}') / current_setting('block_size')::int)::int as n`
    ),
    (rows) => rows[0]?.n ?? 0
  )

/** Copies the rows of some pages into a table that has none of them; how many. */
export const copyPages = (input: { readonly table: Table; readonly from: number; readonly to: number }) =>
  counted(`insert into ${input.table} (${names(input.table)}) select ${typedRow(input.table)}
    from import.${input.table} row where row.ctid >= '(${input.from},0)' and row.ctid < '(${input.to},0)'`)

/** Rows that users left, of users whom an import brought, or of nobody. */
const ofImported = `(held.uid is null or exists (select from wiki_imported i where i.id = held.uid))`

/** Makes the imported rows of a table those of the dump, as often as they are there: removes and adds only what differs. */
export const syncRows = (input: { readonly table: Table }) =>
  Effect.gen(function*() {
    const { table } = input
    const held = `hash_record_extended(row(${names(table, "held")}), 0)`
    const staged = `hash_record_extended(row(${typedRow(table)}), 0)`
    yield* run(`drop table if exists import.differences`)
    yield* run(`create unlogged table import.differences as
      select hash, sum(n)::int as n from (
        select ${staged} as hash, 1 as n from import.${table} row
        union all select ${held}, -1 from ${table} held where ${ofImported}
      ) both_sides group by 1 having sum(n) <> 0`)
    yield* run(`analyze import.differences`)
    const removed = yield* counted(
      `delete from ${table} where ctid = any(array(select row_at from (
        select held.ctid as row_at, d.n, row_number() over (partition by d.hash) as turn
        from ${table} held join import.differences d on d.hash = ${held} and d.n < 0 where ${ofImported}
      ) surplus where turn <= -n))`,
      noting(table)
    )
    const added = yield* counted(
      `insert into ${table} (${names(table)}) select ${typedRow(table)} from (
        select row.*, d.n as n_missing, row_number() over (partition by d.hash) as turn
        from import.${table} row join import.differences d on d.hash = ${staged} and d.n > 0
      ) row where turn <= n_missing`,
      noting(table)
    )
    return { removed, added }
  })

/** New entries and links continue after the highest numbers in use. */
export const adjustNumbering = Effect.forEach(
  [
    ["vn_number", "vn", "substr(id, 2)::int"],
    ["release_number", "releases", "substr(id, 2)::int"],
    ["producer_number", "producers", "substr(id, 2)::int"],
    ["character_number", "chars", "substr(id, 2)::int"],
    ["staff_number", "staff", "substr(id, 2)::int"],
    ["staff_alias_number", "staff_alias", "aid"],
    ["tag_number", "tags", "substr(id, 2)::int"],
    ["trait_number", "traits", "substr(id, 2)::int"],
    ["quote_number", "quotes", "substr(id, 2)::int"],
    ["doc_number", "docs", "substr(id, 2)::int"],
    ["extlink_number", "extlinks", "id"]
  ],
  ([sequence, table, number]) =>
    run(`select setval('${sequence}', top) from (select max(${number}) as top from ${table}) used, ${sequence} held
    where top > held.last_value or (top = held.last_value and not held.is_called)`),
  { discard: true }
)

/** Notes where the data are from; whether that is news. */
export const putSource = (input: { readonly name: string; readonly at: string; readonly attribution: string }) =>
  Effect.map(
    counted(
      `insert into wiki_source as held (name, dumped_at, attribution) values ($1, $2::timestamptz, $3)
      on conflict (name) do update set dumped_at = excluded.dumped_at, attribution = excluded.attribution
      where row(held.dumped_at, held.attribution) is distinct from row(excluded.dumped_at, excluded.attribution)`,
      undefined,
      [input.name, input.at, input.attribution]
    ),
    (rows) => rows > 0
  )

/** Collects statistics of every table that an import fills. */
export const analyzeHeld = (input: { readonly tables: ReadonlyArray<Table> }) =>
  run(`analyze ${[...input.tables, "wiki_imported", "vn_dumped"].join(", ")}`)
