/** Merges staged entries in batches: each batch is one transaction that writes rows, revisions and events. */
import { Outbox } from "@kanau/postgres"
import { Effect } from "effect"
import * as Entries from "../../entities/Entries.ts"
import * as Comparing from "../../entities/imports/Comparing.ts"
import * as Merging from "../../entities/imports/Merging.ts"
import { addRevision } from "../../entities/Revisions.ts"
import { events, type Transition } from "../../events.ts"
import { order } from "../../import/columns.ts"
import type { Kind } from "../../kinds.ts"
import { type OnProgress, step } from "./progress.ts"

const entriesPerBatch = 4000
const vanishedPerBatch = 1000
const indexedFrom = 3 * entriesPerBatch

/** What became of entries. */
export type Counts = Record<Transition | "unchanged", number>

export interface Merged {
  readonly counts: Counts
  /** It was the first import, and so much that only entries were announced, not what they touch. */
  readonly quiet: boolean
}

/** Merges all kinds. `at` is when the dump was made; `quietFrom` how many entries are too many to tell what they touch. */
export const mergeEntries = Effect.fnUntraced(
  function*(input: { readonly at: string; readonly quietFrom: number; readonly onProgress: OnProgress }) {
    const first = yield* step(Comparing.isFirst)
    const counts: Counts = { created: 0, edited: 0, deleted: 0, restored: 0, unchanged: 0 }
    let planned = 0
    let staged = 0
    for (const kind of order) {
      yield* step(Comparing.note({ kind }))
      const changed = yield* step(Comparing.plan({ kind, size: entriesPerBatch }))
      const all = yield* step(Comparing.countStaged({ kind }))
      counts.unchanged += all - changed
      staged += all
      if (changed > indexedFrom) yield* step(Comparing.indexStaged({ kind }))
      planned += changed
    }
    yield* step(Comparing.indexWork)
    const quiet = first && staged > input.quietFrom
    if (planned > 0) {
      for (const [at, kind] of order.filter(({ name }) => name !== "quote" && name !== "doc").entries()) {
        yield* step(Merging.begin({ kind }))
        yield* input.onProgress({ step: "merge", what: "entries that are new", done: at + 1, total: 7 })
      }
    }
    for (const kind of order) {
      const batches = yield* step(Comparing.batches({ kind }))
      const total = batches.reduce((sum, { n }) => sum + n, 0)
      let done = 0
      for (const { batch, fresh, n } of batches) {
        const changed = yield* step(mergeBatch({ kind, batch, fresh }, input.at, !quiet))
        for (const transition of changed) counts[transition]++
        done += n
        yield* input.onProgress({ step: "merge", what: kind.name, done, total })
      }
    }
    for (const kind of order.toReversed()) {
      for (;;) {
        const ids = yield* step(Comparing.vanished({ kind, limit: vanishedPerBatch }))
        if (ids.length === 0) break
        counts.deleted += yield* step(removeBatch(kind, ids, input.at))
        yield* input.onProgress({
          step: "merge",
          what: `${kind.name}, no longer there`,
          done: counts.deleted,
          total: counts.deleted
        })
      }
    }
    return { counts, quiet } satisfies Merged
  }
)

const mergeBatch = Effect.fnUntraced(function*(batch: Merging.Batch, at: string, touching: boolean) {
  const { kind } = batch
  const changing = yield* Merging.lock(batch, touching)
  yield* Merging.write(batch)
  const back = changing.filter(({ deletedBy }) => deletedBy === "import").map(({ id }) => id)
  if (back.length > 0) yield* Merging.restore({ kind, ids: back })
  const revisions = new Map((yield* Merging.finish(batch, at)).map(({ id, revision }) => [id, revision]))
  const changed = changing.map(({ created, deletedBy, id, touched }) => ({
    id,
    revision: revisions.get(id) ?? 1,
    touched,
    transition: created ? "created" as const : deletedBy === "import" ? "restored" as const : "edited" as const
  }))
  yield* keepHistory(kind, changed, at)
  yield* announce(kind, changed)
  return changed.map(({ transition }) => transition)
})

interface Changed {
  readonly id: string
  readonly revision: number
  readonly touched: ReadonlyArray<string>
  readonly transition: Transition
}

const removeBatch = Effect.fnUntraced(function*(kind: Kind, ids: ReadonlyArray<string>, at: string) {
  const touched = new Map((yield* Merging.namedBy({ kind, ids })).map((row) => [row.id, row.touched]))
  const removed = yield* Merging.remove({ kind, ids, at })
  const changed = removed.map(({ id, revision }): Changed => ({
    id,
    revision,
    touched: touched.get(id) ?? [],
    transition: "deleted"
  }))
  yield* keepHistory(kind, changed, at)
  yield* announce(kind, changed)
  return changed.length
})

/** Entries that were edited here get a revision of what came instead; of others none is kept. */
const keepHistory = Effect.fnUntraced(function*(kind: Kind, changed: ReadonlyArray<Changed>, at: string) {
  const kept = new Set(yield* Merging.withHistory({ ids: changed.map(({ id }) => id) }))
  for (const { id, revision, transition } of changed) {
    if (!kept.has(id)) continue
    const content = (yield* Entries.findEntry({ kind, id }))?.content ?? {}
    const action = transition === "deleted" || transition === "restored" ? transition : "imported"
    yield* addRevision({ id, revision, at: new Date(at), by: "", action, summary: "", content })
  }
})

const announce = Effect.fnUntraced(function*(kind: Kind, changed: ReadonlyArray<Changed>) {
  const outbox = yield* Outbox.Outbox
  yield* outbox.appendAll(changed.map(({ id, revision, touched, transition }) => {
    const Event = events[kind.name][transition]
    return new Event({ id, revision, touched })
  }))
})
