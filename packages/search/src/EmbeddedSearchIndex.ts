/**
 * The search index in this process, on MiniSearch: for development, tests, replay, and deployments that are one process.
 *
 * Guarantees: all of the port's. Ranks as the Meilisearch adapter does (number of words, typos, field, exactness, declared
 * ranking), except that it does not look at how near words are to each other, and that the beginning of a word is found
 * without typos only.
 *
 * Everything is in memory and gone with the layer: fill it from the truth at start, with `Reindex.run`. Nothing is shared
 * with other processes.
 */
import { Fault } from "@kanau/core"
import { Effect, Layer } from "effect"
import { checkChanges, checkQueries, checkQuery } from "./internal/checks.ts"
import { Engine } from "./internal/embeddedEngine.ts"
import type { Definition, Reindexing, Target } from "./SearchIndex.ts"
import { SearchIndex } from "./SearchIndex.ts"

interface Kept {
  live: Engine
  next: Engine | undefined
  reindexing: Reindexing | undefined
}

/**
 * An empty one.
 *
 * @example
 * ```ts
 * import { SearchIndex } from "@kanau/search"
 * import { EmbeddedSearchIndex } from "@kanau/search/embedded"
 * import { Effect } from "effect"
 *
 * const games = SearchIndex.define({ name: "game", searchable: ["title"] })
 * const search = Effect.gen(function*() {
 *   const index = yield* SearchIndex.SearchIndex
 *   yield* index.prepare([games])
 *   yield* index.write(games, [{ id: "g1", document: { title: "Ｆａｔｅ／stay night" } }])
 *   const { hits } = yield* index.search(games, { text: "fate" })
 *   return hits.map(({ id }) => id)
 * })
 *
 * Effect.runSync(Effect.provide(search, EmbeddedSearchIndex.layer)) // => ["g1"]
 * ```
 */
export const layer: Layer.Layer<SearchIndex> = Layer.sync(SearchIndex, () => {
  const indexes = new Map<string, Kept>()

  const kept = ({ name }: Definition): Effect.Effect<Kept, Fault.Unavailable> =>
    Effect.suspend(() => {
      const found = indexes.get(name)
      return found === undefined
        ? Effect.fail(
          new Fault.Unavailable({
            dependency: "embedded search",
            reason: `there is no index ${name}; prepare it first`
          })
        )
        : Effect.succeed(found)
    })

  const engine = (index: Definition, target: Target) =>
    Effect.map(kept(index), (found) => {
      if (target === "live") return found.live
      // As in Meilisearch, what is written to an index that is not there creates it.
      return found.next ??= new Engine(index)
    })

  const end = (found: Kept): void => {
    found.next = undefined
    found.reindexing = undefined
  }

  return SearchIndex.of({
    prepare: (definitions) =>
      Effect.sync(() => {
        for (const definition of definitions) {
          const found = indexes.get(definition.name)
          if (found === undefined) {
            indexes.set(definition.name, { live: new Engine(definition), next: undefined, reindexing: undefined })
          } else if (!found.live.isFor(definition)) found.live = new Engine(definition, found.live.documents)
        }
      }),
    write: (index, changes, target = "live") =>
      Effect.andThen(checkChanges(index, changes), Effect.map(engine(index, target), (found) => found.write(changes))),
    search: (index, query) =>
      Effect.andThen(checkQuery(index, query), Effect.map(kept(index), ({ live }) => live.search(index, query))),
    multiSearch: (queries) =>
      Effect.andThen(
        checkQueries(queries),
        Effect.forEach(queries, ({ index, query }) => Effect.map(kept(index), ({ live }) => live.search(index, query)))
      ),
    count: (index) => Effect.map(kept(index), ({ live }) => live.size),
    status: (index) =>
      Effect.map(kept(index), ({ live, reindexing }) => ({
        documents: live.size,
        pendingTasks: 0,
        failedTasks: 0,
        reindexing
      })),
    reindexing: (index) => Effect.sync(() => indexes.get(index.name)?.reindexing),
    begin: (index, progress) =>
      Effect.map(kept(index), (found) => {
        found.next = new Engine(index)
        found.reindexing = progress
      }),
    progress: (index, progress) =>
      Effect.map(kept(index), (found) => {
        const isOurs = found.reindexing?.run === progress.run
        if (isOurs) found.reindexing = progress
        return isOurs
      }),
    promote: (index, run) =>
      Effect.map(kept(index), (found) => {
        if (found.reindexing?.run !== run || found.next === undefined) return false
        found.live = found.next
        end(found)
        return true
      }),
    abandon: (index) => Effect.map(kept(index), end)
  })
})
