import "effect/schema/SchemaJITCompiler/enable"
import { assert, describe, it } from "@effect/vitest"
import { HttpServer } from "@kanau/http"
import { Effect, Exit, Layer, Scope } from "effect"
import { once } from "node:events"
import { connect } from "node:net"
import { afterAll, beforeAll } from "vitest"
import { app, Probe, probe } from "./fixture.ts"

const state = probe()
const scope = Effect.runSync(Scope.make())
let url = ""

beforeAll(async () => {
  const context = await Effect.runPromise(
    Layer.buildWithScope(
      HttpServer.layer(app, { port: 0, host: "127.0.0.1" }).pipe(Layer.provide(Layer.succeed(Probe, state))),
      scope
    ).pipe(Effect.map((built) => HttpServer.HttpServer.pipe(Effect.provideContext(built))), Effect.flatten)
  )
  url = context.url
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** 4xx with the stable body, the correlation id, and the processor left alone. */
const refused = async (response: Response, status?: number, code?: string) => {
  const text = await response.text()
  assert.isAtLeast(response.status, 400, text)
  assert.isBelow(response.status, 500, text)
  if (status !== undefined) assert.strictEqual(response.status, status, text)
  const id = response.headers.get("x-correlation-id")
  assert.match(id ?? "", /^[A-Za-z0-9._-]{1,128}$/)
  assert.strictEqual(response.headers.get("x-content-type-options"), "nosniff")
  const { error } = JSON.parse(text) as { readonly error: Record<string, unknown> }
  assert.containsAllKeys(error, ["code", "message", "requestId"])
  assert.strictEqual(error["requestId"], id)
  if (code !== undefined) assert.strictEqual(error["code"], code)
  assert.strictEqual(state.calls, 0)
  return error
}

const json = { "content-type": "application/json" }
const put = (body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = json) =>
  fetch(`${url}/v1/notes/n1`, { method: "PUT", body, headers })

/** What no HTTP client would send. */
const raw = async (bytes: string | Uint8Array): Promise<string> => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
  let received = ""
  socket.setEncoding("latin1").on("data", (chunk) => received += String(chunk)).on("error", () => undefined)
  await once(socket, "connect")
  socket.write(bytes)
  await Promise.race([once(socket, "close"), once(socket, "end")])
  socket.destroy()
  return received
}

describe("bad input is refused with a stable body, and no processor sees it", () => {
  const bodies: ReadonlyArray<readonly [what: string, body: string | Uint8Array<ArrayBuffer>, path: string]> = [
    ["cut JSON", "{\"text\":", ""],
    ["no JSON", "text=1", ""],
    ["nothing", "", ""],
    ["invalid UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), ""],
    ["an array", "[]", ""],
    ["null", "null", ""],
    ["a string", "\"text\"", ""],
    ["a missing member", "{}", "text"],
    ["a wrong type", "{\"text\":5}", "text"],
    ["a broken rule", JSON.stringify({ text: "x".repeat(51) }), "text"],
    ["an unknown member", "{\"text\":\"a\",\"admin\":true}", "admin"],
    ["__proto__", "{\"text\":\"a\",\"__proto__\":{\"admin\":true}}", "__proto__"],
    ["nested __proto__", "{\"text\":\"a\",\"meta\":{\"color\":\"red\",\"__proto__\":{}}}", "meta.__proto__"],
    ["constructor", "{\"text\":\"a\",\"constructor\":{\"prototype\":{}}}", "constructor"],
    ["a wrong literal", "{\"text\":\"a\",\"meta\":{\"color\":\"blue\"}}", "meta.color"],
    ["a number where digits are text", "{\"text\":\"a\",\"size\":5}", "size"],
    ["a member that the path has", "{\"text\":\"a\",\"id\":\"n2\"}", "id"]
  ]
  for (const [what, body, path] of bodies) {
    it(`NF-9 body: ${what} → 400`, async () => {
      const error = await refused(await put(body), 400, "invalid-input")
      assert.include((error["details"] as ReadonlyArray<{ path: string }>).map((issue) => issue.path), path)
    })
  }

  const requests: ReadonlyArray<
    readonly [what: string, init: RequestInit, path: string, status: number, code: string]
  > = [
    [
      "form type",
      { method: "PUT", body: "{}", headers: { "content-type": "application/x-www-form-urlencoded" } },
      "/v1/notes/a",
      415,
      "unsupported-media-type"
    ],
    [
      "other charset",
      { method: "PUT", body: "{}", headers: { "content-type": "application/json; charset=latin1" } },
      "/v1/notes/a",
      415,
      "unsupported-media-type"
    ],
    ["unknown path", {}, "/v1/nothing", 404, "not-found"],
    ["trailing slash", {}, "/v1/notes/a/", 404, "not-found"],
    ["wrong method", { method: "PATCH" }, "/v1/notes/a", 405, "method-not-allowed"],
    ["odd method", { method: "PROPFIND" }, "/v1/notes/a", 405, "method-not-allowed"],
    ["malformed percent-encoding", {}, "/v1/notes/%zz", 400, "invalid-input"],
    ["percent-encoded invalid UTF-8", {}, "/v1/notes/%ff", 400, "invalid-input"],
    ["malformed query", {}, "/v1/notes/a?lines=%zz", 400, "invalid-input"],
    ["wrong query type", {}, "/v1/notes/a?lines=many", 400, "invalid-input"],
    ["query out of range", {}, "/v1/notes/a?lines=1000", 400, "invalid-input"],
    ["query twice", {}, "/v1/notes/a?lines=1&lines=2", 400, "invalid-input"],
    ["unknown query", {}, "/v1/notes/a?limit=1", 400, "invalid-input"],
    ["__proto__ in the query", {}, "/v1/notes/a?__proto__=1", 400, "invalid-input"],
    ["path member in the query", {}, "/v1/notes/a?id=b", 400, "invalid-input"],
    ["query on a body route", { method: "PUT", body: "{}", headers: json }, "/v1/notes/a?x=1", 400, "invalid-input"],
    ["path member too long", {}, `/v1/notes/${"a".repeat(21)}`, 400, "invalid-input"]
  ]
  for (const [what, init, path, status, code] of requests) {
    it(`NF-9 request: ${what} → ${status}`, async () => {
      await refused(await fetch(url + path, init), status, code)
    })
  }

  it("NF-9 405 names what the path answers", async () => {
    const response = await fetch(`${url}/v1/notes/a`, { method: "PATCH" })
    assert.strictEqual(response.headers.get("allow"), "GET, HEAD, PUT, DELETE")
  })

  it("NF-9 10 MB with a length → 413; 10 MB without one → 413 as soon as the limit is passed", async () => {
    const big = new Uint8Array(10 * 2 ** 20).fill(0x20)
    await refused(await put(big), 413, "payload-too-large")
    let sent = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 64 * 1024
        if (sent > 10 * 2 ** 20) controller.close()
        else controller.enqueue(new Uint8Array(64 * 1024).fill(0x20))
      }
    })
    const init = { method: "PUT", body: endless, headers: json, duplex: "half" as const }
    await refused(await fetch(`${url}/v1/notes/n1`, init), 413, "payload-too-large")
  })

  it("NF-9 deep nesting is no way to crash", async () => {
    const deep = `{"text":"a","meta":${"{\"any\":".repeat(50_000)}1${"}".repeat(50_000)}}`
    await refused(await put(deep), 400)
    await refused(await put("[".repeat(500_000)), 400)
  })

  it("NF-9 a megabyte of unknown members is answered briefly", async () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, 1])))
    const response = await put(many)
    assert.isBelow(Number(response.headers.get("content-length")), 10_000)
    await refused(response, 400)
  })

  it("absurd requests on the socket: an answer, never a crash", async () => {
    const head = "GET /v1/anyone HTTP/1.1\r\n"
    for (
      const [bytes, answer] of [
        [`${head}\r\n`, /^HTTP\/1.1 400/],
        [`${head}Host: a b\r\nConnection: close\r\n\r\n`, /^HTTP\/1.1 400/],
        [`${head}Host: x\r\nX-Big: ${"a".repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431/],
        [`${head}Host: x\r\nBad Header: 1\r\n\r\n`, /^HTTP\/1.1 400/],
        ["GET /v1/an\\yone HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1.1 4/],
        ["PUT /v1/notes/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", /^HTTP\/1.1 400/],
        ["PUT /v1/notes/a HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", /^HTTP\/1.1 400/],
        [new Uint8Array([0, 1, 2, 255, 13, 10, 13, 10]), /^HTTP\/1.1 400/]
      ] as const
    ) {
      const received = await raw(bytes)
      assert.match(received, answer)
      assert.notInclude(received, "    at ")
    }
    assert.strictEqual(state.calls, 0)
    assert.strictEqual((await fetch(`${url}/openapi.json`)).status, 200)
  })

  it("NF-9 fuzz: whatever the body, path, query and headers, the answer is 4xx with the stable body", async () => {
    const random = seeded(0x5eed)
    for (let round = 0; round < 1500; round += 1) {
      const body = fuzzBody(random)
      const path = random() < 0.5 ? "/v1/notes/n1" : `/v1/notes/${fuzzPath(random)}`
      const response = await fetch(url + path, {
        method: random() < 0.8 ? "PUT" : "POST",
        body,
        headers: random() < 0.9 ? json : { "content-type": fuzzPath(random) || "x" }
      })
      try {
        await refused(response)
      } catch (error) {
        throw new Error(`round ${round}, ${path}, ${Buffer.from(body).toString("base64")}`, { cause: error })
      }
    }
  })
})

/** Mulberry32: the same rounds every time. */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const pieces = [
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "\"text\"",
  "\"meta\"",
  "\"__proto__\"",
  "\"a\"",
  "1e999",
  "-0",
  "null",
  "true",
  "\\u0000",
  "\"\\ud800\"",
  " ",
  "\n"
]

/** Sometimes JSON, sometimes nearly, sometimes bytes. Never a valid input: `text` is never text alone. */
const fuzzBody = (random: () => number): Uint8Array<ArrayBuffer> => {
  const length = Math.floor(random() * 30)
  const pick = random()
  if (pick < 0.3) return Uint8Array.from({ length }, () => Math.floor(random() * 256))
  if (pick < 0.6) {
    return Buffer.from(Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join(""))
  }
  const value = (depth: number): unknown => {
    const kind = random()
    if (depth > 3 || kind < 0.3) return [null, true, 1e308, -1, "", "text", "\u0000", "🙂"][Math.floor(random() * 8)]
    if (kind < 0.6) return Array.from({ length: 3 }, () => value(depth + 1))
    return Object.fromEntries(["text", "meta", "color", "constructor", "x"].map((key) => [key, value(depth + 1)]))
  }
  return Buffer.from(JSON.stringify({ unknown: value(0), text: value(0), meta: value(0) }))
}

const fuzzPath = (random: () => number): string =>
  Array.from({ length: Math.floor(random() * 8) }, () => "a%/?&=;.é🙂%00%2e#"[Math.floor(random() * 16)]).join("")
    .replace(/[^\x21-\x7e]/g, "%80")
