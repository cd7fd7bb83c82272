/** How the rows of the torture pack are written down: only what matters, the rest is filled in. */
import * as Layout from "../../Layout.ts"
import { iso, packed } from "../generator/dates.ts"
import type { Row, Value } from "../generator/row.ts"

/** The columns that matter, by name. */
export type Cells = Readonly<Record<string, Value>>

/** Rows for one table. */
export type Part = readonly [Layout.TableName, ReadonlyArray<Cells>]

/** When: day 0 of the dump in days, and how many days later this dump is. */
export interface When {
  readonly baseDay: number
  readonly day: number
}

const base = 9_000_000
export const number = (id: string): number => Number(id.replace(/^[a-z]+/, ""))

/** With what a table needs in the other columns. */
export const complete = (table: Layout.Table, row: Cells, { baseDay }: When): Row =>
  table.columns.map(({ name, type, nullable }): Value => {
    const value = row[name]
    if (value !== undefined) return value
    if (nullable) return null
    switch (type.kind) {
      case "integer":
        return 0
      case "boolean":
        return false
      case "date":
        return iso(baseDay - 100)
      case "array":
        return []
      case "enum":
        return type.name === "language" ? "en" : Layout.enumValues(type.name)[0] ?? ""
      default:
        return ""
    }
  })

/** A visual novel with its titles; the first is that of its language. */
export const novel = (
  id: string,
  titles: ReadonlyArray<readonly [lang: string, title: string, latin?: string]>,
  more: Cells = {}
): ReadonlyArray<Part> => [
  ["vn", [{ id, olang: titles[0]?.[0] ?? "en", ...more }]],
  ["vn_titles", titles.map(([lang, title, latin]) => ({ id, lang, official: true, title, latin: latin ?? null }))]
]

/** A release of some visual novels with one title. */
export const release = (
  id: string,
  vns: ReadonlyArray<string>,
  { rtype = "complete", title = `Release ${number(id) - base}`, mtl = false, ...more }: Cells = {}
): ReadonlyArray<Part> => {
  const olang = more["olang"] ?? "en"
  return [
    ["releases", [{ id, released: 20_240_229, official: true, ...more, olang }]],
    ["releases_titles", [{ id, lang: olang, title, mtl }]],
    ["releases_vn", vns.map((vid) => ({ id, vid, rtype }))]
  ]
}

export const dateOf = (when: When, offset: number): number => packed(when.baseDay + offset)
