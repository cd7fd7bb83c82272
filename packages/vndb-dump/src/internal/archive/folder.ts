/** A dump that is unpacked. */
import { createReadStream } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { type Contents, contents, isText, longestText, tableOf } from "./contents.ts"
import { invalid } from "./faults.ts"

export const look = async (folder: string): Promise<Contents> => {
  const sizes = new Map<string, number>()
  const found = new Map<string, string>()
  const inside = await fs.readdir(path.join(folder, "db")).catch(() => [])
  for (const name of [...await fs.readdir(folder), ...inside.map((one) => `db/${one}`)]) {
    const file = path.join(folder, name)
    const table = tableOf(name)
    if (table === undefined && !isText(name)) continue
    const { size } = await fs.stat(file)
    if (table !== undefined) sizes.set(table, size)
    else if (size > longestText) throw invalid(name, "It is far larger than it ever is. Download the archive again.")
    else found.set(name, await fs.readFile(file, "utf8"))
  }
  return contents(folder, sizes, found)
}

export const read = (folder: string, table: string): AsyncIterable<Uint8Array> =>
  createReadStream(path.join(folder, "db", table), { highWaterMark: 1 << 18 })
