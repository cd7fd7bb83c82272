/**
 * The API's filters and sorts once more, as plain SQL over the tables: slow, and with nothing in common with the views but
 * the derived tables. What a filter means is written down here a second time, from the description of the API.
 */
import type { Filter, Leaf } from "../../src/kana/Filter.ts"
import type { Entity } from "../../src/kana/Filters.ts"
import { words } from "../../src/kana/SearchText.ts"

export interface Asker {
  readonly today: number
  readonly reader: string | null
  readonly readsPrivate: boolean
}

/** What an entry is asked about: `x` is its alias in the statement; `link` the row that leads there from a visual novel. */
interface Scope {
  readonly x: string
  readonly link?: string
}

let aliases = 0
const fresh = () => `t${++aliases}`
const quote = (value: string | number | boolean) =>
  typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value)
const number = (column: string) => `substring(${column} from '[0-9]+')::int`

/** Everything of an entity that everybody sees; what it is called in statements is `x`. */
export const sources: Readonly<Record<Entity, (x: string) => string>> = {
  vn: (x) =>
    `(select v.*, s.released, s.languages, s.platforms as plats, s.developers, s.rating, s.votecount,
    s.length as minutes, (select coalesce(t.latin, t.title) from vn_titles t where t.id = v.id and t.lang = v.olang) as sorttitle
    from active_vn v left join vn_stats s on s.id = v.id) ${x}`,
  release: (x) =>
    `(select r.*, (select coalesce(t.latin, t.title) from releases_titles t where t.id = r.id and t.lang = r.olang)
    as sorttitle from active_releases r) ${x}`,
  producer: (x) => `(select p.*, coalesce(p.latin, p.name) as sorttitle from active_producers p) ${x}`,
  character: (x) =>
    `(select c.*, (select coalesce(n.latin, n.name) from chars_names n join char_stats k on k.id = n.id
    where n.id = c.id and n.lang = k.lang) as sorttitle from active_chars c) ${x}`,
  staff: (x) =>
    `(select a.*, s.gender, s.lang, s.main, coalesce(a.latin, a.name) as sorttitle
    from staff_alias a join active_staff s on s.id = a.id) ${x}`,
  tag: (x) =>
    `(select g.*, coalesce(s.items, 0) as items, g.name as sorttitle from active_tags g
    left join tag_stats s on s.id = g.id) ${x}`,
  trait: (x) =>
    `(select i.*, coalesce(s.items, 0) as items, i.name as sorttitle from active_traits i
    left join trait_stats s on s.id = i.id) ${x}`,
  quote: (x) => `(select q.* from active_quotes q join active_vn v on v.id = q.vid) ${x}`
}

/** The condition that a filter is; true or false, never null. */
export const condition = (entity: Entity, filter: Filter, scope: Scope, asker: Asker): string => {
  if (!("name" in filter)) {
    return `(${filter.of.map((each) => condition(entity, each, scope, asker)).join(` ${filter.is} `)})`
  }
  if (filter.is !== "nested") return `coalesce(${leaf(entity, filter, scope, asker)}, false)`
  const y = fresh()
  const link = fresh()
  const { x } = scope
  const inner = (more: { readonly link?: string } = {}) => condition(filter.of, filter.filter, { x: y, ...more }, asker)
  const source = sources[filter.of](y)
  const all: Readonly<Record<string, string>> = {
    "vn.release": `exists (select from releases_vn ${link} join ${source} on ${y}.id = ${link}.id
      where ${link}.vid = ${x}.id and ${inner({ link })})`,
    "vn.character": `exists (select from chars_vns ${link} join ${source} on ${y}.id = ${link}.id
      where ${link}.vid = ${x}.id and ${inner({ link })})`,
    "vn.staff":
      `exists (select from ${source} where (exists (select from vn_staff w where w.id = ${x}.id and w.aid = ${y}.aid)
      or exists (select from vn_seiyuu w where w.id = ${x}.id and w.aid = ${y}.aid)) and ${inner({ link: x })})`,
    "vn.developer": `exists (select from ${source} where ${y}.id = any(${x}.developers) and ${inner()})`,
    "release.vn": `exists (select from releases_vn ${link} join ${source} on ${y}.id = ${link}.vid
      where ${link}.id = ${x}.id and ${inner()})`,
    "release.producer": `exists (select from releases_producers ${link} join ${source} on ${y}.id = ${link}.pid
      where ${link}.id = ${x}.id and ${inner()})`,
    "character.vn": `exists (select from chars_vns ${link} join ${source} on ${y}.id = ${link}.vid
      where ${link}.id = ${x}.id and ${inner()})`,
    "character.seiyuu": `exists (select from vn_seiyuu ${link} join active_vn v on v.id = ${link}.id
      join ${source} on ${y}.aid = ${link}.aid where ${link}.cid = ${x}.id and ${inner()})`,
    "quote.vn": `exists (select from ${source} where ${y}.id = ${x}.vid and ${inner()})`,
    "quote.character": `exists (select from ${source} where ${y}.id = ${x}.cid and ${inner()})`
  }
  const exists = all[`${entity}.${filter.name}`]
  if (exists === undefined) throw new Error(`No reference for ${entity}.${filter.name}`)
  return filter.op === "=" ? exists : `not ${exists}`
}

