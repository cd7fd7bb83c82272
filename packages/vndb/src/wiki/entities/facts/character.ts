/** The facts of a character. */
import type { FactsQuery } from "../facts.ts"
import { byNumber, image, list, named, releaseTitles, titled } from "./sql.ts"

const vns = list(
  `'id', v.id, 'role', x.role, 'spoiler', x.spoil, ${titled("t")}, 'release', (
    select json_build_object('id', r.id, ${titled("rt")}) from active_releases r
    cross join lateral ${releaseTitles("r")} rt where r.id = x.rid and rt.lang = r.olang
  )`,
  `from chars_vns x join active_vn v on v.id = x.vid join vn_titles t on t.id = v.id and t.lang = v.olang
    where x.id = c.id`,
  `${byNumber("v.id")}, x.rid nulls first`
)

const traits = list(
  `'id', i.id, 'spoiler', x.spoil, 'lie', x.lie, 'name', i.name, 'group_id', i.gid, 'group_name', g.name,
    'sexual', i.sexual`,
  `from chars_traits x join active_traits i on i.id = x.tid left join active_traits g on g.id = i.gid where x.id = c.id`,
  `g.gorder nulls first, i.name, ${byNumber("i.id")}`
)

/** Other entries about the same person: those it is an instance of, and those that are instances of it. */
const instances = list(
  `'id', o.id, 'spoiler', o.spoil, ${named("n")}`,
  `from (
      select m.id, c.main_spoil as spoil from active_chars m where m.id = c.main
      union all select i.id, i.main_spoil from active_chars i where i.main = c.id
      union all select i.id, greatest(i.main_spoil, c.main_spoil) from active_chars i where i.main = c.main and i.id <> c.id
    ) o join char_stats k on k.id = o.id join chars_names n on n.id = o.id and n.lang = k.lang`,
  byNumber("o.id")
)

const voices = list(
  `'vn', x.id, 'note', nullif(x.note, ''), 'id', s.id, 'aid', a.aid, ${named("a")}`,
  `from vn_seiyuu x join active_vn v on v.id = x.id join staff_alias a on a.aid = x.aid
    join active_staff s on s.id = a.id where x.cid = c.id`,
  `${byNumber("x.id")}, x.aid`
)

export const characterFacts: FactsQuery = {
  from: `left join active_chars c on c.id = wanted.id left join char_stats k on k.id = c.id`,
  key: "c.id",
  meta: "wanted.id",
  select: `'row', to_json(c), 'lang', k.lang, 'image', ${image("c.image")},
    'names', ${
    list(
      `'lang', n.lang, 'name', n.name, 'latin', n.latin`,
      "from chars_names n where n.id = c.id",
      "n.lang is distinct from k.lang, n.lang"
    )
  },
    'aliases', ${
    list(
      `'name', a.name, 'latin', a.latin, 'spoiler', a.spoil`,
      "from chars_alias a where a.id = c.id",
      "a.spoil, a.name"
    )
  },
    'vns', ${vns}, 'traits', ${traits}, 'instances', ${instances}, 'voices', ${voices},
    'inherited', (select coalesce(json_agg(json_build_object('t', i.tid, 's', i.spoil, 'x', i.lie) order by i.tid), '[]')
      from traits_chars i where i.cid = c.id)`
}
