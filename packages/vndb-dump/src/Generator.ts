/**
 * Synthetic dumps in the layout of VNDB's: any size, invented content, the shape of the real one.
 *
 * Guarantees: the same options give the same bytes on every machine. Every draw belongs to a seed, a table and an entry,
 * so a smaller scale has the first entries of a larger one, with the same texts. References hold, except those of the
 * torture pack that dangle on purpose. The figures a dump carries (`c_votecount`, `c_rating`, `c_average`, `c_length`,
 * `c_lengthnum`, those of images) are those of the votes in it. Rows are streamed: memory grows with the number of
 * entries (about 30 MB at full size), not of rows.
 *
 * It does not imitate texts, names or users of VNDB. Numbers of rows and distributions follow facts of VNDB, under the
 * Open Database License 1.0. Votes on tags are in the order of visual novels, and `c_image` is any front of a release.
 */
import { Fault } from "@kanau/core"
import { Effect, type Stream } from "effect"
import * as Archive from "./Archive.ts"
import { dayOf } from "./internal/generator/dates.ts"
import { bytes } from "./internal/generator/row.ts"
import { tableRows } from "./internal/generator/tables.ts"
import { texts } from "./internal/generator/texts.ts"
import { makeWorld, timestamp } from "./internal/generator/world.ts"
import { beside, remove, writeFolder } from "./internal/generator/writer.ts"
import { widened } from "./internal/torture/pack.ts"
import * as Layout from "./Layout.ts"
import { unknownColumn } from "./Torture.ts"

/** What to generate. */
export interface Options {
  /** Taken modulo 2^64. */
  readonly seed: bigint
  /** 1 is VNDB in autumn 2026, 27 million rows; at least 0.0001, at most 10. Very small scales keep some entries of every kind. */
  readonly scale: number
  /**
   * A later dump of the same seed: each day half a per cent of the entries is changed and a thousandth vanishes. 0 unless
   * told otherwise, at most 365.
   */
  readonly day?: number
  /** The date of day 0, `YYYY-MM-DD`; 2026-10-02 unless told otherwise. */
  readonly date?: string
  /** Whether the rows that importers get wrong are in it, see {@link Torture}; true unless told otherwise. */
  readonly torture?: boolean
}

/** A table with its rows in COPY text, made as they are asked for, at most about 64 KiB at a time. */
export interface Entry {
  readonly table: Layout.TableName
  readonly columns: ReadonlyArray<string>
  readonly bytes: Stream.Stream<Uint8Array>
}

/** A dump that is not on disk. */
export interface Dump {
  readonly timestamp: string
  /** Licences and README by file name. */
  readonly texts: Readonly<Record<string, string>>
  /** By name. */
  readonly entries: ReadonlyArray<Entry>
}

/**
 * A dump, of which nothing is made before it is read.
 *
 * @example
 * ```ts
 * import { Generator } from "@kanau/vndb-dump"
 * import { Effect } from "effect"
 *
 * const dump = Effect.runSync(Generator.make({ seed: 1n, scale: 0.001 }))
 * dump.entries.length // => 51
 * dump.timestamp // => "2026-10-02 08:00:05+00"
 * ```
 */
export const make = (options: Options): Effect.Effect<Dump, Fault.InvalidInput> =>
  Effect.suspend(() => {
    const issues = check(options)
    if (issues.length > 0) return Effect.fail(new Fault.InvalidInput({ issues }))
    const { seed, scale, day = 0, date = "2026-10-02", torture = true } = options
    const world = makeWorld({ seed, scale, day, date, torture })
    const rows = tableRows(world)
    return Effect.succeed({
      timestamp: timestamp(world),
      texts: texts(BigInt.asUintN(64, seed), scale, day),
      entries: Layout.names.map((table) => ({
        table,
        columns: columnsOf(table, torture),
        bytes: bytes(() => rows(table))
      }))
    })
  })

/** How far {@link write} is. */
export interface Progress {
  readonly table: Layout.TableName
  readonly bytes: number
  /** Tables that are written, of all. */
  readonly done: number
  readonly of: number
}

/**
 * Writes a dump: a `.tar.zst` when the path ends so, else a folder, which is empty or does not exist yet. An archive is
 * first written as a folder beside it, so there must be room for both; it appears when it is complete.
 *
 * @example
 * ```ts
 * import { Generator } from "@kanau/vndb-dump"
 * import { Effect } from "effect"
 *
 * const fault = await Effect.runPromise(Effect.flip(Generator.write("/tmp/never", { seed: 1n, scale: 0 })))
 * fault.message // => "scale: It is between 0.0001 and 10."
 * ```
 */
export const write = (
  path: string,
  options: Options,
  onProgress: (progress: Progress) => Effect.Effect<void> = () => Effect.void
): Effect.Effect<void, Fault.InvalidInput> =>
  Effect.flatMap(make(options), (dump) =>
    path.endsWith(".tar.zst")
      ? Effect.acquireUseRelease(
        beside(path),
        (folder) =>
          Effect.andThen(
            writeFolder(folder, dump, onProgress),
            Archive.pack(folder, path, { mtime: new Date(`${dump.timestamp.replace(" ", "T")}:00`) })
          ),
        remove
      )
      : writeFolder(path, dump, onProgress))

const columnsOf = (table: Layout.TableName, torture: boolean): ReadonlyArray<string> => {
  const names = Layout.tables[table].columns.map(({ name }) => name)
  return torture ? widened(table, names, unknownColumn.column) : names
}

const check = ({ scale, day = 0, date = "2026-10-02" }: Options): Fault.InvalidInput["issues"] => [
  ...(scale >= 0.0001 && scale <= 10 ? [] : [{ path: "scale", message: "It is between 0.0001 and 10." }]),
  ...(Number.isInteger(day) && day >= 0 && day <= 365
    ? []
    : [{ path: "day", message: "It is a whole number from 0 to 365." }]),
  ...(/^\d{4}-\d\d-\d\d$/.test(date) && Number.isInteger(dayOf(date)) && date >= "2020-01-01"
    ? []
    : [{ path: "date", message: "It is a date from 2020-01-01 on, written YYYY-MM-DD." }])
]