const leaf = (entity: Entity, one: Leaf, scope: Scope, asker: Asker): string => {
  const { op } = one
  const { x } = scope
  const is = (holds: string) => op === "!=" ? `not coalesce(${holds}, false)` : holds
  /** Null is neither equal nor unequal. */
  const compared = (column: string, value: number) => `${column} ${op === "!=" ? "<>" : op} ${value}`
  const key = `${entity}.${one.name}`
  switch (one.is) {
    case "id":
      if (one.name === "developer_id") {
        return is(
          entity === "vn"
            ? `${quote(one.value)} = any(${x}.developers)
              and exists (select from active_producers p where p.id = ${quote(one.value)})`
            : producedBy(x, one.value, "w.developer")
        )
      }
      if (one.name === "producer_id") return is(producedBy(x, one.value, "true"))
      return compared(number(`${x}.id`), Number(one.value.slice(1)))
    case "search": {
      const wanted = words(one.value)
      const [first = ""] = wanted
      const held = wanted.map((word) => `position(${quote(word)} in l.t) > 0`).join(" and ")
      const id = entity === "staff" ? `${x}.id || '.' || ${x}.aid` : `${x}.id`
      const found = `exists (select from labels l where l.kind = ${quote(entity)} and l.id = ${id} and ${held})`
      return is(
        wanted.length === 0 ? "true" : wanted.length === 1 ? `(${found} or ${x}.id = ${quote(first)})` : found
      )
    }
    case "text":
      if (one.name === "drm") {
        return is(
          `exists (select from releases_drm w join drm d on d.id = w.drm where w.id = ${x}.id and d.name = ${
            quote(one.value)
          })`
        )
      }
      return is(`coalesce((select e.name from engines e where e.id = ${x}.engine), '') = ${quote(one.value)}`)
    case "choice":
      return choice(key, one, scope, asker)
    case "number": {
      const { value } = one
      if (one.name === "anime_id") {
        return is(`exists (select from vn_anime w where w.id = ${x}.id and w.aid = ${value ?? 0})`)
      }
      if (one.name === "aid") return compared(`${x}.aid`, value ?? 0)
      if (one.name === "popularity") return compared(`${x}.votecount`, (value ?? 0) * 150)
      if (one.name === "rating") return compared(`${x}.rating`, (value ?? 0) * 10)
      if (one.name === "votecount") return compared(`${x}.votecount`, value ?? 0)
      const column = { bust: "s_bust", waist: "s_waist", hips: "s_hip" }[one.name] ?? one.name
      const hasZero = one.name === "weight" || one.name === "age"
      return measured(hasZero ? `${x}.${column}` : `nullif(${x}.${column}, 0)`, op, value, !hasZero)
    }
    case "date":
      return compared(`coalesce(${x}.released, 0)`, one.value === 1 ? asker.today : one.value)
    case "one":
      return flag(key, one, scope, asker)
    case "pair": {
      const [a, b] = one.value
      if (one.name === "birthday") {
        return is(
          b > 0
            ? `${x}.birthday = ${a * 100 + b}`
            : a === 0
            ? `${x}.birthday is null`
            : `${x}.birthday between ${a * 100} and ${a * 100 + 99}`
        )
      }
      return `${compared(`${x}.reso_x`, a)} and ${compared(`${x}.reso_y`, b)} ${a > 0 ? `and ${x}.reso_x > 0` : ""} ${
        one.name === "resolution"
          ? ""
          : `and ${x}.reso_x * 100000 / greatest(1, ${x}.reso_y) = ${Math.trunc(a * 100_000 / Math.max(1, b))}`
      }`
    }
    case "tag": {
      const { level, noLies, spoiler, tag } = one.value
      const table = one.name === "tag" ? "tags_vn_inherit" : "tags_vn_direct"
      return is(
        `exists (select from ${table} w join active_tags g on g.id = w.tag where w.vid = ${x}.id and w.tag = ${
          quote(tag)
        }
        and w.spoiler <= ${spoiler} and w.rating::text::float8 >= ${level} ${noLies ? "and not w.lie" : ""})`
      )
    }
    case "trait": {
      const { noLies, spoiler, trait } = one.value
      const [table, id] = one.name === "trait" ? ["traits_chars", "cid"] : ["chars_traits", "id"]
      return is(`exists (select from ${table} w join active_traits i on i.id = w.tid where w.${id} = ${x}.id
        and w.tid = ${quote(trait)} and w.spoil <= ${spoiler} ${noLies ? "and not w.lie" : ""})`)
    }
    case "label": {
      const { label, user } = one.value
      const isOwn = asker.reader === user && asker.readsPrivate
      if (label === 0 && !isOwn) return "false"
      const row = `select from ulist_vns w where w.vid = ${x}.id and w.uid = ${quote(user)}`
      if (label === 0) return is(`exists (${row} and w.labels <@ '{7}'::smallint[])`)
      const open = label === 7 ? "true" : `not ${isHidden("w.uid", String(label))}`
      return is(
        `exists (${row} and ${label} = any(w.labels) ${isOwn ? "" : `and ${open} and ${isRowOpen("w")}`})`
      )
    }
    case "link": {
      const { site, value } = one.value
      const table =
        { release: "releases_extlinks", staff: "staff_extlinks", producer: "producers_extlinks" }[entity as string]
      return is(`exists (select from ${table} w join extlinks l on l.id = w.link where w.id = ${x}.id
        and l.site = ${quote(site)} ${value === null ? "" : `and l.value = ${quote(value)}`})`)
    }
  }
}

