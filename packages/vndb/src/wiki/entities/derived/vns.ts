/** What is derived about visual novels, by the rules of VNDB (its `update_vncache` and `update_vnvotestats`, restated). */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Derivation } from "./Derivation.ts"

const releases = `releases_vn x join active_releases r on r.id = x.id`

/** Images of official releases that show the visual novel, the one with the most votes first; see {@link figures}. */
const cover = `(
  select i.img from ${releases} join releases_images i on i.id = r.id and (i.vid is null or i.vid = x.vid)
  cross join lateral (select
    exists (select from releases_titles t where t.id = r.id and t.lang = v.olang and not t.mtl)
      and (i.lang is null or v.olang = any(i.lang)) as original,
    i.vid is null and (select count(*) from releases_vn b where b.id = r.id) > 1 as bundle,
    (select count(*) from vn_image_votes w where w.vid = v.id and w.img = i.img) as votes
  ) facts
  where x.vid = v.id and r.official and i.itype in ('pkgfront', 'dig')
  order by facts.votes - case when r.patch or not facts.original or facts.bundle then 3 else 0 end desc,
    facts.original desc, r.patch, facts.bundle, array_position(array['complete', 'partial', 'trial'], x.rtype),
    r.released desc, i.vid is null, i.itype = 'pkgfront' desc, length(i.img), i.img
  limit 1
)`

/** When it came out, what it can be read in and on by now, who made it, its cover, and how long it takes. */
export const figures: Derivation = {
  table: "vn_stats",
  about: "id",
  key: ["id"],
  values: ["released", "languages", "platforms", "developers", "cover", "length", "lengthnum"],
  all: "select id from vn",
  deletes: false,
  before: "",
  select: (today) => `
    select v.id, (
        select min(r.released) from ${releases}
        where x.vid = v.id and r.official and x.rtype <> 'trial' and r.released <> 0
      ) as released,
      array(
        select distinct t.lang from ${releases} join releases_titles t on t.id = r.id
        where x.vid = v.id and not t.mtl and x.rtype <> 'trial' and r.released <= ${today} order by 1
      ) as languages,
      array(
        select distinct p.platform from ${releases} join releases_platforms p on p.id = r.id
        where x.vid = v.id and x.rtype <> 'trial' and r.released <= ${today} order by 1
      ) as platforms,
      array(
        select distinct p.pid from ${releases} join releases_producers p on p.id = r.id
        where x.vid = v.id and r.official and p.developer order by 1
      ) as developers,
      coalesce(${cover}, v.image) as cover, lengths.length, lengths.lengthnum
    from wanted join vn v on v.id = wanted.id
    cross join lateral (
      select round(percentile_cont(0.5) within group (order by l.length + trunc(l.length / 4) * (l.speed - 1)))::smallint as length,
        count(*)::smallint as lengthnum
      from vn_length_votes l left join users u on u.id = l.uid
      where l.vid = v.id and l.speed is not null and v.devstatus <> 1 and u.perm_lengthvote is not false
    ) lengths`
}

/** How many have voted, and the sum of their votes; with those that the dump knows of and that were not imported. */
export const votes: Derivation = {
  table: "vn_stats",
  about: "id",
  key: ["id"],
  values: ["votecount", "vote_sum"],
  all: "select id from vn",
  deletes: false,
  before: "",
  select: () => `
    select v.id, (coalesce(d.votecount, 0) + here.n)::integer as votecount,
      (round(coalesce(d.votecount * d.average, 0) / 10.0) + here.total)::integer as vote_sum
    from wanted join vn v on v.id = wanted.id left join vn_dumped d on d.id = v.id
    cross join lateral (
      select count(*) as n, coalesce(sum(l.vote), 0) as total from ulist_vns l join users u on u.id = l.uid
      where l.vid = v.id and l.vote is not null and not u.ign_votes and u.deleted_at is null
    ) here`
}

/**
 * Average and rating of all visual novels: a rating depends on all others, by their mean and by rank. Those whose rating or average
 * has changed.
 */
