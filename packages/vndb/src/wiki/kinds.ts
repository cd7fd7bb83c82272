/** The kinds of entries that people edit: where each is stored, what it may hold, and what it refers to. */
import type { Schema } from "effect"
import * as people from "./contents/people.ts"
import * as release from "./contents/release.ts"
import * as vn from "./contents/vn.ts"
import * as words from "./contents/words.ts"

/** Rows of an entry in a table of their own, as a member of its content. */
export interface Part {
  readonly table: string
  /** The columns beside the entry's id, which are the members of each row. */
  readonly columns: ReadonlyArray<string>
}

export interface Kind {
  readonly name: KindName
  /** What its ids begin with. */
  readonly prefix: string
  readonly table: string
  readonly sequence: string
  /** Columns of its own row that people edit. */
  readonly columns: ReadonlyArray<string>
  readonly parts: Readonly<Record<string, Part>>
  /** Ids, numbers and links of other things in a content, which must exist. */
  readonly refersTo: (content: Content) => References
  /** The rule that a content breaks. */
  readonly mistakeOf: (id: string, content: Content) => string | undefined
  /** A part whose rows the entry at the other end has too, with the relation seen from there. */
  readonly mutual?: {
    readonly part: string
    readonly column: string
    readonly reverse: Readonly<Record<string, string>>
  }
}

/** What people write about an entry, by the names of its columns and parts. */
export type Content = Readonly<Record<string, unknown>>

/** What a content refers to. */
export interface References {
  /** Entries and images, by their ids. */
  readonly ids: ReadonlyArray<string>
  /** Rows of small tables, by their keys. */
  readonly keys: ReadonlyArray<{ readonly table: "anime" | "drm" | "engines" | "staff_alias"; readonly key: number }>
}

export type KindName = "vn" | "release" | "producer" | "character" | "staff" | "tag" | "trait" | "quote" | "doc"

type Row = Readonly<Record<string, unknown>>

const kind = <C extends Content>(
  { content, ...one }: Omit<Kind, "columns" | "parts" | "mistakeOf" | "refersTo"> & {
    readonly content: Schema.Codec<C, unknown> & { readonly fields: Schema.Struct.Fields }
    /** Table and columns of each part, separated by spaces. */
    readonly parts?: Readonly<Record<string, string>>
    readonly mistakeOf?: (id: string, content: C) => string | undefined
  }
): Kind => {
  const parts = Object.fromEntries(
    Object.entries(one.parts ?? {}).map(([member, text]): [string, Part] => {
      const [table = "", ...columns] = text.split(" ")
      return [member, { table, columns }]
    })
  )
  const columns = Object.keys(content.fields).filter((member) => !Object.hasOwn(parts, member))
  return {
    ...one,
    parts,
    columns,
    refersTo: references,
    mistakeOf: (one.mistakeOf ?? (() => undefined)) as Kind["mistakeOf"]
  }
}

/** Members that hold the id of an entry or an image, wherever they stand; `parent` is that of tags and traits. */
const idMembers = ["vid", "rid", "pid", "cid", "tid", "gid", "parent", "scr", "img", "image", "prod"]

/** Members that hold the key of a row of a small table. */
const keyMembers = {
  anime: "anime",
  drm: "drm",
  engine: "engines",
  staff: "staff_alias",
  seiyuu: "staff_alias"
} as const

