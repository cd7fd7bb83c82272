/**
 * Whatever a client sends, it gets an answer it can use: 2xx with correct JSON, 304, or 4xx with the error body. Only a
 * token of a change that is not visible yet is 503. The
 * choices repeat themselves, so a request that fails can be found again by its seed.
 */
import { assert, describe, it } from "@effect/vitest"
import { HttpServer, ViewGateway } from "@kanau/http"
import { Context, Effect, Layer, Logger } from "effect"
import { Agent, request } from "node:http"
import { gunzipSync } from "node:zlib"
import * as Cursor from "../src/internal/gateway/cursor.ts"
import { application, world } from "./gateway.ts"
import { type Random, random } from "./random.ts"

const requests = 1500

describe("fuzz", () => {
  for (const seed of [1, 2, 3, 4]) {
    it.live(`NF-9 any request is answered, never with 5xx (seed ${seed})`, () => {
      const here = world()
      return Effect.scoped(Effect.gen(function*() {
        const app = Effect.flatMap(ViewGateway.make({ causalWait: "5 millis" }), application)
        const built = yield* Layer.build(HttpServer.layer(app, { port: 0, host: "127.0.0.1" }))
        const { url } = Context.get(built, HttpServer.HttpServer)
        here.gap(false)
        here.apply("1", "2", "3")
        for (let at = 0; at < 30; at++) {
          here.put(`n${at}`, `t${at}"\\ü`, {
            gzip: at % 2 === 0,
            fields: {
              author: at % 3 === 0 ? null : `a${at % 4}`,
              size: at,
              done: at % 2 === 0,
              tags: ["x"],
              ranks: [at]
            }
          })
        }
        const agent = new Agent({ keepAlive: true })
        yield* Effect.addFinalizer(() => Effect.sync(() => agent.destroy()))
        const chance = random(seed)
        const statuses = new Map<number, number>()
        yield* Effect.promise(async () => {
          for (let at = 0; at < requests; at += 10) {
            const batch = Array.from({ length: 10 }, () => wild(chance))
            await Promise.all(batch.map(async (sent) => {
              const { body, headers, status } = await send(agent, url, sent)
              const what = JSON.stringify([sent, status, body.toString().slice(0, 300)])
              statuses.set(status, (statuses.get(status) ?? 0) + 1)
              const isBehind = status === 503 && (sent.headers["kanau-after"] ?? "").startsWith("99@")
              assert.isTrue(status < 500 || isBehind, what)
              if (sent.method === "HEAD" || status === 304 || status === 204) {
                return assert.strictEqual(body.length, 0, what)
              }
              // What Node itself refuses has no body.
              if (status === 431 || body.length === 0 && status === 400) return
              const text = (headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString()
              const json = JSON.parse(text) as { readonly error?: { readonly code?: string } }
              assert.strictEqual(typeof json.error?.code, status === 200 ? "undefined" : "string", what)
            }))
          }
        })
        // It must have been a mixture, or nothing was tried.
        for (const status of [200, 304, 400, 404]) assert.isAbove(statuses.get(status) ?? 0, 20, `${status}`)
      })).pipe(Effect.provide(here.layer), Effect.provide(Logger.layer([])))
    })
  }
})

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | Array<string> | undefined>>
  readonly body: Buffer
}

/** Rejects when the connection breaks or nothing comes for five seconds. */
const send = (agent: Agent, url: string, { headers, method, path }: Sent): Promise<Received> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const sent = request({ agent, hostname, port, method, path, headers, timeout: 5000 }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on(
        "end",
        () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      )
      response.on("error", reject)
    })
    sent.on("timeout", () => sent.destroy(new Error(`No answer to ${path}`)))
    sent.on("error", (error) => reject(new Error(`${method} ${path} ${JSON.stringify(headers)}: ${error.message}`)))
    sent.end()
  })

const odd = [
  "",
  " ",
  "%",
  "%2",
  "%zz",
  "%00",
  "%C3",
  "%ED%A0%80",
  "%F0%9F%98%80",
  "%2e%2e",
  "..",
  ".",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "NaN",
  "-0",
  "1e999",
  "9007199254740993",
  "-1",
  "0x10",
  "true",
  "*",
  "'",
  "%22",
  "\\",
  "%5C",
  "$where",
  "%7B%24gt%3A1%7D",
  "[object%20Object]",
  ",",
  ",,",
  "a,b",
  "%2C",
  ";",
  "&",
  "=",
  "+",
  "%26",
  "%3D",
  "x".repeat(300),
  "%F0%9F%98%80".repeat(40),
  "1,".repeat(150),
  "<script>",
  "%0d%0aset-cookie:x",
  "~",
  "@",
  ":",
  "|"
]

