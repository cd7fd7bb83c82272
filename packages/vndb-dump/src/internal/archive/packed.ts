/** A dump that is packed: read once to see what is in it, and again for its rows. */
import { type Contents, contents, isText, longestText, tableOf } from "./contents.ts"
import { invalid } from "./faults.ts"
import { type Member, members } from "./members.ts"

export const look = async (archive: string): Promise<Contents> => {
  const sizes = new Map<string, number>()
  const found = new Map<string, string>()
  for await (const member of members(archive)) {
    const { name, type, size } = member
    if (type !== "file") continue
    const table = tableOf(name)
    if (sizes.has(table ?? "") || found.has(name)) throw invalid(name, "It is in the archive twice. Download it again.")
    if (table !== undefined) {
      sizes.set(table, size)
      continue
    }
    if (!isText(name)) continue
    if (size > longestText) throw invalid(name, "It is far larger than it ever is. Download the archive again.")
    found.set(name, await text(member))
  }
  return contents(archive, sizes, found)
}

/** The files of tables, in the order of the archive. */
export async function* entries(archive: string): AsyncGenerator<Member & { readonly table: string }, void, void> {
  for await (const member of members(archive)) {
    const table = tableOf(member.name)
    if (table !== undefined && member.type === "file") yield { ...member, table }
  }
}

/** One table: everything before it is unpacked and passed over. */
export async function* read(archive: string, table: string): AsyncGenerator<Uint8Array, void, void> {
  for await (const entry of entries(archive)) {
    if (entry.table !== table) continue
    yield* entry.chunks
    return
  }
}

const text = async (member: Member): Promise<string> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of member.chunks) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}