function references(content: Content): References {
  const ids = new Set<string>()
  const keys: Array<References["keys"][number]> = []
  const collect = (row: Row) => {
    for (const member of idMembers) {
      const value = row[member]
      if (typeof value === "string") ids.add(value)
    }
    // The instance a character belongs to; `main` of other kinds is no id.
    if (typeof row["main"] === "string") ids.add(row["main"])
  }
  collect(content)
  for (const [member, value] of Object.entries(content)) {
    if (!Array.isArray(value)) continue
    for (const row of value as ReadonlyArray<Row>) {
      collect(row)
      const table = keyMembers[member as keyof typeof keyMembers]
      const key = row["aid"] ?? row["drm"]
      if (table !== undefined && typeof key === "number") keys.push({ table, key })
    }
  }
  if (typeof content["engine"] === "number") keys.push({ table: "engines", key: content["engine"] })
  return { ids: [...ids], keys }
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  vn: kind({
    name: "vn",
    prefix: "v",
    table: "vn",
    sequence: "vn_number",
    content: vn.Content,
    mistakeOf: vn.mistakeOf,
    parts: {
      titles: "vn_titles lang official title latin",
      relations: "vn_relations vid relation official",
      anime: "vn_anime aid",
      editions: "vn_editions eid lang official name",
      extlinks: "vn_extlinks",
      screenshots: "vn_screenshots scr rid",
      staff: "vn_staff aid role eid note",
      seiyuu: "vn_seiyuu cid aid note"
    },
    mutual: {
      part: "relations",
      column: "vid",
      reverse: { seq: "preq", preq: "seq", side: "par", par: "side", fan: "orig", orig: "fan" }
    }
  }),
  release: kind({
    name: "release",
    prefix: "r",
    table: "releases",
    sequence: "release_number",
    content: release.Content,
    mistakeOf: release.mistakeOf,
    parts: {
      titles: "releases_titles lang mtl title latin",
      vns: "releases_vn vid rtype",
      producers: "releases_producers pid developer publisher",
      platforms: "releases_platforms platform",
      media: "releases_media medium qty",
      images: "releases_images img vid itype lang",
      drm: "releases_drm drm notes",
      supersedes: "releases_supersedes rid",
      extlinks: "releases_extlinks"
    }
  }),
  producer: kind({
    name: "producer",
    prefix: "p",
    table: "producers",
    sequence: "producer_number",
    content: people.ProducerContent,
    mistakeOf: people.mistakeOfProducer,
    parts: { relations: "producers_relations pid relation", extlinks: "producers_extlinks" },
    mutual: {
      part: "relations",
      column: "pid",
      reverse: { old: "new", new: "old", spa: "ori", ori: "spa", sub: "par", par: "sub", imp: "ipa", ipa: "imp" }
    }
  }),
  character: kind({
    name: "character",
    prefix: "c",
    table: "chars",
    sequence: "character_number",
    content: people.CharacterContent,
    mistakeOf: people.mistakeOfCharacter,
    parts: {
      names: "chars_names lang name latin",
      aliases: "chars_alias name latin spoil",
      traits: "chars_traits tid spoil lie",
      vns: "chars_vns vid rid role spoil"
    }
  }),
  staff: kind({
    name: "staff",
    prefix: "s",
    table: "staff",
    sequence: "staff_number",
    content: people.StaffContent,
    mistakeOf: people.mistakeOfStaff,
    parts: { aliases: "staff_alias aid name latin", extlinks: "staff_extlinks" }
  }),
  tag: kind({
    name: "tag",
    prefix: "g",
    table: "tags",
    sequence: "tag_number",
    content: words.TagContent,
    mistakeOf: words.mistakeOfParents,
    parts: { parents: "tags_parents parent main" }
  }),
  trait: kind({
    name: "trait",
    prefix: "i",
    table: "traits",
    sequence: "trait_number",
    content: words.TraitContent,
    mistakeOf: words.mistakeOfParents,
    parts: { parents: "traits_parents parent main" }
  }),
  quote: kind({
    name: "quote",
    prefix: "q",
    table: "quotes",
    sequence: "quote_number",
    content: words.QuoteContent
  }),
  doc: kind({
    name: "doc",
    prefix: "d",
    table: "docs",
    sequence: "doc_number",
    content: words.DocContent
  })
}

/** The kind of an entry, by its id. */
export const kindOf = (id: string): Kind => {
  const found = Object.values(kinds).find(({ prefix }) => prefix === id[0])
  if (found === undefined) throw new Error("This is no id of an entry.")
  return found
}
