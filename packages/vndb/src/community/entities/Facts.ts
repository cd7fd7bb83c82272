/**
 * What the documents of lists, users and tokens are made of: one JSON object for each, read together with the version of the
 * snapshot, as `wiki/entities/facts` does for pages.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { byNumber, list, snapshotVersion } from "../../wiki/entities/facts/sql.ts"

export type Kind = "ulist" | "rlist" | "user" | "token"

export interface Facts<A> {
  readonly id: string
  readonly version: bigint
  /** Null for what is not there. */
  readonly facts: A | null
}

/** The facts of these documents, one result for each id. */
export const findFacts = <A>(input: { readonly kind: Kind; readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql.unsafe<Facts<A>>(statements[input.kind], [JSON.stringify(input.ids)])
  )

/** Ids of all documents of a kind, those behind `after`. */
export const allIds = (input: { readonly kind: Kind; readonly after: string | undefined; readonly limit: number }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const [first = "", second = ""] = (input.after ?? "").split(".")
    return Effect.map(
      sql.unsafe<{ id: string }>(keys[input.kind], [first, second, input.limit]),
      (rows) => rows.map(({ id }) => id)
    )
  })

/** Rows of lists (`u2.v17`) that show a release among these: of people who have it on their list. */
export const rowsWithReleases = (input: {
  readonly releases: ReadonlyArray<string>
  /** Visual novels that a release belonged to before. */
  readonly vns: ReadonlyArray<string>
  /** Only of this person. */
  readonly user?: string
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`
        with wanted (id) as (select jsonb_array_elements_text(${JSON.stringify(input.releases)}::jsonb)),
        linked (id) as (
          select x.vid from wanted join releases_vn x on x.id = wanted.id
          union select jsonb_array_elements_text(${JSON.stringify(input.vns)}::jsonb)
        ),
        people (uid) as (
          select ${input.user ?? null}::text where ${input.user ?? null}::text is not null
          union select r.uid from wanted join rlists r on r.rid = wanted.id where ${input.user ?? null}::text is null
        )
        select l.uid || '.' || l.vid as id from people join ulist_vns l on l.uid = people.uid
        join linked on linked.id = l.vid`,
      (rows) => rows.map(({ id }) => id)
    ))

const statement = (from: string, there: string, members: string): string => `
  select wanted.id, ${snapshotVersion} as version,
    case when ${there} is null then null else json_build_object(${members}) end as facts
  from json_array_elements_text($1::json) as wanted(id) ${from}`

const seconds = (column: string): string => `extract(epoch from ${column})::bigint`
/** As YYYYMMDD. */
const day = (column: string): string => `to_char(${column}, 'YYYYMMDD')::integer`

/** Labels of a row, with the names of those that everybody has. */
const labels = list(
  `'id', x.id, 'label', coalesce(b.label,
      (array['Playing', 'Finished', 'Stalled', 'Dropped', 'Wishlist', 'Blacklist', 'Voted'])[x.id], ''),
    'private', coalesce(b.private, false)`,
  `from unnest(l.labels) as x(id) left join ulist_labels b on b.uid = l.uid and b.id = x.id`,
  "x.id"
)

const releases = list(
  `'id', r.rid, 'list_status', r.status`,
  `from rlists r join releases_vn x on x.id = r.rid and x.vid = l.vid join active_releases a on a.id = r.rid
    where r.uid = l.uid`,
  byNumber("r.rid")
)

/** Whether a row has a label that everybody sees. */
const isOpen = `exists (
  select from unnest(l.labels) as x(id) left join ulist_labels b on b.uid = l.uid and b.id = x.id
  where not coalesce(b.private, false)
)`

const statements: Readonly<Record<Kind, string>> = {
  ulist: statement(
    `left join ulist_vns l on l.uid = split_part(wanted.id, '.', 1) and l.vid = split_part(wanted.id, '.', 2)`,
    "l.uid",
    `'user', l.uid, 'vn', l.vid, 'added', ${seconds("l.added")}, 'lastmod', ${seconds("l.lastmod")},
      'voted', ${seconds("l.vote_date")}, 'vote', l.vote, 'started', ${day("l.started")},
      'finished', ${day("l.finished")}, 'notes', l.notes, 'labels', ${labels}, 'releases', ${releases}`
  ),
  rlist: statement(
    `left join rlists r on r.uid = split_part(wanted.id, '.', 1) and r.rid = split_part(wanted.id, '.', 2)`,
    "r.uid",
    `'user', r.uid, 'release', r.rid, 'status', r.status`
  ),
  user: statement(
    `left join users u on u.id = wanted.id and u.deleted_at is null
     left join lateral (
       select count(*) as n, coalesce(sum(v.length), 0) as total from vn_length_votes v where v.uid = u.id
     ) lengths on true
     left join lateral (
       select json_agg(json_build_object('id', b.id, 'label', b.label, 'private', b.private,
         'count', coalesce(c.n, 0), 'open', coalesce(c.open, 0))
         order by least(b.id, 10), case when b.id >= 10 then b.label end, b.id) as labels
       from ulist_labels b left join (
         select x.id, count(*) as n, count(*) filter (where ${isOpen}) as open
         from ulist_vns l cross join unnest(l.labels) as x(id) where l.uid = u.id group by x.id
       ) c on c.id = b.id
       where b.uid = u.id
     ) held on true`,
    "u.id",
    `'username', u.username, 'lengthvotes', lengths.n, 'lengthvotes_sum', lengths.total,
      'labels', coalesce(held.labels, '[]')`
  ),
  token: statement(
    `left join api_tokens t on t.id = wanted.id`,
    "t.id",
    `'uid', t.uid, 'listread', t.listread, 'listwrite', t.listwrite`
  )
}

const keys: Readonly<Record<Kind, string>> = {
  ulist: `select uid || '.' || vid as id from ulist_vns where (uid, vid) > ($1, $2) order by uid, vid limit $3`,
  rlist: `select uid || '.' || rid as id from rlists where (uid, rid) > ($1, $2) order by uid, rid limit $3`,
  user: `select id from users where deleted_at is null and (id, '') > ($1, $2) order by id limit $3`,
  token: `select id from api_tokens where (id, '') > ($1, $2) order by id limit $3`
}
