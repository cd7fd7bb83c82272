/**
 * Keeps search indexes current: consumes events, derives the documents they touch from the truth, and writes them. Any
 * number of processes may do this at once, with events delivered twice or out of order.
 *
 * **Why the index ends right although no write is conditional.** An indexer derives documents, writes them, and, once
 * the engine has carried the write out, derives them *again*. While what it wrote is not what it derives, it writes what
 * it derives now; only then is the event acknowledged. Take the last write of a document that the engine carried out. Its
 * indexer derived once more after that, and got what it had written: otherwise it would have written again. So the index
 * held the truth of that moment. Had the truth changed later, that change would have an event, and the indexer of that
 * event would have derived after it and written after the last write. An event whose indexer dies comes again.
 *
 * **While the index is being rebuilt** (`Reindex`) there is a next index, that a swap will put in place of the live one.
 * In each round an indexer first asks whether there is one, then writes to the next index, and after that is carried out
 * to the live one. Whenever the swap happens, one of the two writes reaches the index that stays: before both, the second
 * does; between them, both do; after both, the first does. If there was none when it asked, then the rebuild, which says
 * that it has begun before it reads anything, reads what the event is about by itself.
 *
 * Needs `derive` to read committed data from the source of truth itself, not from a copy that may lag behind. Does not
 * keep an order of events, and needs none.
 */
import { Fault, type Message, type Processor } from "@kanau/core"
import { Consumer, RetryLadder } from "@kanau/messaging"
import { Coalesce, View } from "@kanau/views"
import { Effect, Metric } from "effect"
import { canonical } from "./internal/canonical.ts"
import type { Change, Definition, SearchIndexService, SearchTaskFailed } from "./SearchIndex.ts"
import { SearchIndex } from "./SearchIndex.ts"

/** What indexing may fail with. */
export type IndexingFault = Fault.Infrastructure | SearchTaskFailed

/** Where the documents of an index come from; needs the dependencies `R`. */
export interface Source<R = never> {
  readonly index: Definition
  readonly dependsOn: ReadonlyArray<View.Dependency<R>>
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Change>, Fault.Infrastructure, R>
  readonly keys: (
    after: string | undefined,
    limit: number
  ) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R>
  readonly total: Effect.Effect<number, Fault.Infrastructure, R>
}

/**
 * Declares where the documents of an index come from.
 *
 * @example
 * ```ts
 * import { Indexing, SearchIndex } from "@kanau/search"
 * import { Effect } from "effect"
 *
 * const titles = new Map([["g1", "Fate"]])
 * const games = Indexing.source({
 *   index: SearchIndex.define({ name: "game", searchable: ["title"] }),
 *   dependsOn: [],
 *   derive: (ids) => Effect.succeed(ids.map((id) => ({ id, document: { title: titles.get(id) ?? "" } }))),
 *   keys: (after) => Effect.succeed(after === undefined ? [...titles.keys()] : []),
 *   total: Effect.succeed(titles.size)
 * })
 *
 * games.index.name // => "game"
 * ```
 */
export const source = <R1 = never, R2 = never, R3 = never, R4 = never>(declared: {
  readonly index: Definition
  /** Which events may have changed which documents, as for a view: `View.on` of `@kanau/views`. */
  readonly dependsOn: ReadonlyArray<View.Dependency<R1>>
  /** The documents as they are now, one for every id asked for; null for one that is not to be found. */
  readonly derive: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Change>, Fault.Infrastructure, R2>
  /** The ids of all documents in one fixed order, behind `after`. */
  readonly keys: (
    after: string | undefined,
    limit: number
  ) => Effect.Effect<ReadonlyArray<string>, Fault.Infrastructure, R3>
  /** About how many there are. */
  readonly total: Effect.Effect<number, Fault.Infrastructure, R4>
}): Source<R1 | R2 | R3 | R4> => declared

/**
 * The consumer that keeps these indexes current. What is touched while a write is under way is written together with the
 * next one, each document once. Run it with a prefetch of hundreds, so that there is something to gather.
 *
 * While the engine is down events wait in the queue, for a day before they are given up, and nothing else waits.
 *
 * @example
 * ```ts
 * import { Indexing } from "@kanau/search"
 *
 * Indexing.consumer("search-indexer", []).queue // => { name: "search-indexer", types: [] }
 * ```
 */
export const consumer = <R>(
  queue: string,
  sources: ReadonlyArray<Source<R>>
): Consumer.Consumer<R | SearchIndex> => {
  // Gathered per index service: a process may hold several systems, as tests do.
  const gathered = new WeakMap<SearchIndexService, ReadonlyArray<Route<R>>>()
  const routes = Effect.map(SearchIndex, (service) => {
    const found = gathered.get(service) ?? sources.map((one): Route<R> => ({
      source: one,
      refresh: Coalesce.make((ids) => refresh(one, ids))
    }))
    gathered.set(service, found)
    return found
  })
  const bind = (event: Message.Any): Consumer.Handler<R | SearchIndex> => {
    const handle = (message: object) =>
      Effect.flatMap(routes, (all) =>
        Effect.forEach(
          all,
          ({ refresh, source: { dependsOn } }) => Effect.flatMap(View.touched(dependsOn, message), refresh),
          { concurrency: "unbounded", discard: true }
        ))
    // The needs are put aside while binding: the compiler cannot tell that the `R` of a source, which it does not know
    // here, is not `OnceOnly`. Deriving twice is what sources are made for.
    return Consumer.on(event, handle as Processor.Processor<object, void, IndexingFault>)
  }
  const events = new Set(sources.flatMap(({ dependsOn }) => dependsOn.flatMap((one) => one.events)))
  return Consumer.unordered(Consumer.make({ queue, handlers: [...events].map(bind), ladder: RetryLadder.patient }))
}

