/**
 * View documents as PostgreSQL derives them: the JSON answer is written by the database in the same statement that
 * reads the version of its snapshot, so the two belong together.
 */
import type { View } from "@kanau/views"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { displayTitle } from "./displayTitle.ts"

/** Transactions that had ended when this statement's snapshot was taken; see `@kanau/views` View. */
const snapshotVersion = `(
  select pg_snapshot_xmax(snapshot)::text::bigint - (select count(*) from pg_snapshot_xip(snapshot))
  from pg_current_snapshot() as snapshot
)`

const releaseTitles = `
  select t.id, t.lang, t.mtl, coalesce(t.title, o.title) as title,
    case when t.title is null then o.latin else t.latin end as latin
  from releases_titles t
  join releases r on r.id = t.id
  join releases_titles o on o.id = r.id and o.lang = r.olang`

/** The releases of the visual novel `v`, as its page shows them; needs `release_titles`. */
const releasesOf = `
  select coalesce(json_agg(json_build_object('id', r.id, 'title', coalesce(rt.latin, rt.title),
    'alttitle', case when rt.latin is null then null else rt.title end,
    'type', rv.rtype, 'released', r.released, 'official', r.official, 'patch', r.patch,
    'freeware', r.freeware, 'minage', r.minage,
    'languages', (
      select json_agg(json_build_object('lang', l.lang, 'mtl', l.mtl, 'title', l.title, 'latin', l.latin)
        order by l.lang <> r.olang, l.lang) from release_titles l where l.id = r.id
    )) order by r.released, length(r.id), r.id), '[]')
  from releases_vn rv join releases r on r.id = rv.id
  join release_titles rt on rt.id = r.id and rt.lang = r.olang
  where rv.vid = v.id`

/** Visual novels with their titles and releases. */
export const deriveVns = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<View.Derived>`
      with wanted as (select value as id from json_array_elements_text(${JSON.stringify(input.ids)}::json)),
      release_titles as (${sql.literal(releaseTitles)} where t.id in (
        select id from releases_vn where vid in (select id from wanted)
      )),
      shown as (
        select v.*, ${sql.literal(displayTitle)} from vn v
        join vn_titles main on main.id = v.id and main.lang = v.olang
        where v.id in (select id from wanted) and v.deleted_at is null
      )
      select wanted.id, ${sql.literal(snapshotVersion)} as version, coalesce(m.revision, 0) as revision,
        case when v.id is null then null else json_build_object(
          'id', v.id, 'revision', m.revision, 'title', v.title, 'alttitle', v.alttitle, 'olang', v.olang,
          'titles', (
            select coalesce(json_agg(json_build_object('lang', t.lang, 'title', t.title, 'latin', t.latin,
              'official', t.official, 'main', t.lang = v.olang) order by t.lang <> v.olang, t.lang), '[]')
            from vn_titles t where t.id = v.id
          ),
          'aliases', (select coalesce(json_agg(a), '[]') from regexp_split_to_table(v.alias, '\n') a where a <> ''),
          'length', v.length, 'devstatus', v.devstatus, 'description', nullif(v.description, ''),
          'image', (select s.cover from vn_stats s where s.id = v.id),
          'votecount', coalesce((select s.votecount from vn_stats s where s.id = v.id), 0),
          'rating', (select s.rating from vn_stats s where s.id = v.id),
          'releases', (${sql.literal(releasesOf)})
        )::text end as json,
        json_build_object('title', v.title, 'olang', v.olang, 'length', v.length, 'devstatus', v.devstatus,
          'votecount', coalesce((select s.votecount from vn_stats s where s.id = v.id), 0),
          'rating', (select s.rating from vn_stats s where s.id = v.id)) as fields
      from wanted left join shown v on v.id = wanted.id left join entry_meta m on m.id = wanted.id`)

/** The releases of visual novels by themselves. */
export const deriveReleasesOfVns = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<View.DerivedPart>`
      with wanted as (select value as id from json_array_elements_text(${JSON.stringify(input.ids)}::json)),
      release_titles as (${sql.literal(releaseTitles)} where t.id in (
        select id from releases_vn where vid in (select id from wanted)
      ))
      select wanted.id, ${sql.literal(snapshotVersion)} as version,
        case when v.id is null then null else (${sql.literal(releasesOf)})::text end as json, '{}'::json as fields
      from wanted left join vn v on v.id = wanted.id and v.deleted_at is null`)

/** Releases with their titles and the titles of their visual novels. */
export const deriveReleases = (input: { readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<View.Derived>`
      with wanted as (select value as id from json_array_elements_text(${JSON.stringify(input.ids)}::json)),
      release_titles as (${sql.literal(releaseTitles)} where t.id in (select id from wanted)),
      shown as (
        select r.*, ${sql.literal(displayTitle)} from releases r
        join release_titles main on main.id = r.id and main.lang = r.olang
      )
      select wanted.id, ${sql.literal(snapshotVersion)} as version, coalesce(m.revision, 0) as revision,
        case when r.id is null then null else json_build_object(
          'id', r.id, 'revision', m.revision, 'title', r.title, 'alttitle', r.alttitle, 'olang', r.olang,
          'languages', (
            select json_agg(json_build_object('lang', l.lang, 'mtl', l.mtl, 'title', l.title, 'latin', l.latin)
              order by l.lang <> r.olang, l.lang) from release_titles l where l.id = r.id
          ),
          'released', r.released, 'official', r.official, 'patch', r.patch, 'freeware', r.freeware,
          'has_ero', r.has_ero, 'minage', r.minage, 'notes', nullif(r.notes, ''),
          'vns', (
            select coalesce(json_agg(json_build_object('id', v.id, 'type', rv.rtype,
              'title', coalesce(vt.latin, vt.title),
              'alttitle', case when vt.latin is null then null else vt.title end) order by length(v.id), v.id), '[]')
            from releases_vn rv join vn v on v.id = rv.vid and v.deleted_at is null
            join vn_titles vt on vt.id = v.id and vt.lang = v.olang
            where rv.id = r.id
          )
        )::text end as json,
        json_build_object('title', r.title, 'olang', r.olang, 'released', r.released) as fields
      from wanted left join shown r on r.id = wanted.id left join entry_meta m on m.id = wanted.id`)
