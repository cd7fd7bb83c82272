/** The API over view documents that are derived from tables, on any view store. */
import { Processor } from "@kanau/core"
import { HttpApp } from "@kanau/http"
import { EmbeddedBus } from "@kanau/messaging"
import { Migrations, Outbox, PgViewStore } from "@kanau/postgres"
import { Generations, Refresh, type View } from "@kanau/views"
import { Effect, Layer } from "effect"
import * as Api from "../../src/kana/Api.ts"
import { views } from "../../src/roles/views.ts"
import * as DeriveService from "../../src/wiki/services/DeriveService.ts"
import * as Wiki from "../../src/wiki/Wiki.ts"
import { embedded } from "../embedded.ts"

export const database = Layer.provideMerge(
  Layer.merge(Outbox.layer({ source: "/test" }), EmbeddedBus.layer({ file: ":memory:" })),
  Layer.provideMerge(
    Layer.effectDiscard(Migrations.run(Migrations.kanau, Wiki.migrations)),
    embedded
  )
)

export const inPostgres = Layer.provideMerge(PgViewStore.layer, database)

/** Fills a view from scratch. */
const fillView = <R>(view: View.View<R>) =>
  Effect.gen(function*() {
    let after: string | undefined
    for (;;) {
      const ids = yield* view.keys(after, 200)
      if (ids.length === 0) return
      yield* Refresh.documents(view, ids)
      after = ids.at(-1)
    }
  })

/** Derives what is derived, and every document. */
export const derived = Effect.gen(function*() {
  for (const { run } of DeriveService.everything) yield* run
  yield* Generations.prepare(views)
  yield* Effect.forEach(views, (view) => fillView(view as View.View<Needs>), { discard: true })
})

/** What deriving any of the views takes. */
type Needs = View.View<never> extends infer _ ? ViewNeeds<(typeof views)[number]> : never
type ViewNeeds<V> = V extends View.View<infer R> ? R : never

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Of an answer in JSON. */
  readonly json: any
}

export interface Client {
  readonly send: (path: string, init?: RequestInit) => Promise<Answered>
  readonly query: (endpoint: string, body: unknown, headers?: Record<string, string>) => Promise<Answered>
}

/** An application with nothing but the API. */
export const client = (options: Api.Options = {}) =>
  Effect.gen(function*() {
    const api = yield* Api.make(options)
    const app = yield* HttpApp.make({ title: "Test", version: "1", service: Processor.serve(), routes: [] })
    api.mount(app)
    const send = async (path: string, init?: RequestInit): Promise<Answered> => {
      const response = await app.fetch(new Request(`http://test/kana${path}`, init))
      const text = await response.text()
      const isJson = text !== "" && response.headers.get("content-type") === "application/json"
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
    }
    const made: Client = {
      send,
      query: (endpoint, body, headers = {}) =>
        send(`/${endpoint}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body)
        })
    }
    return made
  })
