/** The facts of a visual novel. */
import type { FactsQuery } from "../facts.ts"
import { byNumber, extlinks, image, list, named, releaseTitles, titled, wikidata } from "./sql.ts"

const relations = list(
  `'id', o.id, 'relation', x.relation, 'relation_official', x.official, ${titled("t")}`,
  `from vn_relations x join active_vn o on o.id = x.vid
    join vn_titles t on t.id = o.id and t.lang = o.olang where x.id = v.id`,
  byNumber("o.id")
)

export const tags = list(
  `'id', d.tag, 'rating', d.rating, 'spoiler', d.spoiler, 'lie', d.lie, 'name', g.name, 'category', g.cat`,
  `from tags_vn_direct d join active_tags g on g.id = d.tag where d.vid = v.id`,
  `d.rating desc, ${byNumber("d.tag")}`
)

/** With the tags above them. */
export const inherited =
  `(select coalesce(json_agg(json_build_object('t', i.tag, 's', i.spoiler, 'l', i.rating, 'x', i.lie)
      order by i.tag), '[]') from tags_vn_inherit i where i.vid = v.id)`

const staff = list(
  `'eid', x.eid, 'role', x.role, 'note', nullif(x.note, ''), 'id', s.id, 'aid', a.aid, 'ismain', s.main = a.aid,
    ${named("a")}, 'lang', s.lang, 'gender', nullif(s.gender, '')`,
  `from vn_staff x join staff_alias a on a.aid = x.aid join active_staff s on s.id = a.id where x.id = v.id`,
  `x.eid nulls first, x.role, x.aid`
)

const voices = list(
  `'note', nullif(x.note, ''),
    'staff', json_build_object('id', s.id, 'aid', a.aid, 'ismain', s.main = a.aid, ${named("a")}, 'lang', s.lang,
      'gender', nullif(s.gender, '')),
    'character', json_build_object('id', c.id, ${named("n")})`,
  `from vn_seiyuu x join staff_alias a on a.aid = x.aid join active_staff s on s.id = a.id
    join active_chars c on c.id = x.cid
    join chars_names n on n.id = c.id and n.lang = (select k.lang from char_stats k where k.id = c.id)
    where x.id = v.id`,
  `${byNumber("c.id")}, x.aid`
)

const screenshots = list(
  `'image', ${image("x.scr")}, 'release', (
    select json_build_object('id', r.id, ${titled("t")}) from active_releases r
    cross join lateral ${releaseTitles("r")} t where r.id = x.rid and t.lang = r.olang
  )`,
  `from vn_screenshots x where x.id = v.id`,
  byNumber("x.scr")
)

export const releases = list(
  `'id', r.id, ${titled("t")}, 'rtype', x.rtype, 'released', r.released, 'official', r.official, 'patch', r.patch,
    'freeware', r.freeware, 'minage', r.minage,
    'languages', (select json_agg(json_build_object('lang', l.lang, 'mtl', l.mtl) order by l.lang <> r.olang, l.lang)
      from releases_titles l where l.id = r.id),
    'platforms', array(select p.platform from releases_platforms p where p.id = r.id order by 1)`,
  `from releases_vn x join active_releases r on r.id = x.id
    cross join lateral ${releaseTitles("r")} t where x.vid = v.id and t.lang = r.olang`,
  `r.released, ${byNumber("r.id")}`
)

export const vnFacts: FactsQuery = {
  from: `left join active_vn v on v.id = wanted.id left join vn_stats s on s.id = v.id`,
  key: "v.id",
  meta: "wanted.id",
  select: `'row', to_json(v), 'stats', to_json(s), 'cover', ${image("s.cover")},
    'titles', ${
    list(
      `'lang', t.lang, 'title', t.title, 'latin', t.latin, 'official', t.official, 'main', t.lang = v.olang`,
      "from vn_titles t where t.id = v.id",
      "t.lang <> v.olang, t.lang"
    )
  },
    'relations', ${relations}, 'tags', ${tags},
    'inherited', ${inherited},
    'developers', ${
    list(
      `'id', p.id, ${named("p")}`,
      "from active_producers p where p.id = any(s.developers)",
      byNumber("p.id")
    )
  },
    'editions', ${
    list(
      `'eid', e.eid, 'lang', e.lang, 'name', e.name, 'official', e.official`,
      "from vn_editions e where e.id = v.id",
      "e.eid"
    )
  },
    'staff', ${staff}, 'va', ${voices}, 'screenshots', ${screenshots}, 'releases', ${releases},
    'extlinks', ${extlinks("vn_extlinks", "v.id")}, 'wikidata', ${wikidata("vn_extlinks", "v.id")},
    'anime', array(select a.aid from vn_anime a where a.id = v.id order by 1),
    'releaseTitles', (select coalesce(json_agg(distinct word), '[]') from releases_vn x
      join active_releases r on r.id = x.id join releases_titles t on t.id = r.id
      cross join lateral (values (t.title), (t.latin)) as words(word) where x.vid = v.id and word is not null)`
}
