/** The facts of producers, staff, tags, traits, quotes and pages of documentation. */
import type { FactsQuery } from "../facts.ts"
import { byNumber, extlinks, list, named, titled, wikidata } from "./sql.ts"

export const producerFacts: FactsQuery = {
  from: "left join active_producers p on p.id = wanted.id",
  key: "p.id",
  meta: "wanted.id",
  select: `'row', to_json(p), 'extlinks', ${extlinks("producers_extlinks", "p.id")},
    'wikidata', ${wikidata("producers_extlinks", "p.id")},
    'relations', ${
    list(
      `'id', o.id, 'relation', x.relation, ${named("o")}`,
      "from producers_relations x join active_producers o on o.id = x.pid where x.id = p.id",
      byNumber("o.id")
    )
  }`
}

/** One page for each alias: `s1.12` is alias 12 of s1. */
export const staffFacts: FactsQuery = {
  from: `left join staff_alias a on a.id = split_part(wanted.id, '.', 1) and a.aid::text = split_part(wanted.id, '.', 2)
    left join active_staff s on s.id = a.id`,
  key: "s.id",
  meta: "split_part(wanted.id, '.', 1)",
  select: `'row', to_json(s), 'alias', to_json(a), 'extlinks', ${extlinks("staff_extlinks", "s.id")},
    'wikidata', ${wikidata("staff_extlinks", "s.id")},
    'aliases', ${
    list(
      `'aid', x.aid, 'name', x.name, 'latin', x.latin, 'ismain', x.aid = s.main`,
      "from staff_alias x where x.id = s.id",
      "x.aid"
    )
  },
    'credits', ${
    list(
      `'id', x.id, 'role', x.role, ${titled("t")}`,
      `from (select distinct id, role from vn_staff where aid = a.aid
          union select distinct id, 'seiyuu' from vn_seiyuu where aid = a.aid) x
        join active_vn v on v.id = x.id join vn_titles t on t.id = v.id and t.lang = v.olang`,
      `${byNumber("x.id")}, x.role`
    )
  }`
}

const word = (table: "tags" | "traits", parents: string): string =>
  `'row', to_json(w), 'items', coalesce(s.items, 0), 'parents', ${
    list(
      `'id', o.id, 'name', o.name, 'main', x.main`,
      `from ${parents} x join active_${table} o on o.id = x.parent where x.id = w.id`,
      `not x.main, ${byNumber("o.id")}`
    )
  }`

export const tagFacts: FactsQuery = {
  from: "left join active_tags w on w.id = wanted.id left join tag_stats s on s.id = w.id",
  key: "w.id",
  meta: "wanted.id",
  select: word("tags", "tags_parents")
}

export const traitFacts: FactsQuery = {
  from: `left join active_traits w on w.id = wanted.id left join trait_stats s on s.id = w.id
    left join active_traits g on g.id = w.gid`,
  key: "w.id",
  meta: "wanted.id",
  select: `${word("traits", "traits_parents")}, 'group', g.name`
}

export const quoteFacts: FactsQuery = {
  from: `left join active_quotes q on q.id = wanted.id
    left join active_vn v on v.id = q.vid left join vn_titles t on t.id = v.id and t.lang = v.olang`,
  key: "v.id",
  meta: "wanted.id",
  select: `'row', to_json(q), 'vn', json_build_object('id', v.id, ${titled("t")}),
    'character', (select json_build_object('id', c.id, ${named("n")}) from active_chars c
      join char_stats k on k.id = c.id join chars_names n on n.id = c.id and n.lang = k.lang where c.id = q.cid),
    'share', (select json_build_object('before', coalesce(sum(o.score) filter (where (length(o.id), o.id) < (length(q.id), q.id)), 0),
      'total', coalesce(sum(o.score), 0)) from active_quotes o where o.vid = q.vid and o.score > 0)`
}

export const docFacts: FactsQuery = {
  from: "left join active_docs d on d.id = wanted.id",
  key: "d.id",
  meta: "wanted.id",
  select: "'row', to_json(d)"
}
