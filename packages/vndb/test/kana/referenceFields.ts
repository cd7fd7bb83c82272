/** Members of answers as plain SQL over the tables; `x` is the entry, as in `sources`. */
import type { Endpoint } from "../../src/kana/Fields.ts"

const partial = (column: string) =>
  `case when coalesce(${column}, 0) = 0 then null when ${column} = 99999999 then 'TBA'
  when ${column} % 10000 = 9999 then (${column} / 10000)::text
  when ${column} % 100 = 99 then substr(${column}::text, 1, 4) || '-' || substr(${column}::text, 5, 2)
  else to_char(${column}::text::date, 'YYYY-MM-DD') end`
const other = (latin: string, name: string) => `case when ${latin} <> ${name} then ${name} end`
/** A list without order. */
const set = (members: string, from: string) =>
  `(select coalesce(json_agg(json_build_object(${members})), '[]') ${from})`
const plain = (...names: ReadonlyArray<string>) => names.map((name) => [name, `x.${name}`] as const)
const filled = (...names: ReadonlyArray<string>) => names.map((name) => [name, `nullif(x.${name}, '')`] as const)
const known = (name: string, column = name) => [name, `nullif(x.${column}, 0)`] as const
const mainTitle = (table: string) =>
  `(select ${other("t.latin", "t.title")} from ${table} t where t.id = x.id and t.lang = x.olang)`

