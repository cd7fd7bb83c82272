/**
 * Which pages show something of an entry, looked up from the entry. What concurrent fibers look up in the same way at the same
 * time is one statement, so hundreds of events cost as many questions as one. Not for use inside transactions: what a
 * transaction has written is not seen.
 */
import { Effect, Exit, Request, RequestResolver } from "effect"
import { SqlClient, type SqlError } from "effect/sql"

class Lookup extends Request.Class<
  { readonly sql: SqlClient.SqlClient; readonly id: string },
  ReadonlyArray<string>,
  SqlError.SqlError
> {}

/** A lookup by one id, which is `$1` in the statement. */
const lookup = (statement: string) => {
  const text = `select wanted.key, found.id from json_array_elements_text($1::json) as wanted(key)
    cross join lateral (${statement.replaceAll("$1", "wanted.key")}) as found (id)`
  const resolver = RequestResolver.makeGrouped<Lookup, SqlClient.SqlClient>({
    key: ({ request }) => request.sql,
    resolver: (entries, sql) =>
      Effect.map(
        sql.unsafe<{ key: string; id: string }>(text, [JSON.stringify([...new Set(entries.map(idOf))])]),
        (rows) => {
          const found = Map.groupBy(rows, ({ key }) => key)
          for (const entry of entries) {
            entry.completeUnsafe(Exit.succeed((found.get(idOf(entry)) ?? []).map(({ id }) => id)))
          }
        }
      )
  })
  return (id: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.request(new Lookup({ sql, id }), resolver))
}

const idOf = ({ request }: Request.Entry<Lookup>): string => request.id

export const releasesOfVn = lookup(`select id from releases_vn where vid = $1`)
export const charactersOfVn = lookup(
  `select id from chars_vns where vid = $1 union select cid from vn_seiyuu where id = $1`
)
export const quotesOfVn = lookup(`select id from quotes where vid = $1`)
/** As `s1.12`. */
export const staffOfVn = lookup(`select a.id || '.' || a.aid as id from staff_alias a where a.aid in (
  select aid from vn_staff where id = $1 union select aid from vn_seiyuu where id = $1)`)

export const releasesSuperseding = lookup(`select id from releases_supersedes where rid = $1`)
export const charactersOfRelease = lookup(`select id from chars_vns where rid = $1`)
export const vnsWithScreenshotsOf = lookup(`select id from vn_screenshots where rid = $1`)

export const vnsOfProducer = lookup(`select distinct x.vid as id from releases_producers p
  join releases_vn x on x.id = p.id where p.pid = $1 and p.developer`)
export const releasesOfProducer = lookup(`select id from releases_producers where pid = $1`)
export const producersRelated = lookup(`select id from producers_relations where pid = $1`)

/** Every alias it has or had, as `s1.12`. */
export const pagesOfStaff = lookup(`select id || '.' || aid as id from staff_alias where id = $1
  union select r.id || '.' || (alias ->> 'aid') from entry_revisions r, jsonb_array_elements(r.content -> 'aliases') alias
    where r.id = $1`)
export const vnsOfStaff = lookup(`select x.id from vn_staff x join staff_alias a on a.aid = x.aid where a.id = $1
  union select x.id from vn_seiyuu x join staff_alias a on a.aid = x.aid where a.id = $1`)
export const charactersOfStaff = lookup(`select distinct x.cid as id from vn_seiyuu x
  join staff_alias a on a.aid = x.aid where a.id = $1`)

export const vnsOfCharacter = lookup(`select distinct id from vn_seiyuu where cid = $1`)
export const quotesOfCharacter = lookup(`select id from quotes where cid = $1`)
/** Entries about the same person. */
export const instancesOfCharacter = lookup(`select i.id from chars i where i.main = $1
  union select i.id from chars c join chars i on i.main = c.main or i.id = c.main where c.id = $1`)

export const vnsOfTag = lookup(`select vid as id from tags_vn_direct where tag = $1`)
export const childrenOfTag = lookup(`select id from tags_parents where parent = $1`)
export const charactersOfTrait = lookup(`select id from chars_traits where tid = $1
  union select x.id from traits i join chars_traits x on x.tid = i.id where i.gid = $1`)
export const traitsBelow = lookup(
  `select id from traits_parents where parent = $1 union select id from traits where gid = $1`
)

export const vnsOfImage = lookup(
  `select id from vn_stats where cover = $1 union select id from vn_screenshots where scr = $1`
)
export const releasesOfImage = lookup(`select id from releases_images where img = $1`)
export const charactersOfImage = lookup(`select id from chars where image = $1`)

/** Entries that link to a row of Wikidata, by its number. */
const linkedToWikidata = (table: string): string =>
  `select x.id from extlinks l join ${table} x on x.link = l.id where l.site = 'wikidata' and l.value in ($1, 'Q' || $1)`
export const vnsOfWikidata = lookup(linkedToWikidata("vn_extlinks"))
export const producersOfWikidata = lookup(linkedToWikidata("producers_extlinks"))
/** As `s1.12`. */
export const staffOfWikidata = lookup(
  `select a.id || '.' || a.aid as id from (${linkedToWikidata("staff_extlinks")}) x join staff_alias a on a.id = x.id`
)
export const releasesOfEngine = lookup(`select id from releases where engine::text = $1`)
export const releasesOfDrm = lookup(`select id from releases_drm where drm::text = $1`)

/** Staff by the numbers of their aliases. */
export const staffOfAliases = (input: { readonly aids: ReadonlyArray<number> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select distinct id from staff_alias where aid = any(${`{${input.aids.join(",")}}`}::int[])`,
      (rows) => rows.map(({ id }) => id)
    ))
