/**
 * The search index on Meilisearch, through its official client.
 *
 * An index of a definition is called `<prefix><name>`; while it is reindexed there is `<prefix><name>__next`, and the
 * index `<prefix>reindex__state` says how far that is. A document is kept as `{ key, id, fields, folded }`: `fields` is
 * the document, `folded` what is searched, `key` the id in the characters Meilisearch allows.
 *
 * Meilisearch carries writes out one after the other, some time after it has accepted them: every write here waits for
 * that, and fails with what it failed with. Whatever is not answered in time fails with `Unavailable`, and so does a write
 * the server could not carry out for reasons of its own, such as a full disk. The address and the key are never in a
 * message, nor is what the server says of documents.
 *
 * Needs a version that knows the ranking rule `attributeRank` and tolerates no typos in numbers (`disableOnNumbers`).
 */
import { Config, Effect, Layer, Option, Redacted } from "effect"
import { Meilisearch } from "meilisearch"
import { checkChanges, checkQueries, checkQuery } from "./internal/checks.ts"
import { asked, found, hasSettings, keyOf, settingsOf, type Stored, stored } from "./internal/meiliDocuments.ts"
import { codeOf } from "./internal/meiliErrors.ts"
import * as Tasks from "./internal/meiliTasks.ts"
import type { Definition, Reindexing, Target, WriteFault } from "./SearchIndex.ts"
import { SearchIndex } from "./SearchIndex.ts"

/** Where Meilisearch is, and how long to wait for it. */
export interface Options {
  readonly url: string
  readonly apiKey?: Redacted.Redacted
  /** Before the name of every index; nothing when absent. */
  readonly prefix?: string
  /** How long a request may take; 10 s when absent. */
  readonly requestTimeoutMillis?: number
  /** How long a write may wait to be carried out; 60 s when absent. */
  readonly taskTimeoutMillis?: number
}

/**
 * From the environment: `MEILISEARCH_URL`, and where there are any `MEILISEARCH_KEY` and `MEILISEARCH_PREFIX`.
 *
 * @example
 * ```ts
 * const layer = Layer.unwrap(Effect.map(MeiliSearchIndex.config, MeiliSearchIndex.layer))
 * ```
 */
export const config: Config.Config<Options> = Config.map(
  Config.all({
    url: Config.String("MEILISEARCH_URL"),
    apiKey: Config.option(Config.Redacted("MEILISEARCH_KEY")),
    prefix: Config.String("MEILISEARCH_PREFIX").pipe(Config.withDefault(""))
  }),
  ({ apiKey, ...rest }) => ({ ...rest, ...(Option.isSome(apiKey) ? { apiKey: apiKey.value } : {}) })
)

/** Most documents of one request. */
const batchSize = 1000

/**
 * The index; nothing is sent before the first operation.
 *
 * @example
 * ```ts
 * import { MeiliSearchIndex } from "@kanau/search/meilisearch"
 * import { Redacted } from "effect"
 *
 * const layer = MeiliSearchIndex.layer({ url: "http://127.0.0.1:7700", apiKey: Redacted.make("a key") })
 * "build" in layer // => true
 * ```
 */
export const layer = (options: Options): Layer.Layer<SearchIndex> => Layer.sync(SearchIndex, () => service(options))

