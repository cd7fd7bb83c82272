/** From what MySQL has in a column to what a dump has there: expressions to select, and texts to change. */
import { CopyText, Layout } from "@kanau/vndb-dump"
import { quoted } from "./names.ts"

/** A column of a table, as `information_schema` names its type. */
export interface Column {
  readonly name: string
  readonly dataType: string
}

/** What is selected. Bytes come as PostgreSQL writes them, because they may be no text. */
export const expression = ({ dataType, name }: Column): string => {
  const column = quoted(name)
  if (isBinary(dataType)) return `concat('\\\\x', lower(hex(${column})))`
  return dataType === "bit" ? `${column} + 0` : column
}

/** Types that hold bytes, not text: no column of VNDB does. */
export const isBinary = (dataType: string): boolean =>
  /binary$|blob$|^(geometry|point|linestring|polygon|multi\w+|geom\w*collection|vector)$/.test(dataType)

export type Convert = (cell: string) => string | null

/** How a cell is changed; undefined where it is not. What cannot be changed stays, so that whoever checks rows finds it. */
export const converter = (table: string, { name }: Column): Convert | undefined => {
  const known = Layout.isTable(table) ? Layout.tables[table].columns.find((column) => column.name === name) : undefined
  switch (known?.type.kind) {
    case "boolean":
      return (cell) => cell === "1" ? "t" : cell === "0" ? "f" : cell
    case "date":
      return toDate
    case "array":
      return toArray
    default:
      return undefined
  }
}

/** The day of a time; MySQL writes a day that is not known in zeros. */
const toDate: Convert = (cell) => {
  const day = /^\d{4}-\d{2}-\d{2} [\d:.]+$/.test(cell) ? cell.slice(0, 10) : cell
  return day === "0000-00-00" ? null : day
}

/** A JSON array as PostgreSQL writes arrays. */
const toArray: Convert = (cell) => {
  const items = parsed(cell)
  return Array.isArray(items) && items.every(isItem)
    ? CopyText.encodeArray(items.map((item) => item === null ? null : String(item)))
    : cell
}

const parsed = (cell: string): unknown => {
  try {
    return JSON.parse(cell)
  } catch {
    return undefined
  }
}

const isItem = (item: unknown): item is string | number | null =>
  item === null || typeof item === "string" || typeof item === "number"
