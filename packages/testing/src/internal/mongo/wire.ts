/**
 * MongoDB's wire protocol: messages in, replies out. The legacy OP_QUERY is understood because the first message of a
 * handshake is one; everything else is OP_MSG.
 */
import type { Doc } from "./documents.ts"
import { decode, encode } from "./documents.ts"

const opReply = 1
const opQuery = 2004
const opMsg = 2013
const headerBytes = 16

const checksumPresent = 1
const moreToCome = 2

export interface Request {
  readonly command: Doc
  /** The frame to send for a reply document; none when the client wants no reply. */
  readonly frame: (reply: Doc) => Uint8Array | undefined
}

/** Cuts a stream of bytes into whole messages. */
export class Framer {
  #pending: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): ReadonlyArray<Buffer> {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: Array<Buffer> = []
    while (this.#pending.length >= headerBytes) {
      const size = this.#pending.readInt32LE(0)
      if (size < headerBytes || size > maxMessageBytes) throw new Error(`a message cannot have ${size} bytes`)
      if (this.#pending.length < size) break
      messages.push(this.#pending.subarray(0, size))
      this.#pending = this.#pending.subarray(size)
    }
    return messages
  }
}

const maxMessageBytes = 48_000_000

export const parse = (message: Buffer): Request => {
  const requestId = message.readInt32LE(4)
  const operation = message.readInt32LE(12)
  if (operation === opQuery) {
    // flags, the collection's name up to a zero byte, skip, limit; then the command.
    const start = message.indexOf(0, headerBytes + 4) + 9
    return {
      command: { ...decode(message.subarray(start)), $db: "admin" },
      frame: (reply) => {
        const head = Buffer.alloc(20)
        head.writeInt32LE(8, 0)
        head.writeInt32LE(1, 16)
        return frame(requestId, opReply, head, encode(reply))
      }
    }
  }
  if (operation !== opMsg) throw new Error(`operation ${operation} is not supported`)
  const flags = message.readUInt32LE(headerBytes)
  const end = message.length - ((flags & checksumPresent) === 0 ? 0 : 4)
  return {
    command: sections(message.subarray(headerBytes + 4, end)),
    // flag bits, and a section of kind 0
    frame: (reply) => (flags & moreToCome) === 0 ? frame(requestId, opMsg, Buffer.alloc(5), encode(reply)) : undefined
  }
}

/** A command is one document, plus lists of documents in sections of their own. */
const sections = (body: Buffer): Doc => {
  let command: Doc = {}
  const lists: Doc = {}
  let at = 0
  while (at < body.length) {
    const kind = body[at]
    const start = at + 1
    const end = start + body.readInt32LE(start)
    if (kind === 0) command = decode(body.subarray(start, end))
    else {
      const nameEnd = body.indexOf(0, start + 4)
      lists[body.toString("utf8", start + 4, nameEnd)] = documents(body.subarray(nameEnd + 1, end))
    }
    at = end
  }
  return { ...command, ...lists }
}

const documents = (bytes: Buffer): ReadonlyArray<Doc> => {
  const found: Array<Doc> = []
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readInt32LE(at)
    found.push(decode(bytes.subarray(at, at + size)))
    at += size
  }
  return found
}

const frame = (responseTo: number, operation: number, head: Buffer, body: Uint8Array): Buffer => {
  const header = Buffer.alloc(headerBytes)
  header.writeInt32LE(headerBytes + head.length + body.length, 0)
  header.writeInt32LE(responseTo, 8)
  header.writeInt32LE(operation, 12)
  return Buffer.concat([header, head, body])
}
