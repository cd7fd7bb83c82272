/**
 * Rows into a table as bytes, with PostgreSQL's `COPY … FROM STDIN` in its text format.
 *
 * Guarantees: memory stays that of a few chunks; a copy that fails or is interrupted leaves no row. It runs on a
 * connection of its own, outside the transaction of the caller.
 *
 * It does not look at the bytes: a malformed row makes the whole copy fail. In process (`EmbeddedDatabase`) the bytes are
 * handed over in pieces of whole lines, so there a copy that fails leaves the pieces before it.
 */
import { Fault } from "@kanau/core"
import type { Redacted } from "effect"
import { Context, Deferred, Effect, Layer, Redacted as Secret, Stream } from "effect"
import type { Client } from "pg"
import { copyStatement } from "./internal/copyStatement.ts"

/** What is copied where. Table and columns are written into the statement as they are; never take them from outside. */
export interface Copy<E, R> {
  readonly table: string
  readonly columns: ReadonlyArray<string>
  readonly bytes: Stream.Stream<Uint8Array, E, R>
}

export interface BulkCopyService {
  /** Copies all rows; how many there were. */
  readonly copyIn: <E, R>(copy: Copy<E, R>) => Effect.Effect<number, E | Fault.Unavailable | Fault.Invariant, R>
}

export class BulkCopy extends Context.Service<BulkCopy, BulkCopyService>()("@kanau/postgres/BulkCopy") {}

/**
 * Copies over the network.
 *
 * @example
 * ```ts
 * import { BulkCopy } from "@kanau/postgres"
 * import { Effect, Redacted, Stream } from "effect"
 *
 * const bytes = Stream.make(new TextEncoder().encode("v1\tFirst\n"))
 * const copied = BulkCopy.BulkCopy.use(({ copyIn }) => copyIn({ table: "books", columns: ["id", "title"], bytes }))
 * const database = BulkCopy.layer({ url: Redacted.make("postgres://localhost/books"), applicationName: "importer" })
 * Effect.isEffect(Effect.provide(copied, database)) // => true
 * ```
 */
export const layer = (options: {
  readonly url: Redacted.Redacted
  readonly applicationName: string
}): Layer.Layer<BulkCopy> =>
  Layer.succeed(BulkCopy, {
    copyIn: (copy) =>
      Effect.acquireUseRelease(
        connect(options),
        (client) => send(client, copy),
        // In the middle of a copy this closes the socket, and the server forgets what it was given.
        (client) => Effect.ignore(Effect.tryPromise(() => client.end()))
      )
  })

const connect = (options: Parameters<typeof layer>[0]) =>
  Effect.tryPromise({
    try: async () => {
      const { default: pg } = await import("pg")
      const client = new pg.Client({
        connectionString: Secret.value(options.url),
        application_name: options.applicationName,
        connectionTimeoutMillis: 5000
      })
      // What fails while a copy runs is reported by the copy.
      client.on("error", () => undefined)
      await client.connect()
      return client
    },
    catch: toFault
  })

const send = Effect.fnUntraced(function*<E, R>(client: Client, copy: Copy<E, R>) {
  const { from } = yield* Effect.promise(() => import("pg-copy-streams"))
  const copying = client.query(from(`${copyStatement(copy)}stdin`))
  const ended = yield* Deferred.make<void, Fault.Unavailable | Fault.Invariant>()
  const end = (exit: Effect.Effect<void, Fault.Unavailable | Fault.Invariant>) => Deferred.doneUnsafe(ended, exit)
  copying.once("error", (cause) => end(Effect.fail(toFault(cause))))
  copying.once("finish", () => end(Effect.void))
  client.once("end", () => end(Effect.fail(lost)))
  const write = (bytes: Uint8Array) =>
    Effect.callback<void>((resume) => {
      copying.write(bytes, () => resume(Effect.void))
    })
  yield* Stream.runForEach(copy.bytes, (bytes) => Effect.raceFirst(write(bytes), Deferred.await(ended)))
  copying.end()
  yield* Deferred.await(ended)
  return copying.rowCount
})

const lost = new Fault.Unavailable({
  dependency: "postgres",
  reason: "the connection was lost in the middle of a copy"
})

/** PostgreSQL's message can hold a value, so only the code of a refusal is kept. */
const toFault = (cause: unknown): Fault.Unavailable | Fault.Invariant => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  return /^(22|23|42)/.test(code)
    ? new Fault.Invariant({ reason: `PostgreSQL refused a copy with ${code}.` })
    : new Fault.Unavailable({ dependency: "postgres", reason: `a copy failed (${code || "connection"})` })
}
