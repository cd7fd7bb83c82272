import { assert, describe, it } from "@effect/vitest"
import { MongoViewStore } from "@kanau/mongodb"
import { Servers } from "@kanau/testing"
import { ViewStore } from "@kanau/views"
import { Effect, Redacted } from "effect"
import { MongoClient } from "mongodb"
import { afterAll } from "vitest"

const { name: database, url } = await Servers.mongoDatabase()
const admin = new MongoClient(url)
afterAll(() => admin.close())

const options = { url: Redacted.make(url), database }
const shape: ViewStore.Shape = { fields: { title: "text", year: "number" }, indexes: [["title"], ["year", "title"]] }

describe("MongoDB view store", () => {
  it.live("tells which collections and indexes `prepare` would make", () =>
    Effect.gen(function*() {
      const missing = MongoViewStore.missing(options, [{ name: "vn", shape }])
      assert.deepStrictEqual(yield* missing, ["the collection of vn"])
      yield* Effect.flatMap(ViewStore.ViewStore, (store) => store.prepare("vn", shape)).pipe(
        Effect.provide(MongoViewStore.layer(options))
      )
      assert.deepStrictEqual(yield* missing, [])
      const collection = admin.db(database).collection("view_vn")
      const indexes = yield* Effect.promise(() => collection.listIndexes().toArray())
      const one = indexes.find(({ key }) => Object.keys(key)[0] === "fields.year")
      yield* Effect.promise(() => collection.dropIndex(String(one?.["name"])))
      assert.deepStrictEqual(yield* missing, ["the index (fields.year, fields.title, _id) of vn"])
    }))

  it.live("says when it cannot look", () =>
    Effect.gen(function*() {
      const nowhere = {
        ...options,
        url: Redacted.make("mongodb://127.0.0.1:1/"),
        serverSelectionTimeoutMillis: 100
      }
      const fault = yield* Effect.flip(MongoViewStore.missing(nowhere, [{ name: "vn", shape }]))
      assert.strictEqual(fault._tag, "Unavailable")
    }))
})
