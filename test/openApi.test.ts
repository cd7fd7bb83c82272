/** What Nova VNDB tells of its two APIs keeps the rules of a linter for OpenAPI. */
import { HttpApp, HttpServer } from "@kanau/http"
import { EmbeddedBus } from "@kanau/messaging"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { MemoryViewStore } from "@kanau/testing"
import { Wiki } from "@kanau/vndb"
import * as ApiGateway from "@kanau/vndb/roles/ApiGateway"
import { routes } from "@kanau/vndb/wiki/routes"
import { createConfig, lintFromString } from "@redocly/openapi-core"
import { Context, Effect, Layer } from "effect"
import { assert, describe, it } from "vitest"

/** Errors, with the place they are at. */
const errorsOf = async (source: string): Promise<ReadonlyArray<string>> => {
  const config = await createConfig({ extends: ["recommended"] })
  const problems = await lintFromString({ source, absoluteRef: "/openapi.json", config })
  return problems.filter(({ severity }) => severity === "error").map(({ location, message, ruleId }) =>
    `${ruleId}: ${message} ${location[0]?.pointer ?? ""}`
  )
}

describe("OpenAPI documents", () => {
  it("of the public API", async () => {
    const built = Layer.build(ApiGateway.layer({ port: 0, host: "127.0.0.1" })).pipe(
      Effect.provide([MemoryViewStore.layer, EmbeddedSearchIndex.layer, EmbeddedBus.layer({ file: ":memory:" })])
    )
    const source = await Effect.runPromise(
      Effect.scoped(Effect.flatMap(built, (services) =>
        Effect.promise(async () => {
          const { url } = Context.get(services, HttpServer.HttpServer)
          return (await fetch(`${url}/openapi.json`)).text()
        })))
    )
    assert.include(source, "/v1/vn/{id}")
    assert.deepStrictEqual(await errorsOf(source), [])
  })

  it("of the mutation API", async () => {
    const made = HttpApp.make({
      title: "Nova VNDB mutations",
      version: "1",
      service: Wiki.service,
      routes,
      auth: () => undefined
    })
    // Nothing is called, so nothing it needs is there.
    const app = await Effect.runPromise(made as Effect.Effect<HttpApp.HttpApp>)
    const source = await (await app.request("/openapi.json")).text()
    assert.include(source, "/v1/release/{id}")
    assert.deepStrictEqual(await errorsOf(source), [])
  })
})
