/** Meilisearch that is not there, hangs, refuses, or fails: what operations answer, and that indexing catches up. */
import { assert, describe, it } from "@effect/vitest"
import { Envelope, Message } from "@kanau/core"
import { Bus, Consumer, EmbeddedBus } from "@kanau/messaging"
import { Filter, Indexing, SearchIndex } from "@kanau/search"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { FaultProxy, MeiliStandIn, SearchIndexConformance } from "@kanau/testing"
import { View } from "@kanau/views"
import { Effect, Redacted, Schedule, Schema } from "effect"
import { Meilisearch } from "meilisearch"

class BookChanged extends Message.event<BookChanged>()("books.book.changed", {
  fields: { id: Schema.String },
  subject: ({ id }) => id
}) {}

const books = SearchIndex.define({
  name: "book",
  searchable: ["title"],
  filterable: ["language"],
  ranking: [{ field: "votes", direction: "desc" }],
  synonyms: { VN: ["Novel", "Book"] }
})

const standIn = (options?: MeiliStandIn.Options) =>
  Effect.acquireRelease(
    Effect.promise(() => MeiliStandIn.start(options)),
    (server) => Effect.promise(() => server.close())
  )

const withIndex = <A, E, R>(
  options: MeiliSearchIndex.Options,
  body: (index: SearchIndex.SearchIndexService) => Effect.Effect<A, E, R>
) => Effect.flatMap(SearchIndex.SearchIndex, body).pipe(Effect.provide(MeiliSearchIndex.layer(options)))

/** Waits for something that the other side of a socket does. */
const eventually = <E>(isSo: Effect.Effect<boolean, E>) =>
  isSo.pipe(
    Effect.orElseSucceed(() => false),
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("20 millis") }),
    Effect.timeout("20 seconds")
  )

describe("Without Meilisearch", () => {
  it.live("every operation fails with Unavailable, and says nothing of documents", () =>
    Effect.gen(function*() {
      const server = yield* standIn()
      yield* Effect.promise(() => server.stop())
      yield* withIndex({ url: server.url }, (index) => SearchIndexConformance.expectUnavailable(index, "meilisearch"))
      yield* Effect.promise(() => server.start())
    }).pipe(Effect.scoped))

  it.live("a server that hangs is given up after the time for a request", () =>
    Effect.gen(function*() {
      const server = yield* standIn()
      const proxy = yield* FaultProxy.scoped(server.url)
      proxy.set({ blackhole: true })
      yield* withIndex(
        { url: proxy.url, requestTimeoutMillis: 300 },
        (index) => SearchIndexConformance.expectUnavailable(index, "meilisearch")
      )
      proxy.set({ down: true })
    }).pipe(Effect.scoped))

  it.live(
    "NV-6 while it is down events wait, and afterwards the index catches up with all of them",
    () =>
      Effect.gen(function*() {
        const server = yield* standIn()
        const truth = new Map<string, SearchIndex.Document>()
        const source = Indexing.source({
          index: books,
          dependsOn: [View.on([BookChanged], ({ id }) => Effect.succeed([id]))],
          derive: (ids) => Effect.sync(() => ids.map((id) => ({ id, document: truth.get(id) ?? null }))),
          keys: () => Effect.succeed([]),
          total: Effect.sync(() => truth.size)
        })
        const bus = yield* Bus.Bus
        const edit = (id: string, title: string | null) =>
          Effect.gen(function*() {
            if (title === null) truth.delete(id)
            else truth.set(id, { title })
            yield* bus.publish(yield* Envelope.make(new BookChanged({ id }), { source: "/test" }))
          })
        const indexing = Indexing.consumer("search-indexer", [source])
        yield* withIndex({ url: server.url, requestTimeoutMillis: 1000 }, (index) =>
          Effect.gen(function*() {
            yield* index.prepare([books])
            yield* Consumer.run({ ...indexing, ladder: { baseMillis: 20, factor: 1, capMillis: 20, attempts: 100 } }, {
              prefetch: 100
            })
            yield* edit("a", "before")
            yield* eventually(Effect.map(index.count(books), (count) => count === 1))

            yield* Effect.promise(() => server.stop())
            for (let at = 0; at < 40; at++) yield* edit(`b${at % 20}`, `during ${at}`)
            yield* edit("a", null)
            assert.strictEqual((yield* Effect.flip(index.count(books))).kind, "unavailable")
            const attempted = Effect.map(bus.status("search-indexer"), (queue) =>
              queue !== undefined && queue.delayed > 0)
            yield* eventually(attempted)

            yield* Effect.promise(() =>
              server.start()
            )
            yield* eventually(Effect.map(index.count(books), (count) => count === 20))
            const { hits } = yield* index.search(books, { limit: 100 })
            const indexed = Object.fromEntries(hits.map(({ document, id }) => [id, document]))
            assert.deepStrictEqual(indexed, Object.fromEntries(truth))
            assert.deepStrictEqual(yield* bus.deadLetters("search-indexer", 10), [])
          }))
      }).pipe(Effect.scoped, Effect.provide(EmbeddedBus.layer({ file: ":memory:" }))),
    60_000
  )
})

