/**
 * PostgreSQL's COPY text format, in which the tables of the dump are written: rows of cells, NULL as `\N`, backslash
 * escapes, and array literals inside them, which makes two layers.
 *
 * Guarantees: what is encoded here is what PostgreSQL reads, and what PostgreSQL writes is decoded as it was stored.
 * Escapes are decoded in one pass: `C:\\new` holds a backslash, not a line feed. Bytes given as `\ooo` or `\xhh` are
 * joined and read as UTF-8.
 *
 * It knows no types: every cell is text or null. Arrays have one dimension; half of a surrogate pair and the character
 * with code 0, which PostgreSQL cannot store, are not checked for.
 */
import { Stream } from "effect"

/** A cell as text; null is SQL's NULL. */
export type Cell = string | null

/**
 * One cell.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 *
 * CopyText.encode("two\nlines") // => "two\\nlines"
 * CopyText.encode(null) // => "\\N"
 * ```
 */
export const encode = (cell: Cell): string => {
  if (cell === null) return "\\N"
  return special.test(cell) ? cell.replace(specials, (character) => escapes[character] as string) : cell
}

/**
 * The inverse of {@link encode}; it reads everything that PostgreSQL reads.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 *
 * CopyText.decode("C:\\\\new") // => "C:\\new"
 * CopyText.decode("\\\\N") // => "\\N"
 * CopyText.decode("\\N") // => null
 * CopyText.decode("\\xe7\\x8c\\xab") // => "猫"
 * ```
 */
export const decode = (text: string): Cell => {
  if (text === "\\N") return null
  return text.includes("\\") ? text.replace(escaped, unescape) : text
}

/**
 * An array literal, as the value of a cell: {@link encode} it too.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 *
 * CopyText.encodeArray(["1", null, "NULL", "a, b"]) // => '{1,NULL,"NULL","a, b"}'
 * CopyText.encode(CopyText.encodeArray(["C:\\new"])) // => '{"C:\\\\\\\\new"}'
 * ```
 */
export const encodeArray = (items: ReadonlyArray<Cell>): string => `{${items.map(encodeItem).join(",")}}`

/**
 * The items of an array literal, which is the value of a decoded cell; undefined when it is none.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 *
 * CopyText.decodeArray('{1,NULL,"NULL",""}') // => ["1", null, "NULL", ""]
 * CopyText.decodeArray("{}") // => []
 * CopyText.decodeArray("{1") // => undefined
 * ```
 */
export const decodeArray = (literal: string): ReadonlyArray<Cell> | undefined => {
  if (!literal.startsWith("{") || !literal.endsWith("}") || literal.length < 2) return undefined
  if (literal === "{}") return []
  const items: Array<Cell> = []
  let at = 1
  while (at < literal.length) {
    item.lastIndex = at
    const [whole, quoted, bare] = item.exec(literal) ?? []
    if (whole === undefined) return undefined
    at = item.lastIndex
    items.push(
      quoted === undefined
        ? /^null$/i.test(bare ?? "") ? null : (bare ?? "").replace(backslashed, "$1")
        : quoted.replace(backslashed, "$1")
    )
    if (whole.endsWith("}")) return at === literal.length ? items : undefined
  }
  return undefined
}

/**
 * One row, with its line feed.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 *
 * CopyText.encodeRow(["v17", null, ""]) // => "v17\t\\N\t\n"
 * ```
 */
export const encodeRow = (cells: ReadonlyArray<Cell>): string => `${cells.map(encode).join("\t")}\n`

/**
 * One row, without its line feed.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 *
 * CopyText.decodeRow("v17\t\\N\t") // => ["v17", null, ""]
 * ```
 */
export const decodeRow = (line: string): ReadonlyArray<Cell> => line.split("\t").map(decode)

/**
 * The rows of a file, as its bytes arrive; at most one chunk and one row are held. The last row need not end with a line
 * feed. Rows of one chunk stay together.
 *
 * @example
 * ```ts
 * import { CopyText } from "@kanau/vndb-dump"
 * import { Effect, Stream } from "effect"
 *
 * const bytes = Stream.make(new TextEncoder().encode("v1\tb\nv"), new TextEncoder().encode("2\t\\N\n"))
 * Effect.runSync(Stream.runCollect(CopyText.rows(bytes))) // => [["v1", "b"], ["v2", null]]
 * ```
 */
export const rows = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<ReadonlyArray<Cell>, E, R> =>
  Stream.mapAccumArray(
    bytes,
    () => ({ decoder: new TextDecoder("utf-8", { ignoreBOM: true }), rest: "" }),
    (state, chunks) => {
      const lines: Array<string> = []
      for (const chunk of chunks) {
        const parts = (state.rest + state.decoder.decode(chunk, { stream: true })).split("\n")
        state.rest = parts.pop() ?? ""
        for (const part of parts) lines.push(part)
      }
      return [state, lines.map(decodeRow)]
    },
    {
      onHalt: ({ decoder, rest }) => {
        const last = rest + decoder.decode()
        return last === "" ? [] : [decodeRow(last)]
      }
    }
  )

const special = /[\\\b\f\n\r\t\v]/
const specials = /[\\\b\f\n\r\t\v]/g
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v"
}

/** A run of escaped bytes, or one other escape. */
const escaped = /(?:\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}))+|\\([\s\S])/g
const escapedByte = /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/g
const named: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }

const unescape = (run: string, character: string | undefined): string => {
  if (character !== undefined) return named[character] ?? character
  const bytes = [...run.matchAll(escapedByte)].map(([, hex, octal]) =>
    hex === undefined ? Number.parseInt(octal ?? "0", 8) & 0xff : Number.parseInt(hex, 16)
  )
  return new TextDecoder().decode(new Uint8Array(bytes))
}

/** One item of an array literal with the comma or brace after it; PostgreSQL allows ASCII spaces around items. */
const item =
  /[ \f\n\r\t\v]*(?:"((?:[^"\\]|\\[\s\S])*)"|((?:[^",{}\\ \f\n\r\t\v]|\\[\s\S]|[ \f\n\r\t\v]+(?![ \f\n\r\t\v,}]))+))[ \f\n\r\t\v]*[,}]/y
const backslashed = /\\([\s\S])/g

const encodeItem = (value: Cell): string => {
  if (value === null) return "NULL"
  return needsQuotes.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value
}

const needsQuotes = /^$|^null$|[ \f\n\r\t\v"\\{},]/i
