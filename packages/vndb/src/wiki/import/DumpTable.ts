/**
 * Reads one table of an unpacked VNDB dump: `db/<table>` in PostgreSQL's COPY text format, its columns named by
 * `db/<table>.header`. The header is the contract; order and extra columns do not matter.
 * Source of the format: VNDB's dump README and the PostgreSQL manual, COPY.
 */
import { Fault } from "@kanau/core"
import { Effect, Stream } from "effect"
import { createReadStream } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"

/** A row by column name; null is SQL NULL. */
export type Row = Readonly<Record<string, string | null>>

export interface DumpTable {
  readonly columns: ReadonlyArray<string>
  /** Size of the file in bytes. */
  readonly size: number
  readonly rows: Stream.Stream<Row, Fault.InvalidInput>
}

/** Opens a table; rows are read as they are asked for, in bounded memory. */
export const open = (folder: string, table: string): Effect.Effect<DumpTable, Fault.InvalidInput> =>
  Effect.tryPromise({
    try: async () => {
      const file = path.join(folder, "db", table)
      const columns = (await fs.readFile(`${file}.header`, "utf8")).trimEnd().split("\t")
      const { size } = await fs.stat(file)
      const rows = Stream.fromAsyncIterable(lines(file), unreadable(table)).pipe(
        Stream.map((line) => {
          const cells = line.split("\t")
          return Object.fromEntries(columns.map((column, at) => [column, decodeCell(cells[at] ?? "\\N")]))
        })
      )
      return { columns, size, rows }
    },
    catch: unreadable(table)
  })

const unreadable = (table: string) => (cause: unknown) =>
  new Fault.InvalidInput({
    issues: [{ path: `db/${table}`, message: cause instanceof Error ? cause.message : String(cause) }]
  })

async function* lines(file: string): AsyncGenerator<string> {
  let rest = ""
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 18 })) {
    const parts = (rest + (chunk as string)).split("\n")
    rest = parts.pop() ?? ""
    yield* parts
  }
  if (rest !== "") yield rest
}

/** One cell of COPY text. Escapes are decoded in one pass: `C:\\new` holds a backslash, not a line feed. */
export const decodeCell = (cell: string): string | null =>
  cell === "\\N" ? null : cell.includes("\\") ? cell.replace(escape, (_, code: string) => unescape(code)) : cell

const escape = /\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g
const named: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }

const unescape = (code: string): string => {
  if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
  if (/^x[0-9a-fA-F]/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
  return named[code] ?? code
}
