/**
 * Relations are mutual: what is the sequel of an entry has it as prequel. The other end is written with the edit, as a
 * revision of its own.
 */
import { Effect } from "effect"
import * as Entries from "../entities/Entries.ts"
import { lockEntry } from "../entities/EntryMeta.ts"
import { addBaseline } from "../entities/Revisions.ts"
import type { Content, Kind } from "../kinds.ts"
import { record } from "./recording.ts"

type Row = Readonly<Record<string, unknown>>

/** Makes the entries at the other end agree with what this one says, where that has changed. */
export const relate = Effect.fnUntraced(
  function*(kind: Kind, id: string, before: Content | undefined, after: Content) {
    const { mutual } = kind
    if (mutual === undefined) return
    const { column, part, reverse } = mutual
    const was = byOther(before?.[part], column)
    const is = byOther(after[part], column)
    const others = [...new Set([...was.keys(), ...is.keys()])].toSorted()
    for (const other of others) {
      const row = is.get(other)
      if (JSON.stringify(was.get(other)) === JSON.stringify(row)) continue
      yield* lockEntry({ id: other })
      const found = yield* Entries.findEntry({ kind, id: other })
      // It may be gone at the other end; nothing is left to say there.
      if (found === undefined) continue
      const rest = rowsOf(found.content[part]).filter((one) => one[column] !== id)
      const rows = row === undefined ? rest : [...rest, { ...row, [column]: id, relation: reversed(reverse, row) }]
      if (
        JSON.stringify(byOther(rows, column).get(id)) === JSON.stringify(byOther(found.content[part], column).get(id))
      ) {
        continue
      }
      yield* addBaseline({ id: other, revision: found.revision, content: found.content })
      yield* Entries.putEntry({ kind, id: other, content: { ...found.content, [part]: rows }, members: [part] })
      yield* record({ kind, id: other, action: "related", summary: `as ${id} says`, before: found.content })
    }
  }
)

const rowsOf = (value: unknown): ReadonlyArray<Row> => Array.isArray(value) ? value as ReadonlyArray<Row> : []

/** Rows by the entry at the other end, with their members in one order. */
const byOther = (value: unknown, column: string): ReadonlyMap<string, Row> =>
  new Map(
    rowsOf(value).map((row) => [String(row[column]), Object.fromEntries(Object.entries(row).toSorted())])
  )

const reversed = (reverse: Readonly<Record<string, string>>, { relation }: Row): unknown =>
  reverse[String(relation)] ?? relation
