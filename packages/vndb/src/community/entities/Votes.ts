/** Votes of users in PostgreSQL. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export interface TagVoteRow {
  readonly tag: string
  readonly vote: number
  readonly spoiler: number | null
  readonly lie: boolean | null
  readonly notes: string
}

/** Writes these votes and takes back those of zero. */
export const putTagVotes = (input: {
  readonly uid: string
  readonly vid: string
  readonly votes: ReadonlyArray<TagVoteRow>
  readonly day: string
}) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const votes = JSON.stringify(input.votes)
    yield* sql`delete from tags_vn t using jsonb_to_recordset(${votes}::jsonb) as v (tag text, vote smallint)
      where t.uid = ${input.uid} and t.vid = ${input.vid} and t.tag = v.tag and v.vote = 0`
    yield* sql`insert into tags_vn (date, tag, vid, uid, vote, spoiler, ignore, lie, notes)
      select ${input.day}::date, tag, ${input.vid}, ${input.uid}, vote, spoiler, false, lie, notes
      from jsonb_to_recordset(${votes}::jsonb) as v (tag text, vote smallint, spoiler smallint, lie boolean, notes text)
      where vote <> 0
      on conflict (tag, vid, uid) do update set date = excluded.date, vote = excluded.vote, spoiler = excluded.spoiler,
        lie = excluded.lie, notes = excluded.notes`
  })

/** Tags that may not be voted for. */
export const inapplicableTags = (input: { readonly tags: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from jsonb_array_elements_text(${JSON.stringify(input.tags)}::jsonb) as wanted(id)
        where not exists (select from active_tags g where g.id = wanted.id and g.applicable)`,
      (rows) => rows.map(({ id }) => id)
    ))

/** Images that somebody has voted on, as far as it matters how many: some more than the first thirty. */
export const imagesVotedOn = (input: { readonly uid: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from image_votes where uid = ${input.uid} limit 31`,
      (rows) => rows.map(({ id }) => id)
    ))

export const putImageVote = (input: {
  readonly uid: string
  readonly id: string
  readonly sexual: number
  readonly violence: number
  readonly day: string
}) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql`insert into image_votes (id, uid, date, sexual, violence, ignore)
      values (${input.id}, ${input.uid}, ${input.day}::date, ${input.sexual}, ${input.violence}, false)
      on conflict (uid, id) do update set date = excluded.date, sexual = excluded.sexual, violence = excluded.violence`)

/** One vote of somebody for one set of releases. */
export const putLengthVote = (input: {
  readonly uid: string
  readonly vid: string
  readonly length: number
  readonly speed: number | null
  readonly releases: ReadonlyArray<string>
  readonly lang: ReadonlyArray<string> | null
  readonly notes: string
  readonly day: string
}) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rid = `{${[...new Set(input.releases)].toSorted().join(",")}}`
    const lang = input.lang === null ? null : `{${input.lang.join(",")}}`
    yield* sql`delete from vn_length_votes where uid = ${input.uid} and vid = ${input.vid} 
      and rid @> ${rid}::text[] and rid <@ ${rid}::text[]`
    yield* sql`insert into vn_length_votes (vid, uid, date, length, speed, rid, notes, lang)
      values (${input.vid}, ${input.uid}, ${input.day}::date, ${input.length}, ${input.speed}, ${rid}::text[], ${input.notes},
        ${lang}::text[])`
  })

/** False if there were none. */
export const removeLengthVotes = (input: { readonly uid: string; readonly vid: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`delete from vn_length_votes where uid = ${input.uid} and vid = ${input.vid} returning vid`,
      (rows) => rows.length > 0
    ))

/** Of these releases, those that are not of the visual novel, or not there. */
export const notReleases = (input: { readonly vid: string; readonly releases: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`select id from jsonb_array_elements_text(${
        JSON.stringify(input.releases)
      }::jsonb) as wanted(id)
        where not exists (
          select from releases_vn x join active_releases r on r.id = x.id where x.vid = ${input.vid} and r.id = wanted.id
        )`,
      (rows) => rows.map(({ id }) => id)
    ))

/** Exactly these images. */
export const putCoverVotes = (
  input: { readonly uid: string; readonly vid: string; readonly images: ReadonlyArray<string> }
) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`delete from vn_image_votes where uid = ${input.uid} and vid = ${input.vid}`
    yield* sql`insert into vn_image_votes (vid, uid, img)
      select ${input.vid}, ${input.uid}, img from jsonb_array_elements_text(${
      JSON.stringify(input.images)
    }::jsonb) as i (img)`
  })

/** Images that cannot be the cover of a visual novel, among these. */
export const notCovers = (input: { readonly vid: string; readonly images: ReadonlyArray<string> }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ img: string }>`select img from jsonb_array_elements_text(${
        JSON.stringify(input.images)
      }::jsonb) as wanted(img)
        where not exists (
          select from releases_vn x join active_releases r on r.id = x.id join releases_images i on i.id = r.id
          where x.vid = ${input.vid} and i.img = wanted.img and (i.vid is null or i.vid = x.vid)
            and i.itype in ('pkgfront', 'dig')
        )`,
      (rows) => rows.map(({ img }) => img)
    ))
