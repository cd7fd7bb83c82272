/** The torture pack, table by table, in the order of keys. */
import * as Layout from "../../Layout.ts"
import { unknownColumn } from "../../Torture.ts"
import type { Row, Value } from "../generator/row.ts"
import type { VoteFigures } from "../generator/statistics.ts"
import { novels } from "./novels.ts"
import { type Cells, complete, number, type Part, type When } from "./part.ts"
import { people } from "./people.ts"
import { votes } from "./votes.ts"

/** The rows of a table; `figures` are those of votes by number of the visual novel. */
export type Pack = (table: Layout.TableName, figures: () => (vn: number) => VoteFigures) => ReadonlyArray<Row>

export const pack = (when: When): Pack => {
  const byTable = new Map<Layout.TableName, Array<Cells>>()
  const add = (parts: ReadonlyArray<Part>) => {
    for (const [table, rows] of parts) byTable.set(table, [...byTable.get(table) ?? [], ...rows])
  }
  add([...novels(when), ...people, ...votes])
  const entries = ["vn", "releases", "chars", "staff", "producers", "tags", "quotes"] as const
  add(entries.map((table) => [
    "entry_meta",
    (byTable.get(table) ?? []).map(({ id }) => ({ id: id ?? null, revision: 1, num_users: 1 }))
  ]))
  return (name, figures) => {
    const table = Layout.tables[name]
    const rows = byTable.get(name) ?? []
    const full = name === "vn" ? rows.map((row) => ({ ...row, ...figuresOf(row, figures()) })) : rows
    return full.map((row) => complete(table, row, when)).sort(byKey(table))
  }
}

/** Puts the unknown column behind the id. */
export const widened = <A>(table: Layout.TableName, row: ReadonlyArray<A>, value: A): ReadonlyArray<A> =>
  table === unknownColumn.table ? row.toSpliced(1, 0, value) : row

const figuresOf = (row: Cells, figures: (vn: number) => VoteFigures): Cells => {
  const { count, rating, average } = figures(number(String(row["id"])))
  return { c_votecount: count, c_rating: rating, c_average: average }
}

/** By the key, if there is one; ids by number. */
const byKey = (table: Layout.Table) => {
  const places = table.key.map((name) => table.columns.findIndex((column) => column.name === name))
  return (one: Row, other: Row): number => {
    for (const at of places) {
      const order = compare(one[at] ?? null, other[at] ?? null)
      if (order !== 0) return order
    }
    return 0
  }
}

const compare = (one: Value, other: Value): number => {
  if (typeof one === "number" && typeof other === "number") return one - other
  const [a, b] = [String(one), String(other)]
  const [kind, kindOther] = [a.replace(/\d+$/, ""), b.replace(/\d+$/, "")]
  if (kind !== kindOther || kind === a) return a < b ? -1 : a > b ? 1 : 0
  return number(a) - number(b)
}
