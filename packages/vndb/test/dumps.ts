/** Synthetic dumps on disk, one for each set of options, and copies that a test may change. */
import { CopyText, Generator } from "@kanau/vndb-dump"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "kanau-dumps-"))
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }))

/** A path that nothing is at yet. */
export const place = (name: string): string => path.join(fs.mkdtempSync(path.join(scratch, "p-")), name)

const made = new Map<string, Promise<string>>()

/** Folder of a dump. */
export const dump = (options: Partial<Generator.Options> = {}): Promise<string> => {
  const wanted = { seed: 1n, scale: 0.0005, ...options }
  const name = Object.entries(wanted).join(" ").replaceAll(",", "-")
  const folder = made.get(name) ?? (async () => {
    const folder = place("dump")
    await Effect.runPromise(Generator.write(folder, wanted))
    return folder
  })()
  made.set(name, folder)
  return folder
}

/** Lines of a table. */
export const linesOf = (folder: string, table: string): ReadonlyArray<string> =>
  fs.readFileSync(path.join(folder, "db", table), "utf8").split("\n").slice(0, -1)

export type Cells = Array<string | null>

/** A copy of a dump with changed tables, column by column. */
export const changed = async (
  changes: Record<string, (rows: Array<Cells>, at: (column: string) => number, header: Array<string>) => void>,
  options: Partial<Generator.Options> = {}
): Promise<string> => {
  const folder = place("changed")
  fs.cpSync(await dump(options), folder, { recursive: true })
  for (const [table, change] of Object.entries(changes)) {
    const file = path.join(folder, "db", table)
    const header = fs.readFileSync(`${file}.header`, "utf8").trimEnd().split("\t")
    const rows = linesOf(folder, table).map((line) => [...CopyText.decodeRow(line)])
    change(rows, (column) => header.indexOf(column), header)
    fs.writeFileSync(`${file}.header`, `${header.join("\t")}\n`)
    fs.writeFileSync(file, rows.map(CopyText.encodeRow).join(""))
  }
  return folder
}

/** The row of an id. */
export const rowOf = (rows: Array<Cells>, id: string): Cells => {
  const row = rows.find((one) => one[0] === id)
  if (row === undefined) throw new Error(`There is no ${id}.`)
  return row
}
