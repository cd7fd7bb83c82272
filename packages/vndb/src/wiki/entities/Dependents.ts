/** Which pages show something of an entry, looked up from the entry. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** A lookup by one id: `$1`, as text. */
const lookup = (statement: string) => (id: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Effect.map(sql.unsafe<{ id: string }>(statement, [id]), (rows) => rows.map((row) => row.id))
  )

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

/** Staff by the numbers of their aliases. */
export const staffOfAliases = (input: { readonly aids: ReadonlyArray<number> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select distinct id from staff_alias where aid = any(${`{${input.aids.join(",")}}`}::int[])`,
      (rows) => rows.map(({ id }) => id)
    ))
