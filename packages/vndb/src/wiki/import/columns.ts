/** Which tables and columns of a dump are imported, made from its layout, and what may be missing. */
import { Layout } from "@kanau/vndb-dump"
import { type Kind, kinds } from "../kinds.ts"

export type Table = Layout.TableName

/** Lists of users: personal data, imported only when asked for. */
export const lists = ["ulist_vns", "ulist_labels", "rlists"] as const satisfies ReadonlyArray<Table>

/** Votes: rows of users, without revisions. */
export const votes = ["tags_vn", "image_votes", "vn_image_votes", "vn_length_votes"] as const satisfies ReadonlyArray<
  Table
>

/** What entries refer to by number or name, without revisions. Links between them come first. */
export const things = [
  "images",
  "extlinks",
  "anime",
  "wikidata",
  "drm",
  "engines",
  "users"
] as const satisfies ReadonlyArray<Table>

/** The kinds, in an order in which aliases of staff are there before they are credited, and go when they are not. */
export const order: ReadonlyArray<Kind> = [
  kinds.producer,
  kinds.tag,
  kinds.trait,
  kinds.character,
  kinds.release,
  kinds.vn,
  kinds.staff,
  kinds.quote,
  kinds.doc
]

/** The tables of a kind: its own, then those of its parts. */
export const tablesOf = (kind: Kind): ReadonlyArray<Table> =>
  [kind.table, ...Object.values(kind.parts).map(({ table }) => table)] as ReadonlyArray<Table>

/** A part without which an entry cannot be there: it is written together with new entries. */
export const anchors: Readonly<Record<string, Table>> = {
  vn: "vn_titles",
  releases: "releases_titles",
  staff: "staff_alias"
}

/** Columns that are derived here, kept elsewhere (see `vn_dumped`), or not used any more. */
const unused = (table: Table, column: string): boolean =>
  column.startsWith("c_") && (table === "images" || table === "vn")

/** Columns that a dump may come without. */
export const optional = (table: Table, column: string): boolean =>
  (table === "images" && column.startsWith("c_"))
  || (table === "releases" && (column === "ani_story" || column === "ani_ero"))

/** The columns of a table that are held here under the same names. */
export const heldColumns = (table: Table): ReadonlyArray<Layout.Column> =>
  Layout.tables[table].columns.filter(({ name }) => !unused(table, name))

/** A staged cell, which is text, as the value that is held. */
export const typed = (table: Table, { name, type }: Layout.Column, row = "row"): string => {
  if (table === "chars" && name === "birthday") return `nullif(${row}.${name}::int2, 0)`
  if (optional(table, name)) return `coalesce(${row}.${name}, '0')::int2`
  return `${row}.${name}${castOf(type)}`
}

/** Typed values of all held columns, in their order. */
export const typedRow = (table: Table, row = "row"): string =>
  heldColumns(table).map((column) => typed(table, column, row)).join(", ")

export const names = (table: Table, row?: string): string =>
  heldColumns(table).map(({ name }) => row === undefined ? name : `${row}.${name}`).join(", ")

const castOf = (type: Layout.Type): string => {
  switch (type.kind) {
    case "integer":
      return `::int${type.bytes}`
    case "boolean":
    case "date":
    case "uuid":
      return `::${type.kind}`
    case "array":
      return `${castOf(type.of) || "::text"}[]`
    default:
      return ""
  }
}
