/**
 * The view store on MongoDB: a collection `view_<name>` for every collection of documents, one, `records`, for the small
 * records, and one, `applied`, for the positions of applied events, which MongoDB forgets by itself after a day.
 *
 * Of several writers of one document the highest version wins, whatever the order. The connection is opened by the
 * first operation and comes back by itself; until then, and whenever MongoDB does not answer in time, operations fail
 * with `Unavailable`, which never quotes a document.
 *
 * Reads go where the connection string says (`readPreference`); with the default, the primary, a read sees every write
 * that was acknowledged before it. Lists that no index fits are sorted by the server in memory. The bytes of listed
 * documents are parts of one reply, which stays in memory as long as one of them; those of single reads are their own.
 */
import { Fault } from "@kanau/core"
import { ViewStore } from "@kanau/views"
import { Clock, Effect, Layer, Option, Redacted } from "effect"
import type { Collection } from "mongodb"
import { MongoBulkWriteError, MongoClient } from "mongodb"
import * as Batches from "./internal/batches.ts"
import * as Collections from "./internal/collections.ts"
import type { StoredView } from "./internal/documents.ts"
import { complete, detached, readOptions, rendered, stored } from "./internal/documents.ts"
import { unavailable } from "./internal/errors.ts"
import * as Lists from "./internal/lists.ts"
import * as Records from "./internal/records.ts"
import * as Selections from "./internal/selections.ts"
import * as Writes from "./internal/writes.ts"

/** Where the documents are, and how long to wait for them. */
export interface Options {
  /** A MongoDB connection string. */
  readonly url: Redacted.Redacted
  readonly database: string
  /** How long to look for a server before an operation fails; 2 s when absent. */
  readonly serverSelectionTimeoutMillis?: number
  /** How long an operation may take altogether before it fails; 10 s when absent. */
  readonly operationTimeoutMillis?: number
}

interface Applied {
  readonly _id: string
  readonly at: Date
}

/**
 * The store; the connection is closed with the layer.
 *
 * @example
 * ```ts
 * import { MongoViewStore } from "@kanau/mongodb"
 * import { Layer, Redacted } from "effect"
 *
 * const store = MongoViewStore.layer({ url: Redacted.make("mongodb://127.0.0.1/"), database: "wiki" })
 *
 * Layer.isLayer(store) // => true
 * ```
 */
export const layer = (options: Options): Layer.Layer<ViewStore.ViewStore> =>
  Layer.effect(
    ViewStore.ViewStore,
    Effect.gen(function*() {
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => connect(options)),
        (open) => Effect.promise(() => open.close())
      )
      const database = client.db(options.database)
      const applied = database.collection<Applied>("applied")
      const records = database.collection<Records.StoredRecord>("records")
      const views = new Map<string, View>()
      const run = Effect.runForkWith(yield* Effect.context<never>())
      const within = bounded(options.operationTimeoutMillis ?? 10_000)

      const viewOf = (name: string): View => {
        let view = views.get(name)
        if (view === undefined) {
          const collection = database.collection<StoredView>(`view_${name}`)
          const find = (ids: ReadonlyArray<string>) => within(() => findRendered(collection, ids))
          view = { collection, find, get: Batches.make(find, run) }
          views.set(name, view)
        }
        return view
      }

      return ViewStore.ViewStore.of({
        prepare: (name, shape) =>
          Effect.andThen(
            ViewStore.checkShape(name, shape),
            within(async () => {
              await applied.createIndex({ at: 1 }, { expireAfterSeconds: ViewStore.appliedRetentionMillis / 1000 })
              await Collections.prepare(viewOf(name).collection, shape)
            })
          ),
        drop: (name) =>
          within(async () => {
            await Collections.drop(viewOf(name).collection)
            views.delete(name)
          }),
        get: (name, id) => viewOf(name).get(id),
        getMany: (name, ids) =>
          ids.length === 0 ? Effect.succeed([]) : Effect.map(viewOf(name).find(ids), (found) => [...found.values()]),
        read: (name, ids) =>
          ids.length === 0 ? Effect.succeed([]) : within(async () => {
            const found = await viewOf(name).collection.find({ _id: { $in: [...ids] } }, readOptions).toArray()
            return found.map(complete)
          }),
        find: (name, query) => within(() => Lists.page(viewOf(name).collection, query)),
        select: (name, selection) =>
          Effect.andThen(
            ViewStore.checkAsked(name, selection),
            within(() => Selections.select(viewOf(name).collection, selection))
          ),
        tally: (name, where) =>
          Effect.andThen(
            ViewStore.checkAsked(name, { where }),
            within(() => Selections.tally(viewOf(name).collection, where))
          ),
        pluck: (name, plucking) =>
          Effect.andThen(
            ViewStore.checkAsked(name, plucking),
            within(() => Selections.pluck(viewOf(name).collection, plucking))
          ),
        replaceIfNewer: (name, documents) =>
          documents.length === 0
            ? Effect.succeed(new Set<string>())
            : within(() => Writes.replaceIfNewer(viewOf(name).collection, documents.map(stored))),
        replaceIfSame: (name, document, held) =>
          within(() => Writes.replaceIfSame(viewOf(name).collection, document, held)),
        count: (name) => within(() => viewOf(name).collection.countDocuments({ deleted: false })),
        markApplied: (positions) =>
          positions.length === 0
            ? Effect.void
            : Effect.flatMap(
              Clock.currentTimeMillis,
              (now) => within(() => insertNew(applied, positions.map((_id) => ({ _id, at: new Date(now) }))))
            ),
        unapplied: (positions) =>
          positions.length === 0
            ? Effect.succeed([])
            : within(async () => {
              const found = await applied.find({ _id: { $in: [...positions] } }, { projection: { _id: 1 } }).toArray()
              const known = new Set(found.map(({ _id }) => _id))
              return positions.filter((position) => !known.has(position))
            }),
        records: {
          get: (key) => Effect.map(within(() => Records.get(records, key)), Option.fromNullishOr),
          list: (prefix) => within(() => Records.list(records, prefix)),
          put: (key, value, revision) => within(() => Records.put(records, key, value, revision)),
          remove: (prefix) => within(() => Records.remove(records, prefix))
        }
      })
    })
  )

