/** The members of a `.tar.zst`, in its order, with one chunk in memory. Leaving the loop closes the file. */
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream"
import { createZstdDecompress } from "node:zlib"
import { extract, type Header } from "tar-stream"

export interface Member {
  readonly name: string
  readonly type: Header["type"]
  readonly size: number
  readonly chunks: AsyncIterable<Uint8Array>
}

export async function* members(archive: string): AsyncGenerator<Member, void, void> {
  const tar = extract()
  const source = createReadStream(archive, { highWaterMark: 1 << 18 })
  // Whatever fails on the way destroys `tar`, whose iteration then throws.
  pipeline(source, createZstdDecompress({ chunkSize: 1 << 18 }), tar, () => {})
  try {
    for await (const entry of tar) {
      const { name, type, size } = entry.header
      const chunks = entry[Symbol.asyncIterator]()
      yield { name: name.replace(/^\.\//, ""), type, size, chunks: bytes(chunks) }
      // What was not read is passed over.
      for (let next = await chunks.next(); next.done !== true;) next = await chunks.next()
    }
  } finally {
    source.destroy()
    if (!source.closed) await new Promise<void>((resolve) => void source.once("close", () => resolve()))
  }
}

/** Leaving this loop does not end the iteration below it: that would destroy the whole archive's. */
async function* bytes(chunks: AsyncIterator<unknown>): AsyncGenerator<Uint8Array, void, void> {
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    // Its types say unknown because a stream may hold anything; an entry of an archive holds bytes.
    yield next.value as Uint8Array
  }
}