const service = (options: Options): SearchIndex["Service"] => {
  const { prefix = "", requestTimeoutMillis = 10_000, taskTimeoutMillis = 60_000 } = options
  const client = new Meilisearch({
    host: options.url,
    ...(options.apiKey === undefined ? {} : { apiKey: Redacted.value(options.apiKey) }),
    // A request that hangs is given up; the operation itself ended before.
    timeout: requestTimeoutMillis
  })
  const { ask, carryOut } = Tasks.make(client, { requestMillis: requestTimeoutMillis, taskMillis: taskTimeoutMillis })
  const uid = ({ name }: Definition, target: Target = "live"): string =>
    `${prefix}${name}${target === "next" ? "__next" : ""}`
  const state = client.index<Reindexing & { readonly key: string }>(`${prefix}reindex__state`)

  const settings = (index: Definition, target: Target): Effect.Effect<void, WriteFault> =>
    Effect.gen(function*() {
      const name = uid(index, target)
      const wanted = settingsOf(index)
      const actual = yield* ask(() => orNone(client.index(name).getSettings()))
      if (actual !== undefined && hasSettings(actual, wanted)) return
      if (actual === undefined) {
        yield* carryOut(index.name, () => client.createIndex(name, { primaryKey: "key" }), "index_already_exists")
      }
      yield* carryOut(index.name, () => client.index(name).updateSettings(wanted))
    })

  /** Asks first: removing what is not there would stay among the server's failed tasks, which operators look at. */
  const remove = (index: Definition, target: Target) =>
    Effect.flatMap(ask(() => orNone(client.getRawIndex(uid(index, target)))), (there) =>
      there === undefined
        ? Effect.void
        : carryOut(index.name, () => client.deleteIndex(uid(index, target)), "index_not_found"))

  const note = (index: Definition, progress: Reindexing) =>
    carryOut(index.name, () => state.addDocuments([{ ...progress, key: index.name }], { primaryKey: "key" }))

  const reindexing: SearchIndex["Service"]["reindexing"] = (index) =>
    Effect.map(ask(() => orNone(state.getDocument(index.name))), (noted) => {
      if (noted === undefined) return undefined
      const { key: _, ...progress } = noted
      return progress
    })

  const end = (index: Definition) =>
    Effect.andThen(
      carryOut(index.name, () => state.deleteDocument(index.name), "index_not_found"),
      remove(index, "next")
    )

  return {
    prepare: (definitions) => Effect.forEach(definitions, (index) => settings(index, "live"), { discard: true }),
    write: (index, changes, target) =>
      Effect.gen(function*() {
        yield* checkChanges(index, changes)
        const documents = client.index<Stored>(uid(index, target))
        for (let at = 0; at < changes.length; at += batchSize) {
          const batch = changes.slice(at, at + batchSize)
          const gone = batch.flatMap(({ document, id }) => document === null ? [keyOf(id)] : [])
          const there = batch.flatMap(({ document, id }) => document === null ? [] : [stored(index, id, document)])
          const removal = carryOut(index.name, () => documents.deleteDocuments(gone), "index_not_found")
          const addition = carryOut(index.name, () => documents.addDocuments(there, { primaryKey: "key" }))
          yield* Effect.all([gone.length > 0 ? removal : Effect.void, there.length > 0 ? addition : Effect.void], {
            concurrency: 2
          })
        }
      }),
    search: (index, query) =>
      Effect.andThen(
        checkQuery(index, query),
        Effect.suspend(() => {
          const { indexUid, q, ...rest } = asked(index, uid(index), query)
          return Effect.map(
            ask((signal) => client.index<Stored>(indexUid).search(q, rest, { signal })),
            (response) => found(index, query, response)
          )
        })
      ),
    multiSearch: (queries) =>
      Effect.andThen(
        checkQueries(queries),
        queries.length === 0 ? Effect.succeed([]) : Effect.map(
          ask((signal) =>
            client.multiSearch<{ queries: Array<ReturnType<typeof asked>> }, Stored>(
              { queries: queries.map(({ index, query }) => asked(index, uid(index), query)) },
              { signal }
            )
          ),
          ({ results }) =>
            queries.flatMap(({ index, query }, at) => {
              const response = results[at]
              return response === undefined ? [] : [found(index, query, response)]
            })
        )
      ),
    count: (index) => Effect.map(ask(() => client.index(uid(index)).getStats()), (stats) => stats.numberOfDocuments),
    status: (index) => {
      const tasks = (...statuses: Array<"enqueued" | "processing" | "failed">) =>
        Effect.map(
          ask(() => client.tasks.getTasks({ indexUids: [uid(index), uid(index, "next")], statuses, limit: 1 })),
          ({ total }) => total
        )
      return Effect.all({
        documents: Effect.map(ask(() => client.index(uid(index)).getStats()), (stats) => stats.numberOfDocuments),
        pendingTasks: tasks("enqueued", "processing"),
        failedTasks: tasks("failed"),
        reindexing: reindexing(index)
      }, { concurrency: "unbounded" })
    },
    reindexing,
    begin: (index, progress) =>
      // Said last: whoever hears of it finds an index to write to.
      Effect.andThen(Effect.andThen(remove(index, "next"), settings(index, "next")), note(index, progress)),
    progress: (index, progress) =>
      Effect.flatMap(
        reindexing(index),
        (noted) => noted?.run === progress.run ? Effect.as(note(index, progress), true) : Effect.succeed(false)
      ),
    promote: (index, run) =>
      Effect.gen(function*() {
        const noted = yield* reindexing(index)
        if (noted?.run !== run) return false
        const swap = [{ indexes: [uid(index), uid(index, "next")], rename: false } satisfies Swap]
        yield* carryOut(index.name, () => client.swapIndexes(swap))
        yield* end(index)
        return true
      }),
    abandon: end
  }
}

interface Swap {
  indexes: [string, string]
  rename: boolean
}

/** The answer, or none when there is no such index or document. */
const orNone = async <A>(answer: Promise<A>): Promise<A | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (["index_not_found", "document_not_found"].includes(codeOf(error) ?? "")) return undefined
    throw error
  }
}