describe("What Meilisearch refuses", () => {
  it.live("a key that is wrong makes it unavailable, and is in no message", () =>
    Effect.gen(function*() {
      const { url } = yield* standIn({ apiKey: "right-key" })
      const fault = yield* withIndex(
        { url, apiKey: Redacted.make("wrong-key") },
        (index) => Effect.flip(index.prepare([books]))
      )
      assert.strictEqual(fault.message, "meilisearch is unavailable: the server answered invalid_api_key")
      yield* withIndex({ url, apiKey: Redacted.make("right-key") }, (index) => index.prepare([books]))
    }).pipe(Effect.scoped))

  it.live("a task that failed is a fault that tells the code, never the document", () =>
    Effect.gen(function*() {
      const { url } = yield* standIn()
      yield* withIndex({ url }, (index) =>
        Effect.gen(function*() {
          yield* index.prepare([books])
          // Another program made the index, with a key that our documents lack.
          const client = new Meilisearch({ host: url })
          yield* Effect.promise(() => client.deleteIndex("book").waitTask())
          yield* Effect.promise(() => client.createIndex("book", { primaryKey: "isbn" }).waitTask())
          const fault = yield* Effect.flip(index.write(books, [{ id: "a", document: { title: "secret" } }]))
          assert.isTrue(fault instanceof SearchIndex.SearchTaskFailed)
          assert.strictEqual(fault.kind, "invariant")
          assert.strictEqual(
            fault.message,
            "The search engine could not carry out a write to book: missing_document_id"
          )
          assert.strictEqual((yield* index.status(books)).failedTasks, 1)
        }))
    }).pipe(Effect.scoped))

  it.live("a write that is not carried out in time is unavailable", () =>
    Effect.gen(function*() {
      const { url } = yield* standIn({ taskMillis: 400 })
      const fault = yield* withIndex({ url, taskTimeoutMillis: 100 }, (index) => Effect.flip(index.prepare([books])))
      assert.strictEqual(
        fault.message,
        "meilisearch is unavailable: a write to book was not carried out within 100 ms"
      )
    }).pipe(Effect.scoped))

  it.live("a query that is wrong never leaves the process", () =>
    Effect.gen(function*() {
      const server = yield* standIn()
      yield* Effect.promise(() => server.stop())
      const loose: SearchIndex.Definition = books
      yield* withIndex({ url: server.url }, (index) =>
        Effect.gen(function*() {
          const query = { filter: Filter.is("title", "x") }
          assert.strictEqual((yield* Effect.flip(index.search(loose, query))).kind, "invalid-input")
          assert.strictEqual(
            (yield* Effect.flip(index.multiSearch([{ index: loose, query: {} }, { index: loose, query }]))).kind,
            "invalid-input"
          )
        }))
      yield* Effect.promise(() => server.start())
    }).pipe(Effect.scoped))
})

describe("Settings", () => {
  it.live("are sent when they differ, and only then", () =>
    Effect.gen(function*() {
      const { url } = yield* standIn()
      const client = new Meilisearch({ host: url })
      const updates = Effect.promise(async () => (await client.tasks.getTasks({ types: ["settingsUpdate"] })).total)
      yield* withIndex({ url }, (index) =>
        Effect.gen(function*() {
          yield* index.prepare([books])
          assert.strictEqual(yield* updates, 1)
          yield* index.prepare([books])
          yield* index.prepare([{ ...books, synonyms: { vn: ["book", "novel"] } }])
          assert.strictEqual(yield* updates, 1)
          for (
            const change of [
              { searchable: ["title", "text"] },
              { filterable: ["language", "year"] },
              { sortable: ["year"] },
              { ranking: [] },
              { synonyms: {} },
              { stopWords: ["the"] },
              { typos: "none" } as const
            ]
          ) {
            const before = yield* updates
            yield* index.prepare([{ ...books, ...change }])
            yield* index.prepare([books])
            assert.strictEqual(yield* updates, before + 2, Object.keys(change).join())
          }
        }))
      // What others have set of the rest stays.
      yield* Effect.promise(() => client.index("book").updateSettings({ distinctAttribute: "id" }).waitTask())
      yield* withIndex({ url }, (index) => index.prepare([{ ...books, stopWords: ["a"] }]))
      assert.strictEqual((yield* Effect.promise(() => client.index("book").getSettings())).distinctAttribute, "id")
    }).pipe(Effect.scoped))

  it("mistakes in a definition are thrown at start", () => {
    const wrong: ReadonlyArray<Parameters<typeof SearchIndex.define>[0]> = [
      { name: "Vn", searchable: ["title"] },
      { name: "vn__next", searchable: ["title"] },
      { name: "vn", searchable: [] },
      { name: "vn", searchable: ["a.b"] },
      { name: "vn", searchable: ["a"], filterable: ["x y"] },
      { name: "vn", searchable: ["a"], synonyms: { vn: ["visual novel"] } },
      { name: "vn", searchable: ["a"], stopWords: ["!"] }
    ]
    for (const settings of wrong) assert.throws(() => SearchIndex.define(settings))
  })
})