/**
 * What `prepare` would create of these collections and their indexes, in words; changes nothing. For operators, by a
 * connection of its own.
 *
 * @example
 * ```ts
 * import { MongoViewStore } from "@kanau/mongodb"
 * import { Effect, Redacted } from "effect"
 *
 * const missing = MongoViewStore.missing({ url: Redacted.make("mongodb://127.0.0.1/"), database: "wiki" }, [])
 * await Effect.runPromise(missing) // => []
 * ```
 */
export const missing = (
  options: Options,
  collections: ReadonlyArray<{ readonly name: string; readonly shape: ViewStore.Shape }>
): Effect.Effect<ReadonlyArray<string>, Fault.Unavailable> =>
  Effect.acquireUseRelease(
    Effect.sync(() => connect(options)),
    (client) =>
      Effect.map(
        Effect.forEach(collections, ({ name, shape }) =>
          Effect.map(
            bounded(options.operationTimeoutMillis ?? 10_000)(() =>
              Collections.missing(client.db(options.database).collection<StoredView>(`view_${name}`), shape)
            ),
            (found) => found.map((what) => `${what} of ${name}`)
          )),
        (found) => found.flat()
      ),
    (client) => Effect.promise(() => client.close())
  )

interface View {
  readonly collection: Collection<StoredView>
  readonly find: Batches.Find
  readonly get: (id: string) => Effect.Effect<Option.Option<ViewStore.RenderedDocument>, Fault.Unavailable>
}

const connect = ({ url, serverSelectionTimeoutMillis = 2000, operationTimeoutMillis = 10_000 }: Options): MongoClient =>
  new MongoClient(Redacted.value(url), {
    appName: "kanau",
    serverSelectionTimeoutMS: serverSelectionTimeoutMillis,
    connectTimeoutMS: serverSelectionTimeoutMillis,
    waitQueueTimeoutMS: operationTimeoutMillis,
    // A connection that hangs is given up; the operation itself ended before.
    socketTimeoutMS: operationTimeoutMillis
  })

/** Runs a call of the driver; whatever goes wrong, the store is not available. */
const bounded = (millis: number) => <A>(call: () => Promise<A>): Effect.Effect<A, Fault.Unavailable> =>
  Effect.timeoutOrElse(Effect.tryPromise({ try: call, catch: unavailable }), {
    duration: millis,
    orElse: () => Effect.fail(new Fault.Unavailable({ dependency: "mongodb", reason: `no answer within ${millis} ms` }))
  })

const findRendered = async (
  collection: Collection<StoredView>,
  ids: ReadonlyArray<string>
): Promise<ReadonlyMap<string, ViewStore.RenderedDocument>> => {
  const found = new Map<string, ViewStore.RenderedDocument>()
  for (const document of await collection.find({ _id: { $in: [...ids] } }, renderedOptions).toArray()) {
    found.set(document._id, detached(rendered(document)))
  }
  return found
}

const renderedOptions = { ...readOptions, projection: { fields: 0, base: 0, parts: 0 } } as const

/** Inserts what is not there yet. */
const insertNew = async (applied: Collection<Applied>, documents: ReadonlyArray<Applied>): Promise<void> => {
  try {
    await applied.insertMany(documents, { ordered: false })
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !Writes.isOnlyDuplicates(error)) throw error
  }
}
