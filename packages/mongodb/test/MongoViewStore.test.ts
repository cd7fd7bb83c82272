import { assert, describe, it } from "@effect/vitest"
import type { Fault } from "@kanau/core"
import { MongoViewStore } from "@kanau/mongodb"
import { FaultProxy, MongoStandIn, Servers, ViewStoreConformance } from "@kanau/testing"
import { ViewStore } from "@kanau/views"
import { Effect, Option, Redacted } from "effect"
import { MongoClient } from "mongodb"
import { afterAll } from "vitest"
import type { StoredView } from "../src/internal/documents.ts"
import { stored } from "../src/internal/documents.ts"
import { replaceIfNewer } from "../src/internal/writes.ts"

const { name: database, url } = await Servers.mongoDatabase()
const admin = new MongoClient(url, { monitorCommands: true })
afterAll(() => admin.close())

ViewStoreConformance.suite("MongoDB view store", MongoViewStore.layer({ url: Redacted.make(url), database }))

const document = (id: string, version: bigint): ViewStore.ViewDocument => ({
  id,
  version,
  base: version,
  parts: {},
  revision: 1,
  derivedAt: 0,
  etag: "\"e\"",
  bytes: new TextEncoder().encode("{}"),
  gzip: null,
  fields: { title: "t" },
  deleted: false
})

/** Whatever is done with a store reached by this URL. */
const withStore = <A, E>(
  options: Partial<MongoViewStore.Options>,
  body: (store: ViewStore.ViewStoreService) => Effect.Effect<A, E>
) =>
  Effect.flatMap(ViewStore.ViewStore, body).pipe(
    Effect.provide(MongoViewStore.layer({ url: Redacted.make(url), database, ...options }))
  )

/** The database behind a proxy. */
const proxied = Effect.acquireRelease(
  Effect.promise(async () => {
    const { hostname, port } = new URL(url)
    const proxy = await FaultProxy.start({ host: hostname, port: Number(port) })
    const through = new URL(url)
    through.host = `127.0.0.1:${proxy.port}`
    return { proxy, url: Redacted.make(through.href) }
  }),
  ({ proxy }) => Effect.promise(() => proxy.close())
)

/** A server that nobody else asks anything, and how often it has been asked since it started. */
const counting = Effect.map(
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = await MongoStandIn.start()
      return { server, client: new MongoClient(server.url) }
    }),
    ({ client, server }) => Effect.promise(() => client.close().then(server.close))
  ),
  ({ client, server }) => ({
    url: Redacted.make(server.url),
    queries: Effect.promise(async () => {
      const status = await client.db("admin").command({ serverStatus: 1 })
      return Number(status["opcounters"]?.query)
    })
  })
)