interface Route<R> {
  readonly source: Source<R>
  readonly refresh: Coalesce.Coalesced<IndexingFault, R | SearchIndex>
}

/**
 * Brings these documents up to date, as the consumer does. Fails with a conflict, to be tried again later, when they keep
 * changing faster than they can be written.
 *
 * @example
 * ```ts
 * import { Indexing, SearchIndex } from "@kanau/search"
 * import { EmbeddedSearchIndex } from "@kanau/search/embedded"
 * import { Effect } from "effect"
 *
 * const games = Indexing.source({
 *   index: SearchIndex.define({ name: "game", searchable: ["title"] }),
 *   dependsOn: [],
 *   derive: (ids) => Effect.succeed(ids.map((id) => ({ id, document: { title: "Fate" } }))),
 *   keys: () => Effect.succeed([]),
 *   total: Effect.succeed(0)
 * })
 * const count = Effect.gen(function*() {
 *   const index = yield* SearchIndex.SearchIndex
 *   yield* index.prepare([games.index])
 *   yield* Indexing.refresh(games, ["g1", "g2"])
 *   return yield* index.count(games.index)
 * })
 *
 * Effect.runSync(Effect.provide(count, EmbeddedSearchIndex.layer)) // => 2
 * ```
 */
export const refresh = <R>(
  source: Source<R>,
  ids: ReadonlyArray<string>
): Effect.Effect<void, IndexingFault, R | SearchIndex> => settle(source, ids, false)

/**
 * The same for the next index alone: what a rebuild does.
 *
 * @example
 * ```ts
 * import { Indexing, SearchIndex } from "@kanau/search"
 * import { EmbeddedSearchIndex } from "@kanau/search/embedded"
 * import { Effect } from "effect"
 *
 * const games = Indexing.source({
 *   index: SearchIndex.define({ name: "game", searchable: ["title"] }),
 *   dependsOn: [],
 *   derive: (ids) => Effect.succeed(ids.map((id) => ({ id, document: { title: "Fate" } }))),
 *   keys: () => Effect.succeed([]),
 *   total: Effect.succeed(0)
 * })
 * const count = Effect.gen(function*() {
 *   const index = yield* SearchIndex.SearchIndex
 *   yield* index.prepare([games.index])
 *   yield* index.begin(games.index, { run: "r", done: 0, total: 1, startedAt: 0, updatedAt: 0 })
 *   yield* Indexing.fill(games, ["g1"])
 *   return yield* index.count(games.index)
 * })
 *
 * Effect.runSync(Effect.provide(count, EmbeddedSearchIndex.layer)) // => 0
 * ```
 */
export const fill = <R>(
  source: Source<R>,
  ids: ReadonlyArray<string>
): Effect.Effect<void, IndexingFault, R | SearchIndex> => settle(source, ids, true)

const rounds = 8

const settle = <R>(source: Source<R>, ids: ReadonlyArray<string>, nextOnly: boolean) =>
  Effect.gen(function*() {
    const index = yield* SearchIndex
    let stale = yield* derived(source, [...new Set(ids)])
    for (let round = 0; stale.length > 0; round++) {
      if (round === rounds) {
        const reason = `Documents of ${source.index.name} change faster than they can be written.`
        return yield* new Fault.Conflict({ reason })
      }
      if (nextOnly) yield* index.write(source.index, stale, "next")
      else {
        // In this order: the header says why.
        if ((yield* index.reindexing(source.index)) !== undefined) yield* index.write(source.index, stale, "next")
        yield* index.write(source.index, stale)
      }
      const { name } = source.index
      const counter = round === 0
        ? Metric.withAttributes(written, { index: name })
        : Metric.withAttributes(rewritten, { index: name })
      yield* Metric.update(counter, stale.length)
      const before = new Map(stale.map(({ id, document }) => [id, canonical(document)]))
      const now = yield* derived(source, [...before.keys()])
      stale = now.filter(({ id, document }) => canonical(document) !== before.get(id))
    }
  })

/** One result for each id, or it is no derivation. */
const derived = <R>({ derive, index }: Source<R>, ids: ReadonlyArray<string>) =>
  ids.length === 0 ? Effect.succeed<ReadonlyArray<Change>>([]) : Effect.flatMap(derive(ids), (changes) => {
    const found = new Set(changes.map(({ id }) => id))
    return changes.length === ids.length && ids.every((id) => found.has(id))
      ? Effect.succeed(changes)
      : Effect.fail(new Fault.Invariant({ reason: `${index.name} did not derive every document it was asked for.` }))
  })

const written = Metric.counter("kanau_search_documents_written_total", {
  description: "Documents written to a search index, or removed from it",
  incremental: true
})

const rewritten = Metric.counter("kanau_search_documents_rewritten_total", {
  description: "Documents written again because they had changed while they were written",
  incremental: true
})
