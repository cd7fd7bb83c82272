/**
 * A dump on disk: a folder that holds `db/`, or a `.tar.zst`.
 *
 * Opening looks at all of it: a `.tar.zst` is unpacked once without being kept, because its headers stand behind their
 * tables and because damage shows only at its end. So what is missing or cut off is known before the first row is
 * read. Rows are streamed; a chunk of at most 256 KiB is held.
 *
 * It does not decode rows ({@link CopyText} does), does not compare columns with the {@link Layout}, and passes over
 * files that are neither tables nor texts, such as `import.sql`.
 */
import type { Fault } from "@kanau/core"
import { Effect, Stream } from "effect"
import * as fs from "node:fs/promises"
import type { Info } from "./internal/archive/contents.ts"
import { invalid, unreadable } from "./internal/archive/faults.ts"
import * as folder from "./internal/archive/folder.ts"
import * as packed from "./internal/archive/packed.ts"
import * as transfer from "./internal/archive/transfer.ts"

export type { Info } from "./internal/archive/contents.ts"

/** A table with its rows in COPY text; `E` is what reading can end with. */
export interface Entry<E = Fault.InvalidInput> extends Info {
  readonly bytes: Stream.Stream<Uint8Array, E>
}

/** An opened dump, or what reads like one. Nothing stays open between reads. */
export interface Archive<E = Fault.InvalidInput> {
  /** When the dump was made, as VNDB writes it: `2026-03-14 08:00:05+00`. */
  readonly timestamp: string
  /** Licences and README by file name. */
  readonly texts: Readonly<Record<string, string>>
  /** What is in it, by name. */
  readonly tables: ReadonlyArray<Info>
  /**
   * Every table in one pass, in the order of the archive. The bytes of an entry are there until the next entry is
   * asked for; what is left of them is passed over.
   */
  readonly entries: Stream.Stream<Entry<E>, E>
  /**
   * The rows of one table, so in any order of tables. Cheap in a folder; a `.tar.zst` is read from its start each time,
   * so {@link unpack} it when the order matters.
   */
  readonly bytes: (table: string) => Stream.Stream<Uint8Array, E>
}

/**
 * Opens a dump.
 *
 * @example
 * ```ts
 * import { Archive } from "@kanau/vndb-dump"
 * import { Effect } from "effect"
 *
 * const fault = await Effect.runPromise(Effect.flip(Archive.open("/no/such/dump")))
 * fault.message // => "/no/such/dump: This does not exist. Name a folder that holds db/, or a .tar.zst."
 * ```
 */
export const open = (path: string): Effect.Effect<Archive, Fault.InvalidInput> =>
  Effect.tryPromise({
    try: async () => {
      const isFolder = (await fs.stat(path)).isDirectory()
      const contents = await (isFolder ? folder.look(path) : packed.look(path))
      const has = (table: string) => contents.tables.some((one) => one.table === table)
      const chunks = (table: string) => isFolder ? folder.read(path, table) : packed.read(path, table)
      const bytes = (table: string) =>
        has(table)
          ? stream(`db/${table}`, () => chunks(table))
          : Stream.fail(invalid(`db/${table}`, "This dump has no such table."))
      return {
        ...contents,
        bytes,
        entries: isFolder
          ? Stream.map(Stream.fromIterable(contents.tables), (info) => ({ ...info, bytes: bytes(info.table) }))
          : inOrder(path, contents.tables)
      }
    },
    catch: unreadable(path)
  })

/**
 * Unpacks a `.tar.zst` into a folder that is empty or does not exist yet. Refuses links, paths that lead out of the
 * folder, and more than `maxBytes` (16 GiB unless told otherwise) of content; what was written until then stays.
 *
 * @example
 * ```ts
 * import { Archive } from "@kanau/vndb-dump"
 * import { Effect } from "effect"
 *
 * const fault = await Effect.runPromise(Effect.flip(Archive.unpack("/no/such.tar.zst", "/tmp/kanau-doc-unpack")))
 * fault.kind // => "invalid-input"
 * ```
 */
export const unpack = (
  archive: string,
  into: string,
  options: { readonly maxBytes?: number } = {}
): Effect.Effect<void, Fault.InvalidInput> =>
  settled(archive, (signal) => transfer.unpack(archive, into, options.maxBytes ?? 2 ** 34, signal))

/**
 * Packs a folder as VNDB packs its dump: entries sorted by name, zstd level 7. The same files and `mtime` make the same
 * bytes. The archive appears when it is complete.
 *
 * @example
 * ```ts
 * import { Archive } from "@kanau/vndb-dump"
 * import { Effect } from "effect"
 *
 * const packing = Archive.pack("/no/such/folder", "/no/such/folder.tar.zst", { mtime: new Date(0) })
 * const fault = await Effect.runPromise(Effect.flip(packing))
 * fault.kind // => "invalid-input"
 * ```
 */
export const pack = (
  from: string,
  archive: string,
  options: { readonly mtime: Date }
): Effect.Effect<void, Fault.InvalidInput> =>
  settled(from, (signal) => transfer.pack(from, archive, options.mtime, signal))

/** Whoever interrupts it waits until nothing is written any more. */
const settled = (
  place: string,
  run: (signal: AbortSignal) => Promise<void>
): Effect.Effect<void, Fault.InvalidInput> =>
  Effect.callback((resume, signal) => {
    const running = run(signal).then(
      () => resume(Effect.void),
      (cause: unknown) => resume(Effect.fail(unreadable(place)(cause)))
    )
    return Effect.promise(() => running)
  })

const stream = (place: string, chunks: () => AsyncIterable<Uint8Array>) =>
  Stream.suspend(() => Stream.fromAsyncIterable(chunks(), unreadable(place)))

const inOrder = (path: string, tables: ReadonlyArray<Info>): Archive["entries"] => {
  const known = new Map(tables.map((info) => [info.table, info]))
  return Stream.suspend(() => Stream.fromAsyncIterable(packed.entries(path), unreadable(path))).pipe(
    Stream.map(({ table, size, chunks }) => ({
      table,
      size,
      columns: known.get(table)?.columns ?? [],
      bytes: stream(`db/${table}`, () => chunks)
    }))
  )
}
