/**
 * The members that answers may have, for each endpoint, and how many of them are to be expected where there are many.
 *
 * A member that inherits has all members of another endpoint beside its own.
 */
import type { Entity } from "./Filters.ts"

/** What is asked at one address: an entity, or the list of a user. */
export type Endpoint = Entity | "ulist"

/** A member of answers; a plain value if it has no members of its own. */
export interface Member {
  readonly members?: Table
  readonly inherits?: Endpoint
  /** How many are expected of a list of objects, for the cost of a request. */
  readonly count?: number
}

/** Members by name. */
export type Table = Readonly<Record<string, Member>>

const plain = (names: string): Table => Object.fromEntries(names.split(" ").map((name) => [name, {}]))
const one = (members: Table): Member => ({ members })
const many = (count: number, members: Table): Member => ({ members, count })
const entity = (inherits: Endpoint, members: Table = {}): Member => ({ inherits, members })
const entities = (count: number, inherits: Endpoint, members: Table = {}): Member => ({ count, inherits, members })

const characterImage = plain("id url dims sexual violence votecount")
const image = { ...characterImage, ...plain("thumbnail thumbnail_dims") }
const extlinks = one(plain("url label name id"))

/**
 * The members of every endpoint's answers.
 *
 * @example
 * ```ts
 * import { fields } from "@kanau/vndb/kana/Fields"
 *
 * Object.keys(fields.tag) // => ["id", "name", "aliases", "description", "category", "searchable", "applicable", "vn_count"]
 * ```
 */
export const fields: Readonly<Record<Endpoint, Table>> = {
  vn: {
    ...plain("id title alttitle aliases olang devstatus released languages platforms length length_minutes"),
    ...plain("length_votes description average rating popularity votecount"),
    titles: many(3, plain("lang title latin official main")),
    image: one(image),
    screenshots: many(10, { ...image, release: entity("release") }),
    relations: entities(3, "vn", plain("relation relation_official")),
    tags: entities(50, "tag", plain("rating spoiler lie")),
    developers: entities(2, "producer"),
    editions: many(3, plain("eid lang name official")),
    staff: entities(20, "staff", plain("eid role note")),
    va: many(10, { note: {}, staff: entity("staff"), character: entity("character") }),
    extlinks
  },
  release: {
    ...plain("id title alttitle platforms released minage patch freeware uncensored official has_ero resolution"),
    ...plain("engine voiced notes gtin catalog"),
    languages: many(3, plain("lang title latin mtl main")),
    media: many(3, plain("medium qty")),
    vns: entities(3, "vn", plain("rtype")),
    producers: entities(3, "producer", plain("developer publisher")),
    images: many(3, { ...image, ...plain("type vn languages photo") }),
    extlinks
  },
  producer: { ...plain("id name original aliases lang type description"), extlinks },
  character: {
    ...plain(
      "id name original aliases description blood_type height weight bust waist hips cup age birthday sex gender"
    ),
    image: one(characterImage),
    vns: entities(3, "vn", { ...plain("spoiler role"), release: entity("release") }),
    traits: entities(30, "trait", plain("spoiler lie"))
  },
  staff: {
    ...plain("id aid ismain name original lang gender description"),
    extlinks,
    aliases: many(3, plain("aid name latin ismain"))
  },
  tag: plain("id name aliases description category searchable applicable vn_count"),
  trait: plain("id name aliases description searchable applicable sexual group_id group_name char_count"),
  quote: { ...plain("id quote score"), vn: entity("vn"), character: entity("character") },
  ulist: {
    ...plain("id added lastmod voted vote started finished notes"),
    labels: many(3, plain("id label")),
    vn: entity("vn"),
    releases: entities(3, "release", plain("list_status"))
  }
}

/**
 * Everything that can be selected of a member: its own members, and those it inherits. Nothing for a plain value.
 *
 * @example
 * ```ts
 * import { membersOf } from "@kanau/vndb/kana/Fields"
 *
 * membersOf({ inherits: "tag", members: { lie: {} } })?.["name"] // => {}
 * ```
 */
export const membersOf = (member: Member): Table | undefined => {
  if (member.inherits === undefined) return member.members
  const known = inherited.get(member)
  if (known !== undefined) return known
  const members = { ...fields[member.inherits], ...member.members }
  inherited.set(member, members)
  return members
}

const inherited = new WeakMap<Member, Table>()