export const rate = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql<{ id: string }>`with counted as materialized (
        select s.id, s.votecount as n, s.vote_sum::float8 as total from vn_stats s join active_vn v on v.id = s.id
        where s.votecount > 0
      ),
      mean as (select avg(total / n) as a from counted),
      weighed as (select id, n, total, 7 * (1 - least(1, n / 100.0::float8)) as p from counted),
      rated as materialized (select id, n, total, (p * a + total) / (p + n) as rating from weighed, mean),
      caps as (select
        (select rating from rated where n >= 50 order by rating desc offset 101 limit 1) as below_fifty,
        (select rating from rated where n >= 100 order by rating desc offset 51 limit 1) as below_hundred
      ),
      fresh as (
        select id, round((total / n * 10)::numeric)::smallint as average, round((10 * case
          when n < 5 then null when n < 50 then least(rating, below_fifty) when n < 100 then least(rating, below_hundred) else rating end
        )::numeric)::smallint as rating
        from rated, caps
      )
      update vn_stats s set average = f.average, rating = f.rating
      from vn_stats o left join fresh f on f.id = o.id
      where s.id = o.id and row(o.average, o.rating) is distinct from row(f.average, f.rating) returning s.id`
)

/** Tags by vote: `rating` is how much they apply, 0 to 3. */
export const directTags: Derivation = {
  table: "tags_vn_direct",
  about: "vid",
  key: ["vid", "tag"],
  values: ["rating", "spoiler", "lie"],
  all: "select id from vn",
  deletes: true,
  before: "",
  select: () => `
    select t.vid, t.tag,
      round(coalesce(avg(t.vote) filter (where t.vote > 0), 3) * sum(sign(t.vote))::numeric / count(*), 4)::real as rating,
      case when count(t.spoiler) = 0 then g.defaultspoil when avg(t.spoiler) > 1.3 then 2 when avg(t.spoiler) > 0.4 then 1
        else 0 end::smallint as spoiler,
      count(*) filter (where t.lie) > 0
        and count(*) filter (where t.lie) >= count(*) filter (where not t.lie) as lie
    from wanted join active_vn v on v.id = wanted.id join tags_vn t on t.vid = v.id
    join active_tags g on g.id = t.tag left join users u on u.id = t.uid
    where not t.ignore and u.perm_tag is not false
    group by t.vid, t.tag, g.defaultspoil having sum(sign(t.vote)) > 0`
}

/** Those with every tag above them, by all ways that lead there, up to fifteen steps. */
export const inheritedTags: Derivation = {
  table: "tags_vn_inherit",
  about: "vid",
  key: ["vid", "tag"],
  values: ["rating", "spoiler", "lie"],
  all: "select id from vn",
  deletes: true,
  before: `direct as materialized (select d.* from wanted join tags_vn_direct d on d.vid = wanted.id),
    up (tag, above, steps) as (
      select tag, tag, 0 from (select distinct tag from direct) as start
      union all select up.tag, p.parent, up.steps + 1 from up join tags_parents p on p.id = up.above where up.steps < 15
    ),
    ways as materialized (
      select up.tag, up.above, count(*) as n from up join active_tags g on g.id = up.above and g.searchable group by 1, 2
    ),`,
  select: () => `
    select d.vid, w.above as tag, round(sum(d.rating::numeric * w.n) / sum(w.n), 4)::real as rating,
      min(d.spoiler) as spoiler, bool_and(d.lie) as lie
    from direct d join ways w on w.tag = d.tag group by 1, 2`
}

/** Visual novels whose tags change when something about a tag does: those tagged with it or with a tag below it. */
export const vnsBelowTag = (input: { readonly id: string }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: string }>`with recursive below(id) as (
          select ${input.id}::text union select p.id from below join tags_parents p on p.parent = below.id
        )
        select distinct t.vid as id from below join tags_vn t on t.tag = below.id`,
      (rows) => rows.map(({ id }) => id)
    ))
