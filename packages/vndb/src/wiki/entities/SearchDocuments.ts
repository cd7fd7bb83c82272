/** What the search indexes hold of visual novels and releases, as PostgreSQL derives it. */
import type { SearchIndex } from "@kanau/search"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Visual novels: all titles in both scripts, aliases, the titles of their releases, and what is shown and filtered. */
export const deriveVnTexts = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<SearchIndex.Change>`
      with wanted as (select value as id from json_array_elements_text(${JSON.stringify(input.ids)}::json)),
      shown as (
        select v.*, ${sql.literal(displayTitle)}
        from active_vn v join vn_titles main on main.id = v.id and main.lang = v.olang
        where v.id in (select id from wanted)
      )
      select wanted.id, case when v.id is null then null else json_build_object(
        'title', v.title, 'alttitle', v.alttitle, 'olang', v.olang, 'length', v.length, 'devstatus', v.devstatus,
        'titles', (
          select json_agg(text order by lang <> v.olang, lang, text) from (
            select lang, title as text from vn_titles where id = v.id
            union select lang, latin from vn_titles where id = v.id and latin is not null
          ) texts
        ),
        'languages', (select json_agg(lang order by lang) from vn_titles where id = v.id),
        'aliases', (select coalesce(json_agg(a), '[]') from regexp_split_to_table(v.alias, '\n') a where a <> ''),
        'releases', (
          select coalesce(json_agg(distinct text), '[]') from releases_vn rv join releases_titles t on t.id = rv.id
          cross join lateral (values (t.title), (t.latin)) texts (text) where rv.vid = v.id and text is not null
        ),
        'votecount', coalesce((select votecount from vn_stats where id = v.id), 0),
        'rating', (select rating from vn_stats where id = v.id)
      ) end as document
      from wanted left join shown v on v.id = wanted.id`)

/** Releases: all titles in both scripts, the titles of their visual novels, and what is shown and filtered. */
export const deriveReleaseTexts = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<SearchIndex.Change>`
      with wanted as (select value as id from json_array_elements_text(${JSON.stringify(input.ids)}::json)),
      shown as (
        select r.*, ${sql.literal(displayTitle)}
        from active_releases r join releases_titles main on main.id = r.id and main.lang = r.olang
        where r.id in (select id from wanted)
      )
      select wanted.id, case when r.id is null then null else json_build_object(
        'title', r.title, 'alttitle', r.alttitle, 'olang', r.olang, 'released', r.released, 'minage', r.minage,
        'official', r.official, 'patch', r.patch, 'freeware', r.freeware, 'has_ero', r.has_ero, 'catalog', r.catalog,
        'titles', (
          select json_agg(text order by lang <> r.olang, lang, text) from (
            select lang, title as text from releases_titles where id = r.id and title is not null
            union select lang, latin from releases_titles where id = r.id and latin is not null
          ) texts
        ),
        'languages', (select json_agg(lang order by lang) from releases_titles where id = r.id),
        'vns', (
          select coalesce(json_agg(distinct text), '[]')
          from releases_vn rv join active_vn v on v.id = rv.vid
          join vn_titles t on t.id = v.id and t.lang = v.olang
          cross join lateral (values (t.title), (t.latin)) texts (text) where rv.id = r.id and text is not null
        ),
        'votecount', (
          select coalesce(max(s.votecount), 0) from releases_vn rv join vn_stats s on s.id = rv.vid where rv.id = r.id
        )
      ) end as document
      from wanted left join shown r on r.id = wanted.id`)

const count = (rows: ReadonlyArray<{ readonly count: string | number }>): number => Number(rows[0]?.count ?? 0)

/** Visual novels that are not deleted. */
export const countVns = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.map(sql<{ count: string }>`select count(*) as count from active_vn`, count)
)

/** Releases. */
export const countReleases = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.map(sql<{ count: string }>`select count(*) as count from active_releases`, count)
)

/**
 * `title` and `alttitle` of an entry, from its title `main` in its original language: romanised, and in the original script
 * where that is another.
 */
const displayTitle = `coalesce(main.latin, main.title) as title,
  case when main.latin <> main.title then main.title end as alttitle`
