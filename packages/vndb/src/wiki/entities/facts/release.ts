/** The facts of a release. */
import type { FactsQuery } from "../facts.ts"
import { byNumber, extlinks, image, list, named, releaseTitles, titled } from "./sql.ts"

const vns = list(
  `'id', v.id, 'rtype', x.rtype, ${titled("t")}`,
  `from releases_vn x join active_vn v on v.id = x.vid join vn_titles t on t.id = v.id and t.lang = v.olang
    where x.id = r.id`,
  byNumber("v.id")
)

const producers = list(
  `'id', p.id, 'developer', x.developer, 'publisher', x.publisher, ${named("p")}, 'lang', p.lang, 'type', p.type`,
  `from releases_producers x join active_producers p on p.id = x.pid where x.id = r.id`,
  byNumber("p.id")
)

const images = list(
  `'image', ${image("x.img")}, 'type', x.itype, 'vn', x.vid, 'languages', x.lang`,
  `from releases_images x where x.id = r.id`,
  `x.itype, ${byNumber("x.img")}`
)

export const releaseFacts: FactsQuery = {
  from: `left join active_releases r on r.id = wanted.id`,
  key: "r.id",
  meta: "wanted.id",
  select: `'row', to_json(r), 'main', (select json_build_object('title', t.title, 'latin', t.latin)
      from releases_titles t where t.id = r.id and t.lang = r.olang),
    'titles', ${
    list(
      `'lang', t.lang, 'title', t.title, 'latin', t.latin, 'mtl', t.mtl, 'main', t.lang = r.olang`,
      "from releases_titles t where t.id = r.id",
      "t.lang <> r.olang, t.lang"
    )
  },
    'platforms', array(select p.platform from releases_platforms p where p.id = r.id order by 1),
    'media', ${list(`'medium', m.medium, 'qty', m.qty`, "from releases_media m where m.id = r.id", "m.medium, m.qty")},
    'vns', ${vns}, 'producers', ${producers}, 'images', ${images},
    'engine', (select e.name from engines e where e.id = r.engine),
    'drm', ${
    list(
      `'name', d.name, 'notes', nullif(x.notes, '')`,
      "from releases_drm x join drm d on d.id = x.drm where x.id = r.id",
      "d.name"
    )
  },
    'supersedes', ${
    list(
      `'id', o.id, ${titled("t")}`,
      `from releases_supersedes x join active_releases o on o.id = x.rid
        cross join lateral ${releaseTitles("o")} t where x.id = r.id and t.lang = o.olang`,
      byNumber("o.id")
    )
  },
    'extlinks', ${extlinks("releases_extlinks", "r.id")}`
}
