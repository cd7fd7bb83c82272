/**
 * A typed client made from the declarations the server is made from: a method for each operation, and for each public page
 * reads by id, by ids and as a list. Inputs are encoded and answers decoded by the schemas of the operation. What the
 * server refuses comes back as the operation's own error; the rest is {@link Failure}.
 *
 * Requests carry the correlation of the running work. With `readYourWrites` the client remembers the `Kanau-Position` of
 * its changes and sends the last sixteen with every read of a page, so a page it reads shows what it wrote.
 *
 * It does not repeat requests: put a retry around a method, with an `idempotencyKey` for what changes something.
 */
import type { Fault, Layers, Operation } from "@kanau/core"
import { Effect, type Redacted } from "effect"
import { HttpClient } from "effect/http"
import * as Calls from "./internal/client/calls.ts"
import * as Pages from "./internal/client/pages.ts"
import { sender } from "./internal/client/sending.ts"
import type { NotPublished } from "./internal/gateway/notPublished.ts"
import type { List, Page } from "./Page.ts"
import type * as Route from "./Route.ts"

export { Refused } from "./internal/client/sending.ts"
import type { Refused } from "./internal/client/sending.ts"

/** What any request may end in. A connection that fails, 503 and 504 are `Unavailable`. */
export type Failure = Fault.InvalidInput | Fault.Unauthenticated | Fault.Unavailable | Layers.RateLimited | Refused

export interface Options<Routes extends ReadonlyArray<Route.Any>, Shown extends ReadonlyArray<Page>> {
  /** Where the operations are served: `https://api.example.org`. */
  readonly url: string
  readonly routes?: Routes
  /** Where the pages are served; `url` when absent. */
  readonly pagesUrl?: string
  readonly pages?: Shown
  /** Sent to routes that need one, and never to pages. */
  readonly token?: Redacted.Redacted
  /** Whether pages must show the changes made through this client; false when absent. */
  readonly readYourWrites?: boolean
}

/** What a call may say beside its input. */
export interface CallOptions {
  /** The same key for the same request sent again; see `Idempotency-Key`. */
  readonly idempotencyKey?: string
}

/** What a constructor of the operation takes. */
type Given<Op> = Op extends { new(input: infer In, ...rest: never): unknown } ? In : never

/** A method for every operation, by its name. */
export type Operations<Routes extends ReadonlyArray<Route.Any>> = {
  readonly [
    R in Routes[number] as R["operation"] extends { readonly operation: infer Name extends string } ? Name : never
  ]: (
    input: Given<R["operation"]>,
    options?: CallOptions
  ) => Effect.Effect<Operation.Output<R["operation"]>, Operation.Failure<R["operation"]> | Failure>
}

/** What a list is asked for. */
export interface ListOptions<L extends List> {
  readonly filters?: {
    readonly [F in L["filters"][number] as F | `${F}.${"gt" | "gte" | "lt" | "lte"}`]?: Value | ReadonlyArray<Value>
  }
  readonly sort?: L["sorts"][number]
  readonly limit?: number
  /** The `next` of the page before. */
  readonly after?: string
}

type Value = string | number | boolean

/** The reads of a page. */
export interface PageClient<P extends Page> {
  readonly read: (id: string) => Effect.Effect<P["document"]["Type"], NotPublished | Failure>
  readonly readMany: (
    ids: ReadonlyArray<string>
  ) => Effect.Effect<
    { readonly results: ReadonlyArray<P["document"]["Type"]>; readonly missing: ReadonlyArray<string> },
    Failure
  >
  readonly list: (
    options?: P extends { readonly list: infer L extends List } ? ListOptions<L> : never
  ) => Effect.Effect<
    { readonly results: ReadonlyArray<P["document"]["Type"]>; readonly next: string | null },
    Failure
  >
}

export interface ApiClient<Routes extends ReadonlyArray<Route.Any>, Shown extends ReadonlyArray<Page>> {
  readonly operations: Operations<Routes>
  /** By the name of the view. */
  readonly pages: { readonly [P in Shown[number] as P["view"]]: PageClient<P> }
}

/**
 * Makes the client.
 *
 * @example
 * ```ts
 * import { Operation } from "@kanau/core"
 * import { ApiClient, Route } from "@kanau/http"
 * import { Effect, Schema } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * class FindNote extends Operation.define<FindNote>()("FindNote", {
 *   input: { id: Schema.String },
 *   output: Schema.Struct({ text: Schema.String })
 * }) {}
 * const made = ApiClient.make({ url: "http://127.0.0.1:8080", routes: [Route.get("/notes/{id}", FindNote)] })
 * const client = Effect.runSync(Effect.provide(made, FetchHttpClient.layer))
 * const found = client.operations.FindNote({ id: "n1" })
 * Effect.isEffect(found) // => true
 * ```
 */
export const make = <
  const Routes extends ReadonlyArray<Route.Any> = readonly [],
  const Shown extends ReadonlyArray<Page> = readonly []
>(options: Options<Routes, Shown>): Effect.Effect<ApiClient<Routes, Shown>, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (http) => {
    const positions = new Calls.Positions()
    const calls = sender(http, options.url)
    const reads = sender(http, options.pagesUrl ?? options.url)
    const after = options.readYourWrites === true ? positions : undefined
    // The types of the members follow from the declarations they are made of, which the compiler cannot see from here.
    return {
      operations: Object.fromEntries(
        (options.routes ?? []).map((route) => [
          route.operation.operation,
          Calls.method(route, calls, options.token, positions)
        ])
      ),
      pages: Object.fromEntries((options.pages ?? []).map((page) => [page.view, Pages.methods(page, reads, after)]))
    } as unknown as ApiClient<Routes, Shown>
  })
