/** The role that shows things, on a port of its own, with the small wiki. */
import { HttpServer } from "@kanau/http"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { Context, Effect, Layer } from "effect"
import * as ApiGateway from "../../src/roles/ApiGateway.ts"
import { derived, inPostgres } from "./gateway.ts"
import { fill } from "./rows.ts"
import { small } from "./small.ts"

/** Where its API is, until the scope closes. */
export const served = Effect.gen(function*() {
  yield* fill(small)
  yield* derived
  const built = yield* Layer.build(ApiGateway.layer({ port: 0, host: "127.0.0.1" }))
  return `${Context.get(built, HttpServer.HttpServer).url}/kana`
})

/** What it needs. */
export const needs = Layer.merge(inPostgres, EmbeddedSearchIndex.layer)
