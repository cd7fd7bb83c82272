/** Rows as the generator makes them, and as COPY text. */
import { Stream } from "effect"
import * as CopyText from "../../CopyText.ts"

export type Value = string | number | boolean | null | ReadonlyArray<string | number | null>

/** In the order of the layout. */
export type Row = ReadonlyArray<Value>

/** Rows in pieces of about this many characters, so that memory does not depend on the size of a table. */
const pieceSize = 1 << 16

/** Made piece by piece, none before it is asked for. */
export const bytes = (rows: () => Iterable<Row>): Stream.Stream<Uint8Array> =>
  Stream.map(
    Stream.suspend(() => Stream.fromIterable(encoded(rows()), { chunkSize: 1 })),
    (piece) => new TextEncoder().encode(piece)
  )

function* encoded(rows: Iterable<Row>): Generator<string, void, void> {
  let piece = ""
  for (const row of rows) {
    for (let at = 0; at < row.length; at++) piece += (at === 0 ? "" : "\t") + cell(row[at] ?? null)
    piece += "\n"
    if (piece.length >= pieceSize) {
      yield piece
      piece = ""
    }
  }
  if (piece !== "") yield piece
}

const cell = (value: Value): string => {
  switch (typeof value) {
    case "string":
      return CopyText.encode(value)
    case "number":
      return String(value)
    case "boolean":
      return value ? "t" : "f"
    default:
      return value === null
        ? "\\N"
        : CopyText.encode(CopyText.encodeArray(value.map((one) => one === null ? null : String(one))))
  }
}
