/** What the search indexes hold of entries that have names, as PostgreSQL derives it. */
import type { SearchIndex } from "@kanau/search"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Kinds of entries with names. Of staff it is one document for each name, `s1.12`. */
export type NamedKind = "character" | "producer" | "staff" | "tag" | "trait"

export const deriveNames = (input: { readonly kind: NamedKind; readonly ids: ReadonlyArray<string> }) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql.unsafe<SearchIndex.Change>(statements[input.kind], [JSON.stringify(input.ids)])
  )

/** How many there are. */
export const countNamed = (input: { readonly kind: NamedKind }) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql.unsafe<{ n: number }>(`select count(*)::int as n from ${tables[input.kind]}`),
      (rows) => rows[0]?.n ?? 0
    ))

const tables: Readonly<Record<NamedKind, string>> = {
  character: "active_chars",
  producer: "active_producers",
  staff: "staff_alias a join active_staff s on s.id = a.id",
  tag: "active_tags",
  trait: "active_traits"
}

interface Parts {
  /** Joins to `wanted`. */
  readonly from: string
  /** Not null when the entry is there. */
  readonly key: string
  readonly name: string
  /** Null where there are no names in another script. */
  readonly latin: string
  readonly lang: string
  /** A query of all names, and one of aliases; each has one column. */
  readonly names: string
  readonly aliases: string
  readonly weight: string
}

const statement = ({ aliases, from, key, lang, latin, name, names, weight }: Parts): string => `
  select wanted.id, case when ${key} is null then null else json_build_object(
      'title', coalesce(${latin}, ${name}), 'alttitle', case when ${latin} <> ${name} then ${name} end, 'olang', ${lang},
      'names', (select coalesce(json_agg(distinct text), '[]') from (${names}) as n (text) where text <> ''),
      'aliases', (select coalesce(json_agg(distinct text), '[]') from (${aliases}) as n (text) where text <> ''),
      'weight', coalesce((${weight}), 0)
    ) end as document
  from json_array_elements_text($1::json) as wanted(id) ${from}`

/** Lines of a column. */
const lines = (column: string): string => `select regexp_split_to_table(${column}, '\\n')`

const word = (table: string, stats: string): string =>
  statement({
    from: `left join active_${table} w on w.id = wanted.id`,
    key: "w.id",
    name: "w.name",
    latin: "null::text",
    lang: "null::text",
    names: "select w.name",
    aliases: lines("w.alias"),
    weight: `select s.items from ${stats} s where s.id = w.id`
  })

const statements: Readonly<Record<NamedKind, string>> = {
  character: statement({
    from: `left join active_chars c on c.id = wanted.id left join char_stats k on k.id = c.id
      left join chars_names n on n.id = c.id and n.lang = k.lang`,
    key: "n.id",
    name: "n.name",
    latin: "n.latin",
    lang: "n.lang",
    names: `select t from chars_names o cross join lateral (values (o.name), (o.latin)) as v (t) where o.id = c.id`,
    aliases: `select t from chars_alias o cross join lateral (values (o.name), (o.latin)) as v (t)
      where o.id = c.id and o.spoil = 0`,
    weight: `select max(s.votecount) from chars_vns x join vn_stats s on s.id = x.vid where x.id = c.id`
  }),
  producer: statement({
    from: "left join active_producers p on p.id = wanted.id",
    key: "p.id",
    name: "p.name",
    latin: "p.latin",
    lang: "p.lang",
    names: "values (p.name), (p.latin)",
    aliases: lines("p.alias"),
    weight: "select count(*) from releases_producers x where x.pid = p.id"
  }),
  staff: statement({
    from:
      `left join staff_alias a on a.id = split_part(wanted.id, '.', 1) and a.aid::text = split_part(wanted.id, '.', 2)
      left join active_staff s on s.id = a.id`,
    key: "s.id",
    name: "a.name",
    latin: "a.latin",
    lang: "s.lang",
    names: "values (a.name), (a.latin)",
    aliases: "select null::text",
    weight:
      `select (select count(*) from vn_staff x where x.aid = a.aid) + (select count(*) from vn_seiyuu x where x.aid = a.aid)`
  }),
  tag: word("tags", "tag_stats"),
  trait: word("traits", "trait_stats")
}
