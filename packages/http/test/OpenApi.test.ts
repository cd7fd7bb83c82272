import { assert, describe, it } from "@effect/vitest"
import { Processor } from "@kanau/core"
import { HttpApp } from "@kanau/http"
import { Effect } from "effect"
import { app, Probe, probe, routes } from "./fixture.ts"

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Record<string, unknown>>> }
}

interface Described {
  readonly operationId: string
  readonly summary?: string
  readonly parameters: ReadonlyArray<
    { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: object }
  >
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: { readonly $ref: string } } }
  }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>
  readonly security?: unknown
}

const provided = Effect.provideService(Probe, probe())
const fetched = (path: string) => Effect.flatMap(app, (http) => Effect.promise(async () => http.request(path)))
const document = Effect.flatMap(
  fetched("/openapi.json"),
  (response) => Effect.promise(() => response.json() as Promise<Document>)
)

describe("OpenAPI", () => {
  it.live("every route is there with parameters, body and every status it can answer", () =>
    Effect.gen(function*() {
      const { components, info, openapi, paths } = yield* document
      assert.strictEqual(openapi, "3.1.0")
      assert.strictEqual(info.title, "Notes & more")
      for (const { method, operation, path } of routes) {
        const item = paths[path]?.[method]
        assert.isDefined(item, `${method} ${path}`)
        assert.strictEqual(item?.summary, operation.summary)
      }
      const find = paths["/v1/notes/{id}"]?.["get"]
      assert.deepStrictEqual(find?.parameters.map((one) => [one.name, one.in, one.required]), [
        ["id", "path", true],
        ["lines", "query", false],
        ["tags", "query", false],
        ["since", "query", false]
      ])
      assert.deepInclude(find?.parameters[1]?.schema, { type: "integer", minimum: 1, maximum: 100 })
      assert.deepStrictEqual(Object.keys(find?.responses ?? {}), ["200", "400", "404", "409", "500", "503", "504"])
      assert.include(find?.responses["404"]?.description, "note-not-found")
      const write = paths["/v1/notes"]?.["post"]
      assert.deepStrictEqual(Object.keys(write?.responses ?? {}), [
        "201",
        "400",
        "401",
        "409",
        "413",
        "415",
        "422",
        "500",
        "503",
        "504"
      ])
      assert.isDefined(write?.security)
      assert.strictEqual(
        write?.requestBody?.content["application/json"].schema.$ref,
        "#/components/schemas/WriteNoteInput"
      )
      assert.deepInclude(components.schemas["WriteNoteInput"], {
        additionalProperties: false,
        required: ["id", "text"]
      })
      const fail = paths["/v1/fail/{kind}"]?.["get"]
      for (const status of ["401", "403", "404", "409", "410", "429"]) assert.property(fail?.responses, status)
      assert.strictEqual(paths["/v1/notes/{id}"]?.["delete"]?.responses["204"]?.description, "Done")
    }).pipe(provided))

  it.live("it may say what readers should know of all of it, such as a licence", () =>
    Effect.gen(function*() {
      const http = yield* HttpApp.make({
        title: "Notes",
        version: "1",
        description: "Under a licence.",
        service: Processor.serve(),
        routes: []
      })
      const described: unknown = yield* Effect.promise(async () => (await http.request("/openapi.json")).json())
      assert.deepInclude(described as object, {
        info: { title: "Notes", version: "1", description: "Under a licence." }
      })
    }))

  it.live("operation ids are unique and every reference leads somewhere", () =>
    Effect.gen(function*() {
      const whole = yield* document
      const ids = Object.values(whole.paths).flatMap((item) =>
        Object.values(item).map(({ operationId }) => operationId)
      )
      assert.strictEqual(new Set(ids).size, ids.length)
      const references = [...JSON.stringify(whole).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
      assert.isAbove(references.length, 10)
      for (const [, name] of references) assert.property(whole.components.schemas, name ?? "")
    }).pipe(provided))

  it.live("the reference page and its script come from here, under a policy that allows nothing else", () =>
    Effect.gen(function*() {
      const page = yield* fetched("/docs")
      const html = yield* Effect.promise(() => page.text())
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.include(html, "Notes &#38; more")
      assert.notMatch(html, /https?:\/\//)
      assert.include(page.headers.get("content-security-policy"), "default-src 'self'")
      const script = yield* fetched("/docs/reference.js")
      const text = yield* Effect.promise(() => script.text())
      assert.strictEqual(script.headers.get("content-type"), "text/javascript; charset=utf-8")
      assert.include(script.headers.get("cache-control"), "max-age")
      assert.include(text, "createApiReference")
      assert.isAbove(text.length, 1_000_000)
    }).pipe(provided))
})
