import { assert, describe, it } from "@effect/vitest"
import { Operation, Processor } from "@kanau/core"
import { HttpApp, Route } from "@kanau/http"
import { Effect, Schema } from "effect"
import { gunzipSync } from "node:zlib"
import * as Negotiation from "../src/internal/gateway/negotiation.ts"
import { codeOf, issuesOf, withGateway } from "./gateway.ts"

class Echo extends Operation.define<Echo>()("Echo", { input: { text: Schema.String }, output: Schema.String }) {}

const headersOf = (response: Response, ...names: ReadonlyArray<string>) =>
  names.map((name) => response.headers.get(name))

describe("public answers", () => {
  it.effect("NV-3 the compressed form is the stored one, with a tag of its own, for those who ask for it", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.put("a", "hello", { gzip: true })
        world.put("b", "small")
        const gzip = await get("/note/a", { "accept-encoding": "br, gzip;q=0.8" })
        assert.deepStrictEqual(headersOf(gzip, "content-encoding", "etag", "vary"), [
          "gzip",
          "\"hello-gzip\"",
          "Accept-Encoding, Origin"
        ])
        assert.deepInclude(JSON.parse(gunzipSync(await gzip.arrayBuffer()).toString()), { text: "hello" })
        for (
          const [path, headers] of [["a", {}], ["a", { "accept-encoding": "br" }], ["b", {
            "accept-encoding": "gzip"
          }]] as const
        ) {
          const plain = await get(`/note/${path}`, headers)
          assert.deepStrictEqual(headersOf(plain, "content-encoding", "vary"), [null, "Accept-Encoding, Origin"])
        }
      })
    ))

  it.effect("NV-3 a copy in either form is current, and 304 names the form this client would get", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        world.put("a", "hello", { gzip: true })
        for (const known of ["\"hello\"", "\"hello-gzip\"", "W/\"hello-gzip\""]) {
          for (const [coding, etag] of [["identity", "\"hello\""], ["gzip", "\"hello-gzip\""]] as const) {
            const response = await get("/note/a", { "accept-encoding": coding, "if-none-match": known })
            assert.strictEqual(response.status, 304)
            assert.deepStrictEqual(headersOf(response, "etag", "vary", "content-length"), [
              etag,
              "Accept-Encoding, Origin",
              null
            ])
          }
        }
        assert.strictEqual((await get("/note/a", { "if-none-match": "\"hell\"" })).status, 200)
      })
    ))

  it("NV-3 weights decide about gzip as RFC 9110 says", () => {
    const wanted: ReadonlyArray<readonly [string | undefined, boolean]> = [
      [undefined, false],
      ["", false],
      ["gzip", true],
      ["GZIP", true],
      ["x-gzip", true],
      ["deflate, gzip;q=1.0, *;q=0.5", true],
      ["gzip;q=0", false],
      ["gzip;q=0.000", false],
      ["gzip; q=0.2, identity; q=0.5", false],
      ["gzip;q=0.5, identity;q=0.5", true],
      ["*", true],
      ["*;q=0", false],
      ["*, gzip;q=0", false],
      ["identity", false],
      ["identity;q=0, gzip;q=0.1", true],
      ["br;q=1.0", false],
      ["gzip;q=2", false],
      ["gzip;q=x", false],
      [",,;q=1,", false]
    ]
    for (const [header, isWanted] of wanted) assert.strictEqual(Negotiation.acceptsGzip(header), isWanted, header)
  })

  it.effect("NV-3 HEAD says what GET would, without a body", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.put("a", "hello", { gzip: true })
        for (const path of ["/note/a", "/note?id=a", "/note", "/note/a?fields=id", "/note/none"]) {
          for (const coding of ["identity", "gzip"]) {
            const headers = { "accept-encoding": coding, "x-correlation-id": "same" }
            const [whole, head] = [await get(path, headers), await get(path, headers, "HEAD")]
            assert.strictEqual(head.status, whole.status)
            assert.deepStrictEqual(Object.fromEntries(head.headers), Object.fromEntries(whole.headers))
            assert.strictEqual(await head.text(), "")
            const length = whole.headers.get("content-length")
            const { byteLength } = await whole.arrayBuffer()
            if (whole.status === 200) assert.strictEqual(length, String(byteLength))
          }
        }
      })
    ))

  it.effect("NV-3 scripts of any site may read answers and what is wrong, and may ask beforehand", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.put("a", "hello")
        for (const path of ["/note/a", "/note/none", "/note/a?x=1", "/note?id=a", "/note?limit=x"]) {
          const response = await get(path, { origin: "https://elsewhere.example" })
          assert.strictEqual(response.headers.get("access-control-allow-origin"), "*", path)
          assert.strictEqual(response.headers.get("access-control-expose-headers"), "*")
        }
        for (const path of ["/note/a", "/note"]) {
          const preflight = await get(path, {
            origin: "https://elsewhere.example",
            "access-control-request-method": "GET",
            "access-control-request-headers": "kanau-after"
          }, "OPTIONS")
          assert.strictEqual(preflight.status, 204)
          assert.include(preflight.headers.get("access-control-allow-methods"), "GET")
          assert.include(preflight.headers.get("access-control-allow-headers"), "Kanau-After")
        }
        const wrong = await get("/note/a", {}, "POST")
        assert.strictEqual(wrong.status, 405)
        assert.strictEqual(wrong.headers.get("allow"), "GET, HEAD, OPTIONS")
      })
    ))

  it.effect("NV-3 an operation may be open to scripts of any site, too", () =>
    Effect.gen(function*() {
      const app = yield* HttpApp.make({
        title: "Notes",
        version: "1",
        service: Processor.serve(Processor.on(Echo, ({ text }) => Effect.succeed(text))),
        routes: [Route.get("/open", Echo, { cors: "any" }), Route.get("/closed", Echo)]
      })
      const allowed = (path: string, init: RequestInit) =>
        Effect.promise(async () => (await app.request(path, init)).headers.get("access-control-allow-origin"))
      const headers = { origin: "https://elsewhere.example" }
      assert.strictEqual(yield* allowed("/open?text=a", { headers }), "*")
      assert.strictEqual(yield* allowed("/open?wrong=a", { headers }), "*")
      assert.strictEqual(yield* allowed("/open", { headers, method: "OPTIONS" }), "*")
      assert.isNull(yield* allowed("/open?text=a", {}))
      assert.isNull(yield* allowed("/closed?text=a", { headers }))
      assert.isNull(yield* allowed("/closed", { headers, method: "OPTIONS" }))
    }))

  it.effect("NV-3 fields keeps declared members, in the document's order, with a tag of its own", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        world.put("a", "hello", { gzip: true, fields: { size: 3 } })
        const [one, other] = [await get("/note/a?fields=text,id"), await get("/note/a?fields=id,text,id")]
        assert.strictEqual(await one.text(), "{\"id\":\"a\",\"text\":\"hello\"}")
        assert.strictEqual(one.headers.get("etag"), other.headers.get("etag"))
        assert.notStrictEqual(one.headers.get("etag"), (await get("/note/a")).headers.get("etag"))
        assert.notStrictEqual(one.headers.get("etag"), (await get("/note/a?fields=id")).headers.get("etag"))
        const again = await get("/note/a?fields=id,text", { "if-none-match": one.headers.get("etag") ?? "" })
        assert.strictEqual(again.status, 304)
        for (const fields of ["secret", "id,secret", "", "id,", "__proto__", "constructor", "ID"]) {
          const refused = await get(`/note/a?fields=${fields}`)
          assert.strictEqual(refused.status, 400)
          assert.deepStrictEqual(await issuesOf(refused), [{
            path: "fields",
            message: "Names something else than id, text, size"
          }])
        }
        assert.strictEqual(world.reads, 1)
      })
    ))

  it.effect("NF-9 unknown, repeated and undecodable parameters are named", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.put("a", "hello")
        const issue = async (path: string) => {
          const response = await get(path)
          assert.strictEqual(response.status, 400, path)
          return (await issuesOf(response))[0]
        }
        assert.deepStrictEqual(await issue("/note/a?x=1"), {
          path: "x",
          message: "Is no parameter of this; there are fields"
        })
        assert.deepStrictEqual(await issue("/note?id=a&limit=3"), {
          path: "limit",
          message: "Is no parameter of this; there are id, fields"
        })
        assert.deepStrictEqual(await issue("/note?sort=size&sort=author"), {
          path: "sort",
          message: "Given more than once; join values with commas"
        })
        assert.deepStrictEqual(await issue("/note?author=%zz"), {
          path: "",
          message: "The query string is not properly percent-encoded"
        })
        assert.deepStrictEqual(await issue("/note?author=%00"), {
          path: "author",
          message: "Holds a character that is no text"
        })
        const nul = await get("/note/%00")
        assert.strictEqual(await codeOf(nul), "not-published")
      })
    ))
})
