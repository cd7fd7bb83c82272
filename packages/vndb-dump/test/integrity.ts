/** Whether the rows of a dump keep to its layout. */
import { CopyText, Layout } from "@kanau/vndb-dump"
import type { Loaded } from "./generated.ts"

/** Rows of which a reference points at nothing, and keys that occur twice. */
export const broken = (dump: Loaded) => {
  const places = (table: Layout.TableName, names: ReadonlyArray<string>) =>
    names.map((name) => dump.columns(table).indexOf(name))
  const keys = new Map<string, ReadonlySet<string>>()
  const keysOf = (table: Layout.TableName, names: ReadonlyArray<string>) => {
    const name = `${table} ${names.join()}`
    const found = keys.get(name) ?? new Set(dump.rows(table).map((row) => key(row, places(table, names))))
    keys.set(name, found)
    return found
  }
  const dangling: Array<string> = []
  const twice: Array<string> = []
  for (const table of Object.values(Layout.tables)) {
    for (const { columns, table: to, targets } of table.references) {
      const at = places(table.name, columns)
      const known = keysOf(to, targets)
      for (const row of dump.rows(table.name)) {
        if (at.some((place) => row[place] === null) || known.has(key(row, at))) continue
        dangling.push(`${table.name}.${columns.join()} ${row.slice(0, 2).join()}`)
      }
    }
    const unique = [{ columns: table.key, nullsEqual: true }, ...table.unique]
    for (const { columns, nullsEqual } of unique.filter((one) => one.columns.length > 0)) {
      const at = places(table.name, columns)
      const seen = new Set<string>()
      for (const row of dump.rows(table.name)) {
        if (!nullsEqual && at.some((place) => row[place] === null)) continue
        const one = key(row, at)
        if (seen.has(one)) twice.push(`${table.name} ${one}`)
        seen.add(one)
      }
    }
  }
  return { dangling, twice }
}

/** Whether a cell is of a type. */
export const fits = (type: Layout.Type, cell: CopyText.Cell): boolean => {
  if (cell === null) return true
  switch (type.kind) {
    case "integer":
      return /^-?\d+$/.test(cell) && Math.abs(Number(cell)) < 2 ** (type.bytes * 8 - 1)
    case "boolean":
      return cell === "t" || cell === "f"
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(cell)
    case "uuid":
      return /^[\da-f-]{36}$/.test(cell)
    case "id":
      return /^(?:v|r|c|p|s|g|i|q|d|u|ch|cv|sf)[1-9]\d{0,6}$/.test(cell) &&
        (type.prefixes.length === 0 || type.prefixes.includes(cell.replace(/\d+$/, "")))
    case "enum":
      return Layout.enumValues(type.name).includes(cell)
    case "array":
      return CopyText.decodeArray(cell)?.every((item) => fits(type.of, item)) ?? false
    case "text":
      return true
  }
}

const key = (row: ReadonlyArray<CopyText.Cell>, places: ReadonlyArray<number>) =>
  JSON.stringify(places.map((at) => row[at] ?? null))