describe("MongoDB view store", () => {
  it.live("NV-3 a collection holds the documents in the documented shape", () =>
    withStore({}, (store) =>
      Effect.gen(function*() {
        const version = 2n ** 60n + 1n
        const parts = { votes: version, notes: 1n }
        yield* store.replaceIfNewer("shape", [{ ...document("v1", version), parts, gzip: Uint8Array.of(1) }])
        const found = yield* Effect.promise(() =>
          admin.db(database).collection("view_shape").findOne({}, { useBigInt64: true, promoteBuffers: true })
        )
        assert.deepStrictEqual(found, {
          _id: "v1" as never,
          version,
          base: version,
          parts: { notes: 1n, votes: version },
          revision: 1,
          derivedAt: new Date(0),
          etag: "\"e\"",
          bytes: Buffer.from("{}"),
          gzip: Buffer.of(1),
          fields: { title: "t" },
          deleted: false
        })
      })))

  it.live("NV-2 a document of the first release is read, and replaced if it is still the same", () =>
    withStore({}, (store) =>
      Effect.gen(function*() {
        const { base: _, parts: __, gzip: ___, ...first } = stored(document("old", 5n))
        yield* Effect.promise(() => admin.db(database).collection<StoredView>("view_old").insertOne(first))
        const [held = document("", 0n)] = yield* store.read("old", ["old"])
        assert.deepStrictEqual(held, { ...document("old", 5n), bytes: Buffer.from("{}") })
        assert.isNull(Option.getOrThrow(yield* store.get("old", "old")).gzip)
        const next = { ...held, version: 6n, parts: { votes: 6n } }
        assert.isFalse(yield* store.replaceIfSame("old", next, { ...held, base: 4n }))
        assert.isFalse(yield* store.replaceIfSame("old", next, { ...held, parts: { votes: 5n } }))
        assert.isTrue(yield* store.replaceIfSame("old", next, held))
        assert.isFalse(yield* store.replaceIfSame("old", next, held))
      })))

  it.live("indexes are of live documents and end with the id; those of applied positions expire after a day", () =>
    withStore({}, (store) =>
      Effect.gen(function*() {
        yield* store.prepare("indexed", {
          fields: { title: "text", tags: "texts", links: { records: { name: "text", level: "number" } } },
          indexes: [["tags", "title"], [], ["links.name", "links.level"]]
        })
        const [indexed, applied] = yield* Effect.promise(() =>
          Promise.all(["view_indexed", "applied"].map((name) => admin.db(database).collection(name).indexes()))
        )
        assert.deepStrictEqual(
          indexed?.map(({ key, partialFilterExpression }) => [Object.entries(key), partialFilterExpression]),
          [
            [[["_id", 1]], undefined],
            [[["deleted", 1]], undefined],
            [[["fields.tags", 1], ["fields.title", 1], ["_id", 1]], { deleted: false }],
            [[["fields.links.name", 1], ["fields.links.level", 1], ["_id", 1]], { deleted: false }]
          ]
        )
        const expiring = applied?.find((index) => index.expireAfterSeconds !== undefined)
        assert.deepStrictEqual([expiring?.key, expiring?.expireAfterSeconds], [{ at: 1 }, 86_400])
      })))

  it.live("reads made in one turn cost one query for each 500 ids", () =>
    Effect.scoped(Effect.gen(function*() {
      const { queries, url } = yield* counting
      yield* withStore({ url }, (store) =>
        Effect.gen(function*() {
          yield* store.replaceIfNewer("vn", [document("one", 1n)])
          const before = yield* queries
          const ids = Array.from({ length: 1000 }, (_, n) => n % 2 === 0 ? "one" : `missing-${n}`)
          const found = yield* Effect.forEach(ids, (id) => store.get("vn", id), { concurrency: "unbounded" })
          assert.strictEqual(found.filter(Option.isSome).length, 500)
          // 501 different ids
          assert.strictEqual((yield* queries) - before, 2)
        }))
    })))

  it("NV-2 a newer version that loses the race of first inserts is written all the same", async () => {
    const collection = admin.db(database).collection<StoredView>("view_race")
    const [older, newer] = [stored(document("r", 1n)), stored(document("r", 2n))]
    let calls = 0
    const racing: typeof collection = Object.create(collection, {
      bulkWrite: {
        value: async (...call: Parameters<typeof collection.bulkWrite>) => {
          if (calls++ > 0) return collection.bulkWrite(...call)
          // What the server answers when another upsert of the id comes in between.
          await collection.insertOne(older)
          return collection.bulkWrite([{ insertOne: { document: newer } }], call[1])
        }
      }
    })
    assert.deepStrictEqual(await replaceIfNewer(racing, [newer]), new Set(["r"]))
    assert.strictEqual((await collection.findOne({ _id: "r" }, { useBigInt64: true }))?.version, 2n)
  })
})

describe("without MongoDB", () => {
  it.live("every operation fails with Unavailable in bounded time, and says nothing of documents", () =>
    Effect.scoped(Effect.gen(function*() {
      const { proxy, url: through } = yield* proxied
      proxy.set({ down: true })
      yield* withStore(
        { url: through, serverSelectionTimeoutMillis: 200 },
        (store) => ViewStoreConformance.expectUnavailable(store, "mongodb")
      )
    })))

  it.live("a server that hangs is given up after the operation's timeout", () =>
    Effect.scoped(Effect.gen(function*() {
      const { proxy, url: through } = yield* proxied
      yield* withStore({ url: through, operationTimeoutMillis: 300 }, (store) =>
        Effect.gen(function*() {
          yield* store.get("vn", "one")
          proxy.set({ blackhole: true })
          yield* ViewStoreConformance.expectUnavailable(store, "mongodb")
          proxy.set({ down: true })
        }))
    })))

  it.live("reads and writes come back with the server", () =>
    Effect.scoped(Effect.gen(function*() {
      const { proxy, url: through } = yield* proxied
      yield* withStore({ url: through, serverSelectionTimeoutMillis: 500 }, (store) =>
        Effect.gen(function*() {
          yield* store.replaceIfNewer("vn", [document("back", 1n)])
          proxy.set({ down: true })
          const failure: Fault.Unavailable = yield* Effect.flip(store.get("vn", "back"))
          assert.strictEqual(failure.kind, "unavailable")
          proxy.set({})
          yield* Effect.retry(store.replaceIfNewer("vn", [document("back", 2n)]), { times: 20 })
          assert.strictEqual(Option.getOrThrow(yield* store.get("vn", "back")).version, 2n)
        }))
    })))

  it.live("what the server says about a document stays out of the message", () =>
    Effect.gen(function*() {
      const huge = { ...document("secret-id", 1n), bytes: new Uint8Array(17 * 1024 * 1024) }
      const fault = yield* Effect.flip(withStore({}, (store) => store.replaceIfNewer("vn", [huge])))
      assert.notInclude(fault.message, "secret")
      assert.strictEqual(fault.kind, "unavailable")
    }))
})