const names = [
  "id",
  "fields",
  "sort",
  "limit",
  "after",
  "author",
  "author.gt",
  "author.lte",
  "size",
  "size.gte",
  "size.lt",
  "done",
  "tags",
  "ranks",
  "done.gt",
  "tags.gt",
  "colour",
  "__proto__",
  "constructor",
  "ID",
  "id[]",
  "size[gt]",
  "%69d",
  ""
]

const wild = (chance: Random): Sent => {
  const value = () => chance.chance(60) ? likely(chance) : chance.of(odd)
  const ids = () => chance.chance(70) ? `n${chance.below(33)}` : chance.of(odd)
  const query = () =>
    Array.from({ length: chance.below(4) }, () => `${chance.of(names)}${chance.chance(95) ? "=" : ""}${value()}`).join(
      chance.chance(97) ? "&" : "?"
    )
  const path = chance.chance(50)
    ? `/note/${ids()}${chance.chance(30) ? `?${query()}` : ""}`
    : `/note${chance.chance(90) ? "?" : "/"}${
      chance.chance(30) ? `id=${Array.from({ length: 1 + chance.below(4) }, ids).join(",")}&` : ""
    }${query()}`
  return {
    method: chance.of(["GET", "GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "PATCH"]),
    // What Node's client refuses to send is no use here.
    path: (chance.chance(1) ? `${path}${"x".repeat(9000)}` : path).replace(/[^\x21-\x7e]/g, "_"),
    headers: Object.fromEntries(Array.from({ length: chance.below(4) }, () => header(chance)))
  }
}

const likely = (chance: Random): string =>
  chance.of([
    () => String(chance.below(40)),
    () => `a${chance.below(4)}`,
    () => chance.of(["id", "text", "id,text", "size", "id,id"]),
    () => chance.of(["size", "-size,author", "author", "-author", "size,size"]),
    () => Cursor.encode(JSON.stringify(["note", "size", []]), { keys: [chance.below(30)], id: "n3" }),
    () => Cursor.encode(JSON.stringify(["note", "size", []]), { keys: [chance.of(odd)], id: chance.of(odd) }),
    () => chance.of(["true", "false", "x", "x,y"])
  ])()

const header = (chance: Random): readonly [string, string] =>
  chance.of<() => readonly [string, string]>([
    () => [
      "if-none-match",
      chance.of(["*", `"t${chance.below(30)}"`, "W/\"t1\"", "\"", ",,,", "\"t1-gzip\"", "x".repeat(500), "\"a\",\"b\""])
    ],
    () => ["if-none-match", "*"],
    () => [
      "accept-encoding",
      chance.of(["gzip", "gzip;q=0", "*", "br", "gzip;q=9", ";;;", "identity;q=0", "gzip;q=0.5,identity", "\t", "q=1"])
    ],
    () => [
      "kanau-after",
      chance.of([
        "1@1",
        "2@9999999999",
        "3@1,1@1",
        "99@9999999999",
        "x",
        "",
        "1@",
        ",",
        "1@1,".repeat(20),
        "0@0",
        "-1@5"
      ])
    ],
    () => ["range", chance.of(["bytes=0-0", "bytes=-5", "bytes=9999-", "items=0-1", "bytes=a-b", "bytes=0-1,5-6"])],
    () => ["origin", chance.of(["null", "https://x.example", "x", ""])],
    () => ["x-correlation-id", chance.of(["ok", "not ok", "x".repeat(200), "a\tb", ""])],
    () => ["access-control-request-method", chance.of(["GET", "TRACE", ""])],
    () => ["traceparent", chance.of(["00-x", "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])],
    () => ["authorization", chance.of(["Bearer", "Bearer x", "Basic eDp5", ""])],
    () => ["content-type", chance.of(["application/json", "x"])],
    () => ["host", chance.of(["x", "x:y", "", "[", "a b"])],
    () => ["if-modified-since", "yesterday"],
    () => ["x-forwarded-for", "1.2.3.4, nonsense"]
  ])()
