/** References of a dump that must hold here: those with a foreign key. Others dangle where VNDB hides the far side. */
import { Layout } from "@kanau/vndb-dump"
import type { Table } from "./columns.ts"

export interface Reference {
  readonly from: Table
  readonly columns: ReadonlyArray<string>
  readonly to: Table
  readonly targets: ReadonlyArray<string>
  /** What is here already, though not in the dump, will do. */
  readonly heldToo: boolean
}

const withoutKey = new Set([
  "producers_relations.pid",
  "vn_relations.vid",
  "vn_screenshots.rid",
  "chars.main",
  "quotes.cid",
  "rlists.rid",
  "vn.image",
  "releases.engine",
  // Looked at with the entry: see `sweepUntitled`.
  "vn.id,olang",
  "releases.id,olang",
  "staff.main"
])

export const references: ReadonlyArray<Reference> = Layout.names.flatMap((from) =>
  Layout.tables[from].references
    .filter(({ columns }) => !withoutKey.has(`${from}.${columns.join()}`))
    .map(({ columns, table: to, targets }) => ({
      from,
      columns,
      to,
      targets,
      // Users here may be accounts, links have other numbers here, and what an entry itself holds is written with it.
      heldToo: columns.length === 1 && columns[0] !== "id" && to !== "users" && to !== "extlinks"
    }))
)
