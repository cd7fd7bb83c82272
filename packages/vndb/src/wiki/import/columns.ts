/** The columns of the six tables this module imports, and how a cell becomes a value. */
import { Layout } from "@kanau/vndb-dump"

/** Reads a cell; throws the rule the cell broke. */
export type Cell = (text: string | null) => string | number | boolean | null

/** A rule a row broke: what is counted and reported, never the value. */
export class Rejected extends Error {}

const required = (read: (text: string) => string | number | boolean): Cell => (text) => {
  if (text === null) throw new Rejected("is missing")
  return read(text)
}
const nullable = (read: Cell): Cell => (text) => (text === null ? null : read(text))

const text: Cell = required((value) => value)
const int = (minimum: number, maximum: number): Cell =>
  required((value) => {
    const number = Number(value)
    if (!/^-?\d+$/.test(value) || number < minimum || number > maximum) throw new Rejected("is out of range")
    return number
  })
const id = (prefix: string): Cell =>
  required((value) => {
    if (!value.startsWith(prefix) || !/^[1-9]\d{0,6}$/.test(value.slice(prefix.length))) {
      throw new Rejected("is no identifier")
    }
    return value
  })
const oneOf = (known: (value: string) => boolean): Cell =>
  required((value) => {
    if (!known(value)) throw new Rejected("has an unknown value")
    return value
  })
const bool: Cell = required((value) => {
  if (value !== "t" && value !== "f") throw new Rejected("is no boolean")
  return value === "t"
})
const date: Cell = required((value) => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) throw new Rejected("is no date")
  return value
})
const title: Cell = required((value) => {
  if (value === "") throw new Rejected("is empty")
  return value
})
const language = oneOf((value) => Layout.enumValues("language").includes(value))
const small = int(0, 32_767)

/** Table → column → reader. A column that is not here is reported and left out. */
export const tables = {
  vn: {
    id: id("v"),
    image: nullable(id("cv")),
    c_image: nullable(id("cv")),
    olang: language,
    c_votecount: int(0, 2 ** 31 - 1),
    c_rating: nullable(small),
    c_average: nullable(small),
    c_length: nullable(small),
    c_lengthnum: small,
    length: int(0, 5),
    devstatus: int(0, 2),
    alias: text,
    description: text
  },
  vn_titles: { id: id("v"), lang: language, official: bool, title, latin: nullable(text) },
  releases: {
    id: id("r"),
    gtin: int(0, Number.MAX_SAFE_INTEGER),
    olang: language,
    released: int(0, 99_999_999),
    voiced: int(0, 4),
    reso_x: small,
    reso_y: small,
    minage: nullable(int(0, 18)),
    ani_story: small,
    ani_ero: small,
    ani_story_sp: nullable(small),
    ani_story_cg: nullable(small),
    ani_cutscene: nullable(small),
    ani_ero_sp: nullable(small),
    ani_ero_cg: nullable(small),
    ani_bg: nullable(bool),
    ani_face: nullable(bool),
    has_ero: bool,
    patch: bool,
    freeware: bool,
    uncensored: nullable(bool),
    official: bool,
    catalog: text,
    notes: text,
    engine: nullable(int(0, 2 ** 31 - 1))
  },
  releases_titles: { id: id("r"), lang: language, mtl: bool, title: nullable(title), latin: nullable(text) },
  releases_vn: {
    id: id("r"),
    vid: id("v"),
    rtype: oneOf((value) => Layout.enumValues("release_type").includes(value))
  },
  entry_meta: {
    id: required((value) => value),
    created: date,
    lastmod: date,
    revision: int(1, 32_767),
    num_edits: small,
    num_users: small
  }
} as const satisfies Record<string, Readonly<Record<string, Cell>>>

export type Table = keyof typeof tables
