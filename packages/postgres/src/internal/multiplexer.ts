import type { PGlite } from "@electric-sql/pglite"
import { Duplex } from "node:stream"

/** PostgreSQL's protocol: one byte of type, four of length (which counts itself), then the body. */
const type = { query: 0x51, parse: 0x50, sync: 0x53, terminate: 0x58, notification: 0x41 } as const
const sslRequest = 80877103

/** A message of a connection, or work of nobody's. */
type Waiting =
  | { readonly connection: Connection; readonly message: Uint8Array }
  | { readonly connection: undefined; readonly work: () => Promise<void> }

/**
 * Lets many connections speak the wire protocol with the one backend that PGlite is. Messages are handed over one at
 * a time; a connection that opened a transaction or an extended query keeps the backend until it is done.
 */
export class Multiplexer {
  readonly #database: PGlite
  readonly #connections = new Set<Connection>()
  readonly #waiting: Array<Waiting> = []
  #owner: Connection | undefined
  #draining = false
  #partial: Buffer = Buffer.alloc(0)

  constructor(database: PGlite) {
    this.#database = database
  }

  /** Opens a connection; what is written to it goes to the backend, what is read from it is the answer. */
  connect(): Duplex {
    const connection = new Connection(
      (message) => {
        this.#waiting.push({ connection, message })
        void this.#drain()
      },
      () => {
        this.#connections.delete(connection)
      }
    )
    this.#connections.add(connection)
    return connection
  }

  /** Does something with the backend between the transactions of all connections. */
  exclusively<A>(work: () => Promise<A>): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ connection: undefined, work: () => work().then(resolve, reject) })
      void this.#drain()
    })
  }

  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      if (next.connection === undefined) {
        await next.work()
        continue
      }
      const { connection, message } = next
      connection.noteListen(message)
      try {
        await this.#database.runExclusive(() =>
          this.#database.execProtocolRawStream(message, {
            onRawData: (data) => this.#route(connection, Buffer.from(data))
          })
        )
      } catch (cause) {
        connection.destroy(cause instanceof Error ? cause : new Error(String(cause)))
      }
      const midQuery = message[0] !== type.query && message[0] !== type.sync && message[0] !== 0
      this.#owner = this.#connections.has(connection) && (midQuery || this.#database.isInTransaction())
        ? connection
        : undefined
    }
    this.#draining = false
  }

  #take(): Waiting | undefined {
    const at = this.#owner === undefined
      ? 0
      : this.#waiting.findIndex(({ connection }) => connection === this.#owner)
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]
  }

  /** Answers go to the connection that asked; notifications to every connection that listens on their channel. */
  #route(asker: Connection, data: Buffer): void {
    this.#partial = Buffer.concat([this.#partial, data])
    const answers: Array<Buffer> = []
    let at = 0
    while (this.#partial.length - at >= 5) {
      const size = 1 + this.#partial.readInt32BE(at + 1)
      if (this.#partial.length - at < size) break
      const message = Buffer.from(this.#partial.subarray(at, at + size))
      at += size
      if (message[0] === type.notification) {
        const channel = message.toString("utf8", 9, message.indexOf(0, 9))
        for (const connection of this.#connections) {
          if (connection.listensOn(channel)) connection.push(message)
        }
      } else answers.push(message)
    }
    this.#partial = this.#partial.subarray(at)
    if (answers.length > 0) asker.push(Buffer.concat(answers))
  }
}

/** One client connection: cuts the byte stream into messages and remembers what it listens on. */
class Connection extends Duplex {
  readonly #send: (message: Uint8Array) => void
  readonly #closed: () => void
  readonly #channels = new Set<string>()
  #buffer: Buffer = Buffer.alloc(0)
  #started = false

  constructor(send: (message: Uint8Array) => void, closed: () => void) {
    super()
    this.#send = send
    this.#closed = closed
  }

  listensOn(channel: string): boolean {
    return this.#channels.has(channel)
  }

  noteListen(message: Uint8Array): void {
    if (message[0] !== type.query && message[0] !== type.parse) return
    const text = Buffer.from(message).toString("latin1")
    const channel = /\blisten\s+"?(\w+)"?/i.exec(text)?.[1]
    if (channel !== undefined && !/\bunlisten\b/i.test(text)) this.#channels.add(channel)
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      if (message[0] === type.terminate && this.#started) {
        this.push(null)
        break
      }
      if (!this.#started && message.readInt32BE(4) === sslRequest) {
        this.push("N")
        continue
      }
      this.#started = true
      // PGlite hangs on a view into a larger buffer, so it gets a copy.
      this.#send(new Uint8Array(message))
    }
    done()
  }

  override _final(done: () => void): void {
    this.#closed()
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#closed()
    done(error)
  }

  /** The next whole message. The very first has no type byte. */
  #next(): Buffer | undefined {
    const header = this.#started ? 5 : 4
    if (this.#buffer.length < Math.max(header, this.#started ? 5 : 8)) return undefined
    const size = this.#buffer.readInt32BE(header - 4) + (header - 4)
    if (this.#buffer.length < size) return undefined
    const message = this.#buffer.subarray(0, size)
    this.#buffer = this.#buffer.subarray(size)
    return message
  }
}