const producedBy = (x: string, id: string, how: string): string =>
  `exists (select from releases_producers w join active_producers p on p.id = w.pid
    where w.id = ${x}.id and w.pid = ${quote(id)} and ${how})`

const isHidden = (user: string, label: string): string =>
  `coalesce((select b.private from ulist_labels b where b.uid = ${user} and b.id = ${label}), false)`

/** Whether everybody sees a row of a list. */
export const isRowOpen = (w: string): string =>
  `exists (select from unnest(${w}.labels) as u(label) where not ${isHidden(`${w}.uid`, "u.label")})`

/** An ordered value that may be unknown; unknown is below everything where it is stored as zero. */
const measured = (column: string, op: string, value: number | null, isZeroUnknown: boolean): string => {
  if (value !== null) return `${column} ${op === "!=" ? "<>" : op} ${value}`
  if (op === "=") return `${column} is null`
  if (!isZeroUnknown) return `${column} is not null`
  return `coalesce(${column}, 0) ${op === "!=" ? "<>" : op} 0`
}

const flag = (key: string, one: Leaf, { x }: Scope, { reader, readsPrivate }: Asker): string => {
  const is = (holds: string) => one.op === "!=" ? `not coalesce(${holds}, false)` : holds
  switch (key) {
    case "vn.has_description":
      return is(`${x}.description <> ''`)
    case "vn.has_anime":
      return is(`exists (select from vn_anime w where w.id = ${x}.id)`)
    case "vn.has_screenshot":
      return is(`exists (select from vn_screenshots w where w.id = ${x}.id)`)
    case "vn.has_review":
    case "release.doujin":
      return is("false")
    case "vn.on_list":
      return is(
        reader === null ? "false" : `exists (select from ulist_vns w where w.vid = ${x}.id and w.uid = ${quote(reader)}
          ${readsPrivate ? "" : `and ${isRowOpen("w")}`})`
      )
    case "release.uncensored":
      return `${x}.uncensored = ${one.op === "="}`
    case "staff.ismain":
      return is(`${x}.main = ${x}.aid`)
    default:
      return is(`${x}.${one.name}`)
  }
}

