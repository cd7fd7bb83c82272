/** The same pages in the gateway's view store and in a plain collection, as each side would keep them. */
import { EmbeddedBus } from "@kanau/messaging"
import { MongoViewStore } from "@kanau/mongodb"
import { Migrations, Outbox } from "@kanau/postgres"
import * as EmbeddedDatabase from "@kanau/postgres/EmbeddedDatabase"
import { Refresh, ViewStore } from "@kanau/views"
import { ImportService, Wiki } from "@kanau/vndb"
import { Effect, Layer, Redacted } from "effect"
import { MongoClient } from "mongodb"

export interface Filled {
  readonly ids: ReadonlyArray<string>
  /** Bytes of a page on average. */
  readonly average: number
}

/** Fills both from the sample dump. */
export const fill = async (url: string): Promise<Filled> => {
  const [view] = Wiki.views
  const derived = await Effect.gen(function*() {
    yield* Migrations.run(Migrations.kanau, Wiki.migrations)
    yield* Wiki.withSampleDump((path) => ImportService.importDump({ path, onProgress: () => Effect.void }))
    const ids = Array.from({ length: 160 }, (_, at) => `v${at + 1}`)
    const store = yield* ViewStore.ViewStore
    yield* store.drop(view.name)
    yield* store.prepare(view.name, view.shape)
    yield* Refresh.documents(view, ids)
    return yield* view.derive(ids)
  }).pipe(
    Effect.provide(Layer.mergeAll(
      Layer.provideMerge(Outbox.layer({ source: "/bench" }), EmbeddedDatabase.layer({})),
      EmbeddedBus.layer({ file: ":memory:" }),
      MongoViewStore.layer({ url: Redacted.make(url), database: "bench" })
    )),
    Effect.runPromise
  )
  const client = await MongoClient.connect(url)
  const plain = client.db("bench").collection<{ _id: string }>("plain")
  await plain.deleteMany({})
  await plain.insertMany(derived.map(({ id, json }) => ({ ...JSON.parse(json ?? "{}") as object, _id: id })))
  await plain.createIndex({ title: 1, _id: 1 })
  await client.close()
  const bytes = derived.map(({ json }) => Buffer.byteLength(json ?? ""))
  return {
    ids: derived.map(({ id }) => id),
    average: Math.round(bytes.reduce((sum, size) => sum + size, 0) / bytes.length)
  }
}
