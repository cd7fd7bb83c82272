/** The rows of a table as COPY text. */
import { CopyText } from "@kanau/vndb-dump"
import { Stream } from "effect"
import type { Connection } from "mysql2"
import { converter, expression } from "./cells.ts"
import type { Source } from "./contents.ts"
import { type ReadFault, toFault } from "./faults.ts"
import { quoted } from "./names.ts"
import { type Row, stream } from "./session.ts"

/** Of the rows that are held at a time, about. */
const chunkLength = 1 << 16

/** All rows, in the order of the key, or of all cells where there is none. */
export const read = (connection: Connection, place: string, source: Source): Stream.Stream<Uint8Array, ReadFault> =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable(
      chunks(stream(connection, selection(source)), source),
      toFault(`${place} ${source.info.table}`)
    )
  )

const selection = ({ columns, info, key }: Source): string => {
  const order = (key.length > 0 ? key : info.columns).map(quoted)
  return `select ${columns.map(expression).join(", ")} from ${quoted(info.table)} order by ${order.join(", ")}`
}

async function* chunks(rows: AsyncIterable<Row>, { columns, info }: Source): AsyncGenerator<Uint8Array, void, void> {
  const converters = columns.map((column) => converter(info.table, column))
  let text = ""
  for await (const row of rows) {
    text += CopyText.encodeRow(row.map((cell, at) => {
      const convert = converters[at]
      return cell === null || convert === undefined ? cell : convert(cell)
    }))
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ""
  }
  if (text !== "") yield Buffer.from(text)
}
