import { assert, describe, it } from "@effect/vitest"
import type { HttpApp } from "@kanau/http"
import { ViewGateway } from "@kanau/http"
import { createConfig, lintFromString } from "@redocly/openapi-core"
import { Effect } from "effect"
import { app, Probe, probe } from "./fixture.ts"
import { application, world } from "./gateway.ts"

const problemsOf = (application: HttpApp.HttpApp) =>
  Effect.promise(async () => {
    const source = await (await application.request("/openapi.json")).text()
    const config = await createConfig({ extends: ["recommended"] })
    const problems = await lintFromString({ source, absoluteRef: "/openapi.json", config })
    return problems.map(({ location, message, ruleId, severity }) =>
      `${severity} ${ruleId}: ${message} ${location[0]?.pointer ?? ""}`
    )
  })

/** Whose terms an API has is for who publishes it to say. */
const expected = ["warn info-license: Info object should contain `license` field. #/info"]

describe("OpenAPI documents keep the rules of Redocly", () => {
  it.live("of operations", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* problemsOf(yield* app), expected)
    }).pipe(Effect.provideService(Probe, probe())))

  it.live("of public pages", () => {
    const here = world()
    return Effect.scoped(Effect.gen(function*() {
      assert.deepStrictEqual(yield* problemsOf(yield* application(yield* ViewGateway.make())), expected)
    })).pipe(Effect.provide(here.layer))
  })
})
