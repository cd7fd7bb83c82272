import { assert, describe, it } from "@effect/vitest"
import { Fault, Processor } from "@kanau/core"
import { ClientLimit, HttpApp, HttpServer } from "@kanau/http"
import { MemoryViewStore } from "@kanau/testing"
import { Generations, ViewStore } from "@kanau/views"
import { Context, Deferred, Effect, Layer } from "effect"
import * as Api from "../../src/kana/Api.ts"
import { client } from "./gateway.ts"
import { shapeOf } from "./world.ts"

/** A store with one tag, in the first generation and, by another name, in the second. */
const storeWithTag = Effect.gen(function*() {
  const store = MemoryViewStore.make()
  for (const [collection, name] of [["tag", "Old"], ["tag__2", "New"]] as const) {
    yield* store.prepare(collection, shapeOf("tag"))
    yield* store.replaceIfNewer(collection, [{
      id: "g1",
      version: 1n,
      base: 1n,
      parts: {},
      revision: 1,
      derivedAt: 0,
      etag: "\"e\"",
      bytes: new TextEncoder().encode(JSON.stringify({ id: "g1", name })),
      gzip: null,
      fields: { num: 1, name, category: "cont", items: 0, labels: [{ t: name.toLowerCase(), p: 3 }] },
      deleted: false
    }])
  }
  return store
})

const named = { fields: "name" }

describe("Kana, bounds", () => {
  it.live("Kana 2.5 a query that takes too long is told so", () =>
    Effect.gen(function*() {
      const store = yield* storeWithTag
      const slow = { ...store, select: () => Effect.never }
      const { query } = yield* client({ timeout: "50 millis" }).pipe(
        Effect.provideService(ViewStore.ViewStore, slow)
      )
      const answer = yield* Effect.promise(() => query("tag", named))
      assert.deepStrictEqual([answer.status, answer.text], [500, "Processing timeout\n"])
    }).pipe(Effect.scoped))

  it.live("Kana 2.5 so many queries are answered at the same time, the others wait", () =>
    Effect.gen(function*() {
      const store = yield* storeWithTag
      const gate = yield* Deferred.make<void>()
      let running = 0
      let most = 0
      const counted: ViewStore.ViewStoreService = {
        ...store,
        select: (collection, selection) =>
          Effect.gen(function*() {
            most = Math.max(most, ++running)
            if (most === 2) yield* Effect.forkChild(Effect.delay(Deferred.succeed(gate, undefined), "20 millis"))
            yield* Deferred.await(gate)
            running--
            return yield* store.select(collection, selection)
          })
      }
      const { query } = yield* client({ concurrency: 2 }).pipe(Effect.provideService(ViewStore.ViewStore, counted))
      const answers = yield* Effect.promise(() => Promise.all(Array.from({ length: 6 }, () => query("tag", named))))
      assert.deepStrictEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 200, 200])
      assert.strictEqual(most, 2)
    }).pipe(Effect.scoped))

  it.live("Kana 2.5 while the documents cannot be read the answer is 502, in one line", () =>
    Effect.gen(function*() {
      const store = yield* storeWithTag
      const down = {
        ...store,
        select: () => Effect.fail(new Fault.Unavailable({ dependency: "store", reason: "down" }))
      }
      const { query } = yield* client().pipe(Effect.provideService(ViewStore.ViewStore, down))
      const answer = yield* Effect.promise(() => query("tag", named))
      assert.deepStrictEqual([answer.status, answer.text], [502, "Temporarily unavailable, try again later.\n"])
    }).pipe(Effect.scoped))

  it.live("NB-9 answers come from the generation that is shown", () =>
    Effect.gen(function*() {
      const store = yield* storeWithTag
      const nameShown = Effect.gen(function*() {
        const { query } = yield* client()
        return (yield* Effect.promise(() => query("tag", named))).json.results[0].name
      }).pipe(Effect.scoped, Effect.provideService(ViewStore.ViewStore, store))
      assert.strictEqual(yield* nameShown, "Old")
      const now = yield* Generations.readFrom(store, "tag")
      yield* Generations.change("tag", now, { ...now, live: 2, last: 2 }).pipe(
        Effect.provideService(ViewStore.ViewStore, store)
      )
      assert.strictEqual(yield* nameShown, "New")
    }))

  it.live("NF-9 Kana 2.5 over the limit: 429 in the words of the API, with Retry-After; other paths in their own", () =>
    Effect.gen(function*() {
      const app = Effect.gen(function*() {
        const api = yield* Api.make()
        const http = yield* HttpApp.make({
          title: "Test",
          version: "1",
          service: Processor.serve(),
          routes: [],
          clientLimit: yield* ClientLimit.make({ limit: 1, per: "1 hour" }),
          overLimit: Api.overLimit
        })
        api.mount(http)
        return http
      })
      const built = yield* Layer.build(HttpServer.layer(app, { port: 0, host: "127.0.0.1" }))
      const { url } = Context.get(built, HttpServer.HttpServer)
      yield* Effect.promise(async () => {
        const first = await fetch(`${url}/kana/schema`)
        assert.deepStrictEqual([first.status, first.headers.get("ratelimit-remaining")], [200, "0"])
        const second = await fetch(`${url}/kana/schema`)
        assert.deepStrictEqual([second.status, await second.text()], [429, "Throttled on query execution time.\n"])
        assert.strictEqual(second.headers.get("content-type"), "text/plain; charset=utf-8")
        assert.strictEqual(second.headers.get("access-control-allow-origin"), "*")
        assert.isAbove(Number(second.headers.get("retry-after")), 1)
        const other = await fetch(`${url}/openapi.json`)
        assert.deepStrictEqual([other.status, other.headers.get("content-type")], [
          429,
          "application/json; charset=utf-8"
        ])
      })
    }).pipe(Effect.scoped, Effect.provide(MemoryViewStore.layer)))

  it.live("Kana 2.7 the API is described in OpenAPI, filters as a recursive choice", () =>
    Effect.gen(function*() {
      const api = yield* Api.make()
      const app = yield* HttpApp.make({ title: "Test", version: "1", service: Processor.serve(), routes: [] })
      api.mount(app)
      const document: any = yield* Effect.promise(async () =>
        (await app.fetch(new Request("http://test/openapi.json"))).json()
      )
      const paths = Object.entries(document.paths).map(([path, item]) =>
        `${Object.keys(item as object).join()} ${path}`
      )
      assert.deepStrictEqual(paths.sort(), [
        ..."authinfo schema stats ulist_labels user".split(" ").map((name) => `get /kana/${name}`),
        ..."character producer quote release staff tag trait ulist vn".split(" ").map((name) => `post /kana/${name}`)
      ])
      const { oneOf } = document.components.schemas.KanaVnFilter
      assert.deepStrictEqual(oneOf[0].items, { $ref: "#/components/schemas/KanaVnFilter" })
      assert.deepStrictEqual(oneOf.find(({ prefixItems }: any) => prefixItems[0].const === "release").prefixItems, [
        { const: "release" },
        { enum: ["=", "!="] },
        { $ref: "#/components/schemas/KanaReleaseFilter" }
      ])
    }).pipe(Effect.scoped, Effect.provide(MemoryViewStore.layer)))
})
