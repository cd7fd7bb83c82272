import type { PGlite } from "@electric-sql/pglite"
import { Fault } from "@kanau/core"
import { Effect, Layer, Stream } from "effect"
import { BulkCopy } from "../BulkCopy.ts"
import { copyStatement } from "./copyStatement.ts"
import type { Multiplexer } from "./multiplexer.ts"

/** A copy in pieces that end with a line: PGlite reads them from a file of its own, not from the connection. */
export const embeddedCopy = (database: PGlite, multiplexer: Multiplexer): Layer.Layer<BulkCopy> =>
  Layer.succeed(BulkCopy, {
    copyIn: (copy) => {
      const text = `${copyStatement(copy)}'/dev/blob'`
      const put = (bytes: Uint8Array) =>
        Effect.tryPromise({
          // The blob takes a copy of the bytes.
          try: () =>
            multiplexer.exclusively(() => database.query(text, [], { blob: new Blob([new Uint8Array(bytes)]) })),
          catch: (cause) =>
            new Fault.Invariant({
              reason: `PostgreSQL refused a copy with ${(cause as { readonly code?: string }).code ?? "no code"}.`
            })
        })
      // The end is an item of its own: after a failure nothing more is put.
      return Stream.concat(copy.bytes, Stream.succeed(undefined)).pipe(
        Stream.mapAccum(() => Buffer.alloc(0), (rest, bytes) => {
          if (bytes === undefined) return [rest, [rest]]
          const all = Buffer.concat([rest, bytes])
          const end = all.lastIndexOf(0x0a) + 1
          return [all.subarray(end), [all.subarray(0, end)]]
        }),
        Stream.filter((piece) => piece.length > 0),
        Stream.mapEffect(put),
        Stream.runFold(() => 0, (rows, { affectedRows = 0 }) => rows + affectedRows)
      )
    }
  })
