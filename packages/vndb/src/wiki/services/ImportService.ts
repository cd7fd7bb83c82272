/**
 * Imports a VNDB dump, a folder or a `.tar.zst`, all of its tables. It is staged first, then merged: entries in batches, each
 * one transaction that writes what differs from the last import, raises revisions and appends one event for each entry;
 * then votes and, if wanted, lists. A second run of the same dump writes nothing and publishes nothing; an import that was
 * interrupted can simply be started again. While one runs, another ends with `Conflict` before it does anything.
 *
 * Unknown tables and columns are reported. Rows that break a rule are left out and counted; only a missing table or column,
 * or a damaged archive, ends the import. What was made here is left alone: see `docs/how-to/import-a-dump.md`.
 */
import { Fault } from "@kanau/core"
import { Database, Outbox } from "@kanau/postgres"
import { Archive, Layout } from "@kanau/vndb-dump"
import { Effect } from "effect"
import * as Staging from "../entities/imports/Staging.ts"
import * as Things from "../entities/imports/Things.ts"
import * as Turn from "../entities/imports/Turn.ts"
import { vndb } from "../pages/source.ts"
import * as DeriveService from "./DeriveService.ts"
import { type Counts, mergeEntries } from "./imports/merging.ts"
import { type OnProgress, step } from "./imports/progress.ts"
import { check, type Read, read, type Source } from "./imports/reading.ts"
import { mergeRows, mergeThings, putSource, removeThings, removeUsers } from "./imports/rows.ts"

export type { Progress } from "./imports/progress.ts"
export type { Source } from "./imports/reading.ts"
export type Reject = Staging.Reject

/** What an import did. */
export interface Report extends Read, Counts {
  /** When the dump was made. */
  readonly timestamp: string
  /** Rows without revisions: images, links, users, votes, lists, figures of the dump. */
  readonly added: number
  readonly removed: number
  /** Rows left out, by table and rule, with the first of them. */
  readonly rejected: ReadonlyArray<Staging.Rejected>
  /** It was the first import, and so much that pages have to be built anew: `view rebuild`. */
  readonly rebuildViews: boolean
  readonly attribution: string
}

/** What is due wherever these data are shown. */
export const attribution =
  "Data of VNDB (https://vndb.org), under the Open Database License 1.0, contents under the Database "
  + "Contents License 1.0; anime of AniDB, under CC BY-NC-SA 4.0; Wikidata under CC0 1.0."

/** How to import. */
export interface Options {
  readonly onProgress: OnProgress
  /** Lists and votes of users too: personal data. Without, those of an earlier import are removed. */
  readonly userLists?: boolean
  /** Without deriving anything afterwards. */
  readonly derive?: boolean
  /**
   * A first import of more entries than this (20,000 unless told otherwise) announces them without what else they touch, and
   * nothing that is derived is announced: pages are built anew then.
   */
  readonly quietFrom?: number
  /** Is given all rows that were left out. */
  readonly onRejects?: (rejects: ReadonlyArray<Reject>) => Effect.Effect<void>
}

/** Imports the dump at `path`. */
export const importDump = ({ path, ...options }: Options & { readonly path: string }) =>
  Effect.flatMap(Archive.open(path), (archive) => importArchive({ ...options, archive }))

/** Imports an opened dump, or what reads like one. */
export const importArchive = (input: Options & { readonly archive: Source }) =>
  Effect.scoped(Effect.andThen(alone, importAlone(input)))

const alone = Effect.flatMap(Database.faults(Turn.take), ({ since, taken }) =>
  taken ? Effect.void : Effect.fail(
    new Fault.Conflict({
      reason: `Another import into this database is running${since === null ? "" : ` since ${since} UTC`}. `
        + "Wait until it has ended, or end it; then start again."
    })
  ))

const importAlone = Effect.fnUntraced(function*(input: Options & { readonly archive: Source }) {
  const { archive, onProgress, onRejects, quietFrom = 20_000, userLists = false } = input
  const at = archive.timestamp
  const tables = yield* read({ archive, onProgress, userLists })
  yield* check(onProgress)
  const put = yield* mergeThings(onProgress, quietFrom)
  const { counts, quiet } = yield* mergeEntries({ at, quietFrom, onProgress })
  let removed = yield* removeThings
  const rows = yield* mergeRows(onProgress, quiet || put.quiet)
  removed += rows.removed + (yield* removeUsers(at))
  const added = put.written + rows.added + (yield* step(Things.putFigures({ userLists })))
  yield* step(Things.adjustNumbering)
  yield* step(Things.analyzeHeld({ tables: Layout.names }))
  if (input.derive !== false) yield* derive(onProgress, quiet)
  yield* putSource({ name: vndb, at, attribution })
  const rejected = yield* step(Staging.rejected)
  if (onRejects !== undefined) yield* handOver(onRejects)
  yield* step(Staging.drop)
  return {
    ...tables,
    ...counts,
    timestamp: at,
    added,
    removed,
    rejected,
    rebuildViews: rows.quiet,
    attribution
  } satisfies Report
})

/** So much at once is derived without a word. */
const silent = Outbox.Outbox.of({ append: () => Effect.succeed(""), appendAll: () => Effect.succeed([]) })

const derive = Effect.fnUntraced(function*(onProgress: OnProgress, quiet: boolean) {
  const outbox = quiet ? silent : yield* Outbox.Outbox
  const total = DeriveService.everything.length
  for (const [at, { name, run }] of DeriveService.everything.entries()) {
    yield* Effect.provideService(step(run), Outbox.Outbox, outbox)
    yield* onProgress({ step: "derive", what: name, done: at + 1, total })
  }
})

const handOver = Effect.fnUntraced(function*(onRejects: (rejects: ReadonlyArray<Reject>) => Effect.Effect<void>) {
  for (let number = "0";;) {
    const page = yield* step(Staging.rejectsAfter({ number, limit: 5000 }))
    const last = page.at(-1)
    if (last === undefined) return
    yield* onRejects(page)
    number = last.number
  }
})