const flags: Readonly<Record<string, number>> = { hand: 4, vect: 8, "3d": 16, live: 32 }
const cups = ["AAA", "AA", ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"]

const choice = (key: string, one: Extract<Leaf, { is: "choice" }>, { link, x }: Scope, { reader }: Asker): string => {
  const { op, value } = one
  const is = (holds: string) => op === "!=" ? `not coalesce(${holds}, false)` : holds
  const text = quote(String(value))
  const any = (table: string, column: string, more = "true") =>
    is(
      value === null || value === ""
        ? `not exists (select from ${table} w where w.id = ${x}.id)`
        : `exists (select from ${table} w where w.id = ${x}.id and w.${column} = ${text} and ${more})`
    )
  const animated = (column: string) =>
    value === null
      ? `${column} is null`
      : value === "no"
      ? `${column} = 0`
      : value === "na"
      ? `${column} = 1`
      : `${column} & ${flags[String(value)] ?? 0} > 0`
  switch (key) {
    case "vn.lang":
      return is(`${text} = any(${x}.languages)`)
    case "vn.platform":
      return is(`${text} = any(${x}.plats)`)
    case "vn.length": {
      const [least, most] = [[0, 0], [1, 120], [120, 600], [600, 1800], [1800, 3000], [3000, 32767]][Number(value)] ??
        []
      return is(`(${x}.minutes is null and ${x}.length = ${value} or ${x}.minutes between ${least} and ${most})`)
    }
    case "release.lang":
      return any("releases_titles", "lang", "not w.mtl")
    case "release.platform":
      return any("releases_platforms", "platform")
    case "release.medium":
      return any("releases_media", "medium")
    case "release.image":
      return any("releases_images", "itype")
    case "release.rtype":
      return is(
        link === undefined
          ? `exists (select from releases_vn w join active_vn v on v.id = w.vid where w.id = ${x}.id and w.rtype = ${text})`
          : `${link}.rtype = ${text}`
      )
    case "release.minage":
      return measured(`${x}.minage`, op, value === null ? null : Number(value), false)
    case "release.rlist":
      return reader === null
        ? "false"
        : is(`exists (select from rlists w where w.rid = ${x}.id and w.uid = ${quote(reader)} and w.status = ${value})`)
    case "release.animation_story":
    case "release.animation_ero":
      return is(`not ${x}.patch and ${x}.${one.name.replace("animation", "ani")} = ${value}`)
    case "release.ani_bg":
    case "release.ani_face":
      return is(`not ${x}.patch and ${x}.${one.name} ${value === null ? "is null" : `= ${value === 1}`}`)
    case "character.role":
      return is(
        link === undefined
          ? `exists (select from chars_vns w join active_vn v on v.id = w.vid where w.id = ${x}.id and w.role = ${text})`
          : `${link}.role = ${text}`
      )
    case "character.blood_type":
      return is(`${x}.bloodt = ${text}`)
    case "character.sex_spoil":
      return is(`coalesce(${x}.spoil_sex, ${x}.sex) = ${text}`)
    case "character.gender":
      return is(`coalesce(${x}.gender, case when ${x}.sex in ('', 'm', 'f') then ${x}.sex end) = ${text}`)
    case "character.gender_spoil":
      return is(`coalesce(${x}.spoil_gender, ${x}.gender, case when coalesce(${x}.spoil_sex, ${x}.sex) in ('', 'm', 'f')
        then coalesce(${x}.spoil_sex, ${x}.sex) end) = ${text}`)
    case "character.cup":
      return measured(
        `nullif(coalesce(array_position(array['${cups.join("','")}'], ${x}.cup_size::text), 0), 0)`,
        op,
        value === null ? null : cups.indexOf(String(value)) + 1,
        true
      )
    case "staff.role": {
      const where = link === undefined ? "true" : `w.id = ${link}.id`
      return is(`exists (select from ${value === "seiyuu" ? "vn_seiyuu" : "vn_staff"} w join active_vn v on v.id = w.id
        where w.aid = ${x}.aid and ${where} ${value === "seiyuu" ? "" : `and w.role = ${text}`})`)
    }
    case "staff.type":
      return is(`'person' = ${text}`)
    case "tag.category":
      return is(`${x}.cat = ${text}`)
    default:
      if (key.startsWith("release.ani_")) return is(`not ${x}.patch and ${animated(`${x}.${one.name}`)}`)
      return is(`${x}.${one.name}::text = ${text}`)
  }
}
