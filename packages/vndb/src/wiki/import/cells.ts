/**
 * What a cell must be, as SQL over staged rows of text: one expression a table that names the first rule a row breaks. Made
 * from the layout; no expression can fail, whatever a cell holds.
 */
import { Layout } from "@kanau/vndb-dump"
import { optional, type Table } from "./columns.ts"

/** Bounds beyond those of the type; the same as the checks of the tables. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  "vn.length": [0, 5],
  "vn.devstatus": [0, 2],
  "vn.c_votecount": [0, 2 ** 31 - 1],
  "releases.gtin": [0, 10 ** 18 - 1],
  "releases.released": [0, 99_999_999],
  "releases.voiced": [0, 4],
  "releases.minage": [0, 18],
  "releases_media.qty": [0, 32_767],
  "chars.main_spoil": [0, 2],
  "chars.birthday": [0, 1231],
  "chars_alias.spoil": [0, 2],
  "chars_traits.spoil": [0, 2],
  "chars_vns.spoil": [0, 2],
  "tags.defaultspoil": [0, 2],
  "traits.defaultspoil": [0, 2],
  "tags_vn.vote": [-3, 3],
  "tags_vn.spoiler": [0, 2],
  "image_votes.sexual": [0, 2],
  "image_votes.violence": [0, 2],
  "vn_length_votes.length": [1, 32_767],
  "vn_length_votes.speed": [0, 2],
  "ulist_labels.id": [1, 32_767],
  "ulist_vns.vote": [10, 100],
  "rlists.status": [0, 4],
  "entry_meta.revision": [1, 32_767]
}

/** Columns where an empty text says nothing. */
const filled = new Set(["vn_titles.title", "releases_titles.title", "chars_names.name", "staff_alias.name"])

/** Beyond ranges. */
const more: Readonly<Record<string, string>> = {
  "tags_vn.vote": "row.vote = '0'",
  "chars.birthday": "row.birthday::int between 1 and 100"
}

/** SQL for the rule that a staged row breaks first; null for a good one. */
export const brokenRule = (table: Table): string => {
  const cases = Layout.tables[table].columns.flatMap((column) => casesOf(table, column))
  return `case ${cases.join(" ")} end`
}

const casesOf = (table: Table, column: Layout.Column): ReadonlyArray<string> => {
  const cell = `row.${column.name}`
  const place = `${table}.${column.name}`
  const when = (condition: string, rule: string) => `when ${condition} then '${column.name} ${rule}'`
  return [
    ...(column.nullable || optional(table, column.name) ? [] : [when(`${cell} is null`, "is missing")]),
    ...form(cell, column.type, place).map(([condition, rule]) => when(condition, rule)),
    ...(filled.has(place) ? [when(`${cell} = ''`, "is empty")] : []),
    ...(more[place] === undefined ? [] : [when(more[place], "is out of range")])
  ]
}

type Conditions = ReadonlyArray<readonly [condition: string, rule: string]>

const form = (cell: string, type: Layout.Type, place: string): Conditions => {
  switch (type.kind) {
    case "text":
      return []
    case "boolean":
      return [[`${cell} not in ('t', 'f')`, "is no boolean"]]
    case "date":
      return [[noDate(cell), "is no date"]]
    case "uuid":
      return [[`${cell} !~ '^${uuid}$'`, "is no UUID"]]
    case "id":
      return [[`${cell} !~ '^${id(type.prefixes)}$'`, "is no identifier"]]
    case "enum":
      return [[`${cell} <> all (${enumArray(type.name)})`, "has an unknown value"]]
    case "integer": {
      const [minimum, maximum] = ranges[place] ?? [-(2 ** (8 * type.bytes - 1)), 2 ** (8 * type.bytes - 1) - 1]
      // Eighteen digits fit eight bytes.
      return [
        [`${cell} !~ '^-?[0-9]{1,18}$'`, "is no number"],
        ...(type.bytes === 8 && ranges[place] === undefined
          ? []
          : [[`${cell}::int8 not between ${minimum} and ${maximum}`, "is out of range"] as const])
      ]
    }
    case "array":
      return [
        [`${cell} !~ '${arrayOf(type.of)}'`, "is no list"],
        ...(type.of.kind === "enum"
          ? [[`not ${cell}::text[] <@ ${enumArray(type.of.name)}`, "has an unknown value"] as const]
          : [])
      ]
  }
}

/** What images and entries of any kind are called; images have more digits. */
const id = (prefixes: ReadonlyArray<string>): string => {
  const images = prefixes.length > 0 && prefixes.every((prefix) => prefix.length === 2)
  if (images) return `(${prefixes.join("|")})[1-9][0-9]{0,7}`
  return prefixes.length === 0
    ? "([a-z][1-9][0-9]{0,6}|(cv|ch|sf)[1-9][0-9]{0,7})"
    : `(${prefixes.join("|")})[1-9][0-9]{0,6}`
}

const uuid = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

const enumArray = (name: Layout.EnumName): string =>
  `array[${Layout.enumValues(name).map((value) => `'${value}'`).join(", ")}]`

/** As PostgreSQL writes arrays: without spaces around items, quotes only where they are needed. */
const arrayOf = (type: Layout.Type): string => {
  const item = itemOf(type)
  return `^\\{(${item}(,${item})*)?\\}$`
}

const itemOf = (type: Layout.Type): string => {
  switch (type.kind) {
    case "integer":
      return type.bytes === 2 ? "-?[0-9]{1,4}" : "-?[0-9]{1,9}"
    case "uuid":
      return uuid
    case "id":
      return id(type.prefixes)
    case "enum":
      return "[A-Za-z0-9_-]+"
    default:
      return `("([^"\\\\]|\\\\.)*"|[^"\\\\{},[:space:]]([^"\\\\{},]*[^"\\\\{},[:space:]])?)`
  }
}

/** A day that the calendar has: the casts of the last line only see a 29 February. */
const noDate = (cell: string): string =>
  `case when ${cell} ~ '^([1-9][0-9]{3}|0[0-9]{2}[1-9]|0[0-9][1-9]0|0[1-9]00)-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$' then false
    when ${cell} ~ '^[1-9][0-9]{3}-02-29$' then not (substr(${cell}, 1, 4)::int % 4 = 0
      and (substr(${cell}, 1, 4)::int % 100 <> 0 or substr(${cell}, 1, 4)::int % 400 = 0))
    when ${cell} is null then false else true end`
