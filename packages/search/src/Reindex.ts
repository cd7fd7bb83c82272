/**
 * Builds an index anew from the truth while it is searched and while events arrive: beside the live index a next one is
 * made with the present settings and filled, then the two are swapped at once and the old one is removed. What was
 * deleted from the truth, and what an earlier version of the code put into the index, is not there afterwards.
 *
 * Live changes reach both indexes (`Indexing` says how, and why none is lost), so every process that indexes must run
 * this library's indexing. The fill itself derives once more after each write, as an indexer does.
 *
 * A run that fails or is interrupted removes what it made. One that is killed leaves it behind; a later run, when nothing
 * was heard of it for a minute, starts again from an empty index. One run of an index at a time: a second one is refused.
 */
import { Fault, Id } from "@kanau/core"
import { Clock, Effect, Exit } from "effect"
import { fill, type IndexingFault, type Source } from "./Indexing.ts"
import type { Status } from "./SearchIndex.ts"
import { SearchIndex } from "./SearchIndex.ts"

/** How far a run is. */
export interface Progress {
  readonly done: number
  /** About how many there are, as counted at the beginning. */
  readonly total: number
  /** Milliseconds it may still take at this pace; 0 at the end. */
  readonly etaMillis: number
}

/** How to run. */
export interface Options<R = never> {
  readonly onProgress?: (progress: Progress) => Effect.Effect<void, never, R>
  /** Documents at a time; 500 when absent. */
  readonly batch?: number
  /** How long a run must have been silent before another one takes its place; 60 s when absent. */
  readonly takeOverAfterMillis?: number
}

/** What became of it. */
export interface Result {
  /** Ids that were looked up. */
  readonly documents: number
  readonly millis: number
}

/**
 * Builds the index of a source anew.
 *
 * @example
 * ```ts
 * import { Indexing, Reindex, SearchIndex } from "@kanau/search"
 * import { EmbeddedSearchIndex } from "@kanau/search/embedded"
 * import { Effect } from "effect"
 *
 * const games = Indexing.source({
 *   index: SearchIndex.define({ name: "game", searchable: ["title"] }),
 *   dependsOn: [],
 *   derive: (ids) => Effect.succeed(ids.map((id) => ({ id, document: { title: "Fate" } }))),
 *   keys: (after) => Effect.succeed(after === undefined ? ["g1", "g2"] : []),
 *   total: Effect.succeed(2)
 * })
 *
 * (await Effect.runPromise(Effect.provide(Reindex.run(games), EmbeddedSearchIndex.layer))).documents // => 2
 * ```
 */
export const run = <R, R2 = never>(
  source: Source<R>,
  options: Options<R2> = {}
): Effect.Effect<Result, IndexingFault, R | R2 | SearchIndex> =>
  Effect.gen(function*() {
    const { onProgress = () => Effect.void, batch = 500, takeOverAfterMillis = 60_000 } = options
    const service = yield* SearchIndex
    const { index } = source
    const startedAt = yield* Clock.currentTimeMillis
    const other = yield* service.reindexing(index)
    if (other !== undefined && startedAt - other.updatedAt < takeOverAfterMillis) {
      const reason = `${index.name} is being reindexed, ${other.done} of ${other.total} done; wait for it.`
      return yield* new Fault.Conflict({ reason })
    }
    const total = yield* source.total
    const id = yield* Id.next
    const stand = (done: number, updatedAt: number) => ({ run: id, done, total, startedAt, updatedAt })

    const filled = Effect.gen(function*() {
      yield* service.prepare([index])
      yield* service.begin(index, stand(0, startedAt))
      let done = 0
      let after: string | undefined
      while (true) {
        const keys = yield* source.keys(after, batch)
        if (keys.length === 0) break
        yield* fill(source, keys)
        done += keys.length
        after = keys.at(-1)
        const now = yield* Clock.currentTimeMillis
        if (!(yield* service.progress(index, stand(done, now)))) return yield* takenOver(index.name)
        const left = Math.max(0, total - done)
        yield* onProgress({ done, total, etaMillis: Math.round(((now - startedAt) / done) * left) })
      }
      if (!(yield* service.promote(index, id))) return yield* takenOver(index.name)
      return { documents: done, millis: (yield* Clock.currentTimeMillis) - startedAt }
    })
    const tidy = Effect.flatMap(
      service.reindexing(index),
      (noted) => noted?.run === id ? service.abandon(index) : Effect.void
    )
    return yield* Effect.onExit(filled, (exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(tidy))
  })

const takenOver = (name: string): Fault.Conflict =>
  new Fault.Conflict({ reason: `Another run has taken over the reindexing of ${name}; nothing was swapped.` })

/**
 * How these indexes fare, by name.
 *
 * @example
 * ```ts
 * import { Reindex } from "@kanau/search"
 * import { EmbeddedSearchIndex } from "@kanau/search/embedded"
 * import { Effect } from "effect"
 *
 * Effect.runSync(Effect.provide(Reindex.status([]), EmbeddedSearchIndex.layer)) // => {}
 * ```
 */
export const status = (
  sources: ReadonlyArray<Pick<Source<unknown>, "index">>
): Effect.Effect<Readonly<Record<string, Status>>, Fault.Unavailable, SearchIndex> =>
  Effect.flatMap(SearchIndex, (service) =>
    Effect.map(
      Effect.forEach(
        sources,
        ({ index }) => Effect.map(service.status(index), (found) => [index.name, found] as const),
        { concurrency: "unbounded" }
      ),
      Object.fromEntries<Status>
    ))
