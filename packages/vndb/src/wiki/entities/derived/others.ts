/** What is derived about characters, images, tags and traits, by the rules of VNDB, restated. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Derivation } from "./Derivation.ts"

/**
 * The language in which the name of a character is shown: that of a visual novel they appear in, shown ones first, then the
 * earliest.
 */
export const characterLanguage: Derivation = {
  table: "char_stats",
  about: "id",
  key: ["id"],
  values: ["lang"],
  all: "select id from chars",
  deletes: true,
  before: "",
  select: () => `
    select distinct on (n.id) n.id, n.lang from wanted join chars_names n on n.id = wanted.id
    left join chars_vns x on x.id = n.id
    left join vn v on v.id = x.vid and v.olang = n.lang and v.deleted_at is null
    left join vn_stats s on s.id = v.id
    order by n.id, v.id is null, v.hidden, s.released nulls last, n.lang`
}

/** Traits with every trait above them, up to fifteen steps. */
export const inheritedTraits: Derivation = {
  table: "traits_chars",
  about: "cid",
  key: ["cid", "tid"],
  values: ["spoil", "lie"],
  all: "select id from chars",
  deletes: true,
  before: `direct as materialized (
      select x.id as cid, x.tid, x.spoil, x.lie from wanted join active_chars c on c.id = wanted.id
      join chars_traits x on x.id = c.id join active_traits i on i.id = x.tid
    ),
    up (tid, above, steps) as (
      select tid, tid, 0 from (select distinct tid from direct) as start
      union select up.tid, p.parent, up.steps + 1 from up join traits_parents p on p.id = up.above where up.steps < 15
    ),
    ways as materialized (
      select distinct up.tid, up.above from up join active_traits i on i.id = up.above and i.searchable
    ),`,
  select: () => `
    select d.cid, w.above as tid, min(d.spoil) as spoil, bool_and(d.lie) as lie
    from direct d join ways w on w.tid = d.tid group by 1, 2`
}

/** Characters whose traits change when something about a trait does. */
export const charactersBelowTrait = (input: { readonly id: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`with recursive below(id) as (
          select ${input.id}::text union select p.id from below join traits_parents p on p.parent = below.id
        )
        select distinct x.id from below join chars_traits x on x.tid = below.id`,
      (rows) => rows.map(({ id }) => id)
    ))

/** How many visual novels have a tag. */
export const tagCounts: Derivation = {
  table: "tag_stats",
  about: "id",
  key: ["id"],
  values: ["items"],
  all: "select id from tags",
  deletes: false,
  before: "",
  select: () => `
    select g.id, count(i.vid)::integer as items from wanted join tags g on g.id = wanted.id
    left join tags_vn_inherit i on i.tag = g.id group by 1`
}

/** How many characters have a trait. */
export const traitCounts: Derivation = {
  table: "trait_stats",
  about: "id",
  key: ["id"],
  values: ["items"],
  all: "select id from traits",
  deletes: false,
  before: "",
  select: () => `
    select t.id, count(i.cid)::integer as items from wanted join traits t on t.id = wanted.id
    left join traits_chars i on i.tid = t.id group by 1`
}

/**
 * Flags of images, times a hundred: the mean of the votes, of people with more than thirty votes where there are such. Where
 * nobody has voted there is no row, and pages show 200.
 */
export const imageFlags: Derivation = {
  table: "image_stats",
  about: "id",
  key: ["id"],
  values: ["votecount", "sexual_avg", "sexual_stddev", "violence_avg", "violence_stddev"],
  all: "select id from images",
  deletes: true,
  before: `voters as materialized (
      select uid, count(*) > 30 as seasoned from image_votes where uid in (
        select v.uid from wanted join image_votes v on v.id = wanted.id
      ) group by uid
    ),
    counted as (
      select v.id, v.sexual, v.violence, coalesce(p.seasoned, false) as seasoned,
        bool_or(coalesce(p.seasoned, false)) over (partition by v.id) as has_seasoned
      from wanted join image_votes v on v.id = wanted.id left join voters p on p.uid = v.uid where not v.ignore
    ),
    heard as (select * from counted where seasoned or not has_seasoned),`,
  select: () => `
    select i.id, count(h.id)::smallint as votecount,
      round(avg(h.sexual) * 100)::smallint as sexual_avg, round(stddev_pop(h.sexual) * 100)::smallint as sexual_stddev,
      round(avg(h.violence) * 100)::smallint as violence_avg,
      round(stddev_pop(h.violence) * 100)::smallint as violence_stddev
    from wanted join images i on i.id = wanted.id join heard h on h.id = i.id group by 1`
}
