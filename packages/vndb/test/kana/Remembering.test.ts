import { assert, describe, layer } from "@effect/vitest"
import { Correlation, Principal } from "@kanau/core"
import { HttpServer } from "@kanau/http"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { Refresh, ViewStore } from "@kanau/views"
import { Context, Effect, Layer, Schedule } from "effect"
import * as ApiGateway from "../../src/roles/ApiGateway.ts"
import * as Entries from "../../src/wiki/operations/entries.ts"
import { DeleteEntry } from "../../src/wiki/operations/transitions.ts"
import { VnView } from "../../src/wiki/views/views.ts"
import * as Wiki from "../../src/wiki/Wiki.ts"
import { derived, inPostgres } from "./gateway.ts"
import { fill } from "./rows.ts"
import { small } from "./small.ts"

/** Reads of documents so far, by what they were. */
const reads = { getMany: 0, pluck: 0, select: 0 }

/** The store of the gateway, whose reads are counted. */
const counted = Layer.effect(
  ViewStore.ViewStore,
  Effect.map(ViewStore.ViewStore, (store) => ({
    ...store,
    getMany: (collection: string, ids: ReadonlyArray<string>) => {
      reads.getMany++
      return store.getMany(collection, ids)
    },
    pluck: (collection: string, plucking: ViewStore.Plucking) => {
      reads.pluck++
      return store.pluck(collection, plucking)
    },
    select: (collection: string, selection: ViewStore.Selection) => {
      reads.select++
      return store.select(collection, selection)
    }
  }))
)

const soon = { schedule: Schedule.spaced("5 millis") }

describe("Kana with a gateway's memory", () => {
  layer(Layer.merge(inPostgres, EmbeddedSearchIndex.layer), { timeout: "60 seconds", excludeTestServices: true })(
    (it) => {
      it.effect(
        "NV-2 pages and searches come from memory, and an edit shows in them as soon as it is announced",
        () =>
          Effect.gen(function*() {
            yield* fill(small)
            const titled = (title: string) => ({ titles: [{ lang: "en", official: true, title, latin: null }] })
            const { id } = yield* Wiki.service.process(
              new Entries.CreateVn({ olang: "en", ...titled("Sea of Comets") })
            )
            yield* derived
            const gateway = ApiGateway.layer({ port: 0, host: "127.0.0.1" }).pipe(Layer.provide(counted))
            const { url } = Context.get(yield* Layer.build(gateway), HttpServer.HttpServer)
            const found = (filters: unknown, more: object = {}) =>
              Effect.promise(async () => {
                const response = await fetch(`${url}/kana/vn`, {
                  method: "POST",
                  headers: { "content-type": "application/json" },
                  body: JSON.stringify({ filters, fields: "title", ...more })
                })
                assert.strictEqual(response.status, 200)
                const { results } = await response.json() as { results: ReadonlyArray<{ id: string; title: string }> }
                return results.map(({ id, title }) => `${id} ${title}`)
              })
            const search = (word: string) => found(["search", "=", word], { sort: "searchrank" })
            const byId = found(["or", ["id", "=", "v17"], ["id", "=", id]])
            /** Asks until an answer took no read of the store. */
            const fromMemory = <A>(ask: Effect.Effect<A>) =>
              Effect.gen(function*() {
                const before = { ...reads }
                const answer = yield* ask
                return { answer, isFromMemory: JSON.stringify(reads) === JSON.stringify(before) }
              }).pipe(
                Effect.repeat({ until: ({ isFromMemory }) => isFromMemory, ...soon }),
                Effect.map(({ answer }) => answer)
              )
            const shows = (ask: Effect.Effect<ReadonlyArray<string>>, expected: ReadonlyArray<string>) =>
              Effect.repeat(ask, { until: (answer) => JSON.stringify(answer) === JSON.stringify(expected), ...soon })

            assert.deepStrictEqual(yield* fromMemory(search("comet")), [`${id} Sea of Comets`])
            assert.sameDeepMembers([...yield* fromMemory(byId)], [`${id} Sea of Comets`, "v17 Rance"])
            yield* Wiki.service.process(new Entries.EditVn({ id, ...titled("Orchard") }))
            assert.deepStrictEqual(yield* search("comet"), [`${id} Sea of Comets`], "not yet derived")
            yield* Refresh.documents(VnView, [id])
            yield* shows(search("chard"), [`${id} Orchard`])
            assert.deepStrictEqual(yield* search("comet"), [])
            assert.include(yield* byId, `${id} Orchard`)
            assert.deepStrictEqual(yield* fromMemory(search("chard")), [`${id} Orchard`])

            yield* Wiki.service.process(new DeleteEntry({ id }))
            yield* Refresh.documents(VnView, [id])
            yield* shows(byId, ["v17 Rance"])
            assert.deepStrictEqual(yield* search("chard"), [])
          }).pipe(
            Effect.provideService(Principal.Principal, { name: "u2" }),
            Effect.provideServiceEffect(Correlation.Correlation, Correlation.start)
          ),
        60_000
      )
    }
  )
})
