/** Pieces of SQL that the facts of several kinds share. */

/** Members `{name, original}` of something named by the columns `name` and `latin` of an alias. */
export const named = (alias: string): string =>
  `'name', coalesce(${alias}.latin, ${alias}.name),
   'original', case when ${alias}.latin <> ${alias}.name then ${alias}.name end`

/** Members `{title, alttitle}` from a row of titles. */
export const titled = (alias: string): string =>
  `'title', coalesce(${alias}.latin, ${alias}.title),
   'alttitle', case when ${alias}.latin <> ${alias}.title then ${alias}.title end`

/** A subquery that gives a list; an empty one when there is nothing. */
export const list = (members: string, from: string, order: string): string =>
  `(select coalesce(json_agg(json_build_object(${members}) order by ${order}), '[]') ${from})`

/** Order of ids by their numbers. */
export const byNumber = (column: string): string => `length(${column}), ${column}`

/** An image with its flags; null when there is none. Nobody's vote counts as the highest. */
export const image = (column: string): string =>
  `(select json_build_object('id', i.id, 'width', i.width, 'height', i.height, 'votecount', coalesce(st.votecount, 0),
    'sexual', coalesce(st.sexual_avg, 200), 'violence', coalesce(st.violence_avg, 200))
    from images i left join image_stats st on st.id = i.id where i.id = ${column})`

/** Links of an entry to other sites. */
export const extlinks = (table: string, id: string): string =>
  list(
    `'site', l.site, 'value', l.value`,
    `from ${table} x join extlinks l on l.id = x.link where x.id = ${id}`,
    `l.site, l.value`
  )

/** What Wikidata knows of an entry that links to it; the row of the first such link. Looked up by number: rows are many. */
export const wikidata = (table: string, id: string): string =>
  `(select json_strip_nulls(to_json(w)) from ${table} x join extlinks l on l.id = x.link and l.site = 'wikidata'
    join wikidata w on w.id = substring(l.value from '^Q?([0-9]{1,9})$')::int where x.id = ${id} order by w.id limit 1)`

/** Titles of releases: a title of null is that of the release's own language. */
export const releaseTitles = (release: string): string =>
  `(
  select t.lang, t.mtl, coalesce(t.title, main_title.title) as title, case when t.title is null then main_title.latin else t.latin end as latin
  from releases_titles t join releases_titles main_title on main_title.id = t.id and main_title.lang = ${release}.olang
  where t.id = ${release}.id
)`

/** Transactions that had ended when this statement's snapshot was taken; see `@kanau/views` View. */
export const snapshotVersion = `(
  select pg_snapshot_xmax(snapshot)::text::bigint - (select count(*) from pg_snapshot_xip(snapshot))
  from pg_current_snapshot() as snapshot
)`
