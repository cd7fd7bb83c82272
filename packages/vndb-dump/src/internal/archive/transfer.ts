/** Between a folder and a `.tar.zst`, one chunk at a time. */
import { createReadStream, createWriteStream } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import type { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { constants, createZstdCompress } from "node:zlib"
import { pack as tar } from "tar-stream"
import { invalid } from "./faults.ts"
import { type Member, members } from "./members.ts"

export const unpack = async (archive: string, folder: string, maxBytes: number, signal: AbortSignal): Promise<void> => {
  await fs.access(archive)
  await fs.mkdir(folder, { recursive: true })
  if ((await fs.readdir(folder)).length > 0) {
    throw invalid(folder, "It is not empty. Name a folder that is empty or does not exist yet.")
  }
  let room = maxBytes
  async function* counted(chunks: Member["chunks"]): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      room -= chunk.byteLength
      if (room < 0) {
        throw invalid(
          archive,
          `It unpacks to more than ${maxBytes} bytes. Allow more if you trust where it comes from.`
        )
      }
      yield chunk
    }
  }
  for await (const member of members(archive)) {
    const { name, type } = member
    if (type === "directory") continue
    if (type !== "file" || !safe(name)) {
      throw invalid(archive, "It holds a link or a path outside of itself, as no dump does. Do not use it.")
    }
    const file = path.join(folder, name)
    await fs.mkdir(path.dirname(file), { recursive: true })
    await pipeline(counted(member.chunks), createWriteStream(file, { flags: "wx" }), { signal })
  }
}

/** Plain relative names only; a folder that was empty holds no link that could lead out of it. */
const safe = (name: string) =>
  /^[\w.-]+(?:\/[\w.-]+)*$/.test(name) && !name.split("/").some((part) => /^\.+$/.test(part))

export const pack = async (folder: string, archive: string, mtime: Date, signal: AbortSignal): Promise<void> => {
  const packed = tar()
  const partial = `${archive}.partial`
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 7 } })
  const writing = pipeline(compress, createWriteStream(partial), { signal })
  try {
    await Promise.all([writing, oneAtATime(packed, compress), fill(folder, packed, mtime)])
    await fs.rename(partial, archive)
  } catch (cause) {
    packed.destroy()
    compress.destroy()
    await writing.catch(() => undefined)
    await fs.rm(partial, { force: true })
    throw cause
  }
}

/**
 * What zstd writes depends on whether the end is known when it is handed the last chunk; so that packing is the same
 * twice, each chunk is taken before the next is offered, and the end comes alone.
 */
const oneAtATime = async (from: AsyncIterable<unknown>, to: Writable) => {
  for await (const chunk of from) {
    await new Promise<void>((resolve, reject) => to.write(chunk, (error) => error ? reject(error) : resolve()))
  }
  to.end()
}

const fill = async (folder: string, packed: ReturnType<typeof tar>, mtime: Date) => {
  const all = await fs.readdir(folder, { recursive: true, withFileTypes: true })
  const names = all.filter((one) => one.isFile())
    .map((one) => path.relative(folder, path.join(one.parentPath, one.name)).replaceAll(path.sep, "/"))
    .sort()
  for (const name of names) {
    const file = path.join(folder, name)
    const { size } = await fs.stat(file)
    await pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), packed.entry({ name, size, mtime, mode: 0o644 }))
  }
  packed.finalize()
}