const members: Readonly<Record<Exclude<Endpoint, "ulist">, ReadonlyArray<readonly [string, string]>>> = {
  vn: [
    ["title", "x.sorttitle"],
    ["alttitle", mainTitle("vn_titles")],
    ...plain("olang", "devstatus", "languages", "votecount"),
    ["platforms", "x.plats"],
    ["released", partial("x.released")],
    known("length"),
    ["length_minutes", "x.minutes"],
    ["rating", "x.rating / 10.0"],
    ...filled("description"),
    [
      "titles{lang,title,latin,official,main}",
      set(
        "'lang', t.lang, 'title', t.title, 'latin', t.latin, 'official', t.official, 'main', t.lang = x.olang",
        "from vn_titles t where t.id = x.id"
      )
    ],
    [
      "developers{name}",
      set("'id', p.id, 'name', coalesce(p.latin, p.name)", "from active_producers p where p.id = any(x.developers)")
    ],
    [
      "relations{relation,relation_official,olang}",
      set(
        "'id', v.id, 'relation', r.relation, 'relation_official', r.official, 'olang', v.olang",
        "from vn_relations r join active_vn v on v.id = r.vid where r.id = x.id"
      )
    ],
    [
      "tags{rating,spoiler,lie,category,vn_count}",
      set(
        "'id', g.id, 'rating', d.rating, 'spoiler', d.spoiler, 'lie', d.lie, 'category', g.cat, 'vn_count', coalesce(s.items, 0)",
        "from tags_vn_direct d join active_tags g on g.id = d.tag left join tag_stats s on s.id = g.id where d.vid = x.id"
      )
    ],
    [
      "staff{eid,role,note,aid,lang}",
      set(
        "'id', s.id, 'eid', w.eid, 'role', w.role, 'note', nullif(w.note, ''), 'aid', a.aid, 'lang', s.lang",
        "from vn_staff w join staff_alias a on a.aid = w.aid join active_staff s on s.id = a.id where w.id = x.id"
      )
    ],
    [
      "va{note,staff{aid},character{height}}",
      set(
        "'note', nullif(w.note, ''), 'staff', json_build_object('id', s.id, 'aid', a.aid), 'character', json_build_object('id', c.id, 'height', nullif(c.height, 0))",
        "from vn_seiyuu w join staff_alias a on a.aid = w.aid join active_staff s on s.id = a.id join active_chars c on c.id = w.cid where w.id = x.id"
      )
    ],
    [
      "screenshots{dims,release.id}",
      set(
        "'id', i.id, 'dims', json_build_array(i.width, i.height), 'release', (select json_build_object('id', r.id) from active_releases r where r.id = w.rid)",
        "from vn_screenshots w join images i on i.id = w.scr where w.id = x.id"
      ).replace("'id', i.id, 'dims'", "'dims'")
    ]
  ],
  release: [
    ["title", "x.sorttitle"],
    ["alttitle", mainTitle("releases_titles")],
    ...plain("minage", "patch", "freeware", "uncensored", "official", "has_ero"),
    ...filled("notes", "catalog"),
    known("voiced"),
    ["released", partial("x.released")],
    [
      "resolution",
      "case when x.reso_x > 0 then json_build_array(x.reso_x, x.reso_y) when x.reso_y > 0 then to_json('non-standard'::text) end"
    ],
    ["engine", "(select e.name from engines e where e.id = x.engine)"],
    ["platforms", "array(select p.platform from releases_platforms p where p.id = x.id order by 1)"],
    [
      "languages{lang,mtl,main}",
      set("'lang', t.lang, 'mtl', t.mtl, 'main', t.lang = x.olang", "from releases_titles t where t.id = x.id")
    ],
    ["media{medium,qty}", set("'medium', m.medium, 'qty', m.qty", "from releases_media m where m.id = x.id")],
    [
      "vns{rtype,votecount}",
      set(
        "'id', v.id, 'rtype', r.rtype, 'votecount', coalesce(s.votecount, 0)",
        "from releases_vn r join active_vn v on v.id = r.vid left join vn_stats s on s.id = v.id where r.id = x.id"
      )
    ],
    [
      "producers{developer,publisher,lang}",
      set(
        "'id', p.id, 'developer', r.developer, 'publisher', r.publisher, 'lang', p.lang",
        "from releases_producers r join active_producers p on p.id = r.pid where r.id = x.id"
      )
    ],
    [
      "images{id,type,vn,languages}",
      set("'id', r.img, 'type', r.itype, 'vn', r.vid, 'languages', r.lang", "from releases_images r where r.id = x.id")
    ]
  ],
  producer: [
    ["name", "x.sorttitle"],
    ["original", other("x.latin", "x.name")],
    ...plain("lang", "type"),
    ...filled("description")
  ],
  character: [
    ["name", "x.sorttitle"],
    ...filled("description"),
    known("height"),
    known("bust", "s_bust"),
    known("waist", "s_waist"),
    known("hips", "s_hip"),
    ...plain("weight", "age"),
    ["cup", "nullif(x.cup_size, '')"],
    ["blood_type", "nullif(x.bloodt, 'unknown')"],
    ["birthday", "case when x.birthday is not null then json_build_array(x.birthday / 100, x.birthday % 100) end"],
    [
      "vns{role,spoiler,olang,release.id}",
      set(
        "'id', v.id, 'role', r.role, 'spoiler', r.spoil, 'olang', v.olang, 'release', (select json_build_object('id', y.id) from active_releases y where y.id = r.rid)",
        "from chars_vns r join active_vn v on v.id = r.vid where r.id = x.id"
      )
    ],
    [
      "traits{spoiler,lie,name,group_id,char_count}",
      set(
        "'id', t.id, 'spoiler', r.spoil, 'lie', r.lie, 'name', t.name, 'group_id', t.gid, 'char_count', coalesce(s.items, 0)",
        "from chars_traits r join active_traits t on t.id = r.tid left join trait_stats s on s.id = t.id where r.id = x.id"
      )
    ]
  ],
  staff: [
    ["aid", "x.aid"],
    ["name", "x.sorttitle"],
    ["original", other("x.latin", "x.name")],
    ["ismain", "x.main = x.aid"],
    ...plain("lang"),
    ...filled("gender"),
    [
      "aliases{aid,name,latin,ismain}",
      set(
        "'aid', a.aid, 'name', a.name, 'latin', a.latin, 'ismain', a.aid = x.main",
        "from staff_alias a where a.id = x.id"
      )
    ]
  ],
  tag: [
    ...plain("name", "searchable", "applicable"),
    ["category", "x.cat"],
    ["vn_count", "x.items"],
    ...filled("description")
  ],
  trait: [
    ...plain("name", "searchable", "applicable", "sexual"),
    ["group_id", "x.gid"],
    ["group_name", "(select g.name from active_traits g where g.id = x.gid)"],
    ["char_count", "x.items"]
  ],
  quote: [
    ...plain("quote", "score"),
    ["vn{olang}", "(select json_build_object('id', v.id, 'olang', v.olang) from vn v where v.id = x.vid)"],
    [
      "character{sex}",
      "(select json_build_object('id', c.id, 'sex', case when c.sex = '' and coalesce(c.spoil_sex, '') = '' then null else json_build_array(nullif(c.sex, ''), nullif(coalesce(c.spoil_sex, c.sex), '')) end) from active_chars c where c.id = x.cid)"
    ]
  ]
}

/** The `fields` of a request for these members, and the same as an expression. */
export const fieldsOf = (endpoint: Exclude<Endpoint, "ulist">): { readonly fields: string; readonly sql: string } => ({
  fields: members[endpoint].map(([name]) => name).join(","),
  sql: `jsonb_build_object('id', x.id) || ${
    // Functions take no more than a hundred arguments.
    members[endpoint].map(([name, sql]) => `jsonb_build_object('${name.replace(/[{.].*/, "")}', ${sql})`).join(" || ")}`
})
