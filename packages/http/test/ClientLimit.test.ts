import { assert, describe, it } from "@effect/vitest"
import { Fault, Processor, TokenBucket } from "@kanau/core"
import { BearerAuth, ClientLimit, HttpApp, HttpServer } from "@kanau/http"
import { Context, Deferred, Effect, Layer, Metric, Redacted } from "effect"
import { EventEmitter, once } from "node:events"
import type { IncomingMessage } from "node:http"
import { request } from "node:http"
import * as ClientAddress from "../src/internal/clientAddress.ts"
import { codeOf } from "./gateway.ts"

/** More than the buffers of a connection hold. */
const large = 50_000_000

/** Says when the server is done with a large answer, one way or the other. */
const ended = new EventEmitter()

const secret = "a-token-of-some-length"

/** The address of a server whose only route says hello. */
const serve = (
  clientLimit: ClientLimit.ClientLimit,
  more: Partial<HttpServer.Options> = {},
  overLimit: HttpApp.Options<never>["overLimit"] = () => undefined
) =>
  Effect.gen(function*() {
    const app = Effect.map(
      HttpApp.make({
        title: "Notes",
        version: "1",
        service: Processor.serve(),
        routes: [],
        clientLimit,
        overLimit,
        auth: BearerAuth.make([{ name: "ada", token: Redacted.make(secret) }])
      }),
      (made) => {
        made.get("/hello", (c) => c.text("hello"))
        made.get("/large", (c) => {
          c.env.outgoing?.once("close", () => ended.emit("large"))
          return c.text("x".repeat(large))
        })
        return made
      }
    )
    const built = yield* Layer.build(HttpServer.layer(app, { port: 0, host: "127.0.0.1", ...more }))
    return Context.get(built, HttpServer.HttpServer).url
  })

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } }) as never as IncomingMessage

describe("ClientLimit", () => {
  it.live("NF-9 tells what is left, and answers 429 when nothing is", () =>
    Effect.scoped(Effect.gen(function*() {
      const url = yield* serve(yield* ClientLimit.make({ limit: 60, per: "1 minute", burst: 2 }))
      yield* Effect.promise(async () => {
        const first = await fetch(`${url}/hello`)
        assert.strictEqual(await first.text(), "hello")
        assert.deepInclude(Object.fromEntries(first.headers), {
          "ratelimit": "\"client\";r=1;t=1",
          "ratelimit-policy": "\"client\";q=60;w=60",
          "ratelimit-limit": "60",
          "ratelimit-remaining": "1",
          "ratelimit-reset": "1"
        })
        await fetch(`${url}/none`)
        const refused = await fetch(`${url}/hello`, { headers: { "x-correlation-id": "mine" } })
        assert.strictEqual(refused.status, 429)
        assert.deepInclude(Object.fromEntries(refused.headers), {
          "retry-after": "1",
          "ratelimit-remaining": "0",
          "x-correlation-id": "mine",
          "access-control-allow-origin": "*"
        })
        assert.strictEqual(await codeOf(refused), "rate-limited")
        const ada = await fetch(`${url}/hello`, { headers: { authorization: `Bearer ${secret}` } })
        assert.strictEqual(ada.status, 200, "a token has a bucket of its own")
        const forged = await fetch(`${url}/hello`, { headers: { authorization: "Bearer some-other-made-up-token" } })
        assert.strictEqual(forged.status, 429, "an unknown one has not")
        const forwarded = await fetch(`${url}/hello`, { headers: { "x-forwarded-for": "203.0.113.9" } })
        assert.strictEqual(forwarded.status, 429, "nobody is believed who is not trusted")
      })
    })))

  it.live("NF-9 hand-written routes may refuse in their own words, with the headers of the limit", () =>
    Effect.scoped(Effect.gen(function*() {
      const own = { status: 429, headers: { "content-type": "text/plain" }, body: "Later." }
      const limit = yield* ClientLimit.make({ limit: 1, per: "1 hour" })
      const url = yield* serve(limit, {}, (path) => path.startsWith("/own/") ? own : undefined)
      yield* Effect.promise(async () => {
        await fetch(`${url}/hello`)
        const refused = await fetch(`${url}/own/a?b=1`)
        assert.deepStrictEqual([refused.status, await refused.text()], [429, "Later."])
        assert.deepInclude(Object.fromEntries(refused.headers), {
          "content-type": "text/plain",
          "ratelimit-remaining": "0",
          "retry-after": "3600"
        })
        assert.strictEqual(await codeOf(await fetch(`${url}/owner`)), "rate-limited")
      })
    })))

  it.live("NF-9 believes the trusted proxy about the client", () =>
    Effect.scoped(Effect.gen(function*() {
      const url = yield* serve(
        yield* ClientLimit.make({ limit: 1, per: "1 hour", trustedProxies: ["127.0.0.0/8"] })
      )
      const status = (forwarded: string) =>
        Effect.promise(() => fetch(`${url}/hello`, { headers: { "x-forwarded-for": forwarded } }).then((r) => r.status))
      assert.strictEqual(yield* status("203.0.113.9"), 200)
      assert.strictEqual(yield* status("203.0.113.9"), 429)
      assert.strictEqual(yield* status("203.0.113.10"), 200)
      assert.strictEqual(
        yield* status("198.51.100.1, 203.0.113.10"),
        429,
        "what stands in front is the client's own word"
      )
    })))

  it("NF-9 the client is the nearest address that no trusted proxy has", () => {
    const direct = ClientAddress.resolver([])
    const behind = ClientAddress.resolver(["10.0.0.0/8", "192.0.2.7", "fd00::/8"])
    assert.strictEqual(direct(from("203.0.113.1", "1.1.1.1")), "203.0.113.1")
    assert.strictEqual(direct(from("::ffff:203.0.113.1")), "203.0.113.1")
    assert.strictEqual(behind(from("203.0.113.1", "1.1.1.1")), "203.0.113.1")
    assert.strictEqual(behind(from("10.1.2.3", "1.1.1.1")), "1.1.1.1")
    assert.strictEqual(behind(from("::ffff:10.1.2.3", "1.1.1.1")), "1.1.1.1")
    assert.strictEqual(behind(from("10.1.2.3", "6.6.6.6, 1.1.1.1:4711, 192.0.2.7, 10.9.9.9")), "1.1.1.1")
    assert.strictEqual(behind(from("10.1.2.3", "nonsense")), "10.1.2.3")
    assert.strictEqual(behind(from("10.1.2.3", "1.1.1.1, nonsense")), "10.1.2.3")
    assert.strictEqual(behind(from("10.1.2.3")), "10.1.2.3")
    assert.strictEqual(behind(from("fd00::1", "[2001:db8:1:2::9]:443")), "2001:db8:1:2")
    assert.strictEqual(direct(from("2001:DB8:1:2:3:4:5:6")), "2001:db8:1:2")
    assert.strictEqual(direct(from("2001:db8::1")), "2001:db8:0:0")
    assert.strictEqual(direct(from("::1")), "0:0:0:0")
    assert.throws(() => ClientAddress.resolver(["ten/8"]), "ten/8 is no address")
  })

  it.live("NF-9 a store that does not answer lets everybody through, and is counted; a slow one is waited for", () =>
    Effect.scoped(Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      let isDown = true
      const buckets = Layer.succeed(TokenBucket.TokenBucket, {
        take: () =>
          isDown
            ? Effect.fail(new Fault.Unavailable({ dependency: "redis", reason: "gone" }))
            : Effect.as(Deferred.await(gate), { isAllowed: false, retryAfterMillis: 1500 } as const)
      })
      const url = yield* serve(yield* Effect.provide(ClientLimit.shared({ limit: 1, per: "1 hour" }), buckets))
      for (let at = 0; at < 3; at++) {
        const response = yield* Effect.promise(() => fetch(`${url}/hello`))
        assert.strictEqual(response.status, 200)
        assert.isNull(response.headers.get("ratelimit"))
      }
      const counted = (yield* Metric.snapshot).find(({ id }) => id === "kanau_http_limit_unavailable_total")
      assert.strictEqual(Number((counted?.state as { readonly count?: number })?.count), 3)
      isDown = false
      const waiting = fetch(`${url}/hello`)
      yield* Deferred.succeed(gate, undefined)
      const refused = yield* Effect.promise(() => waiting)
      assert.strictEqual(refused.status, 429)
      assert.strictEqual(refused.headers.get("retry-after"), "2")
    })).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})

describe("bounds of a request", () => {
  /** The status of an answer, or how the connection ended. */
  const send = (url: string, headers: Record<string, string>, path = "/hello") =>
    new Promise<string>((resolve) => {
      const sent = request(`${url}${path}`, { headers, agent: false }, (response) => {
        response.resume()
        resolve(String(response.statusCode))
      })
      sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      sent.end()
    })
  const unlimited = ClientLimit.make({ limit: 1000, per: "1 second" })

  it.live("NF-9 the URL, and number and size of headers", () =>
    Effect.scoped(Effect.gen(function*() {
      const url = yield* serve(yield* unlimited, {
        limits: { maxUrlLength: 100, maxHeaders: 10, maxHeaderBytes: 2000 }
      })
      yield* Effect.promise(async () => {
        assert.strictEqual(await send(url, {}), "200")
        assert.strictEqual(await send(url, {}, `/hello?${"x".repeat(100)}`), "414")
        const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`x-${at}`, "1"]))
        assert.strictEqual(await send(url, many), "431")
        assert.strictEqual(await send(url, { large: "x".repeat(3000) }), "431")
        const refused = await fetch(`${url}/hello?${"x".repeat(100)}`, { headers: { "x-correlation-id": "mine" } })
        assert.strictEqual(await codeOf(refused), "uri-too-long")
        assert.strictEqual(refused.headers.get("x-correlation-id"), "mine")
      })
    })))

  it.live("NF-9 who does not send the headers in time is cut off", () =>
    Effect.scoped(Effect.gen(function*() {
      const url = yield* serve(yield* unlimited, { limits: { headersTimeout: "300 millis" } })
      const { connect } = yield* Effect.promise(() => import("node:net"))
      const { hostname, port } = new URL(url)
      const answer = yield* Effect.promise(() =>
        new Promise<string>((resolve) => {
          const socket = connect(Number(port), hostname, () => socket.write("GET /hello HTTP/1.1\r\nHost: x\r\n"))
          let text = ""
          socket.on("data", (data) => text += String(data))
          socket.on("close", () => resolve(text))
        })
      )
      assert.match(answer, /^HTTP\/1\.1 408 /)
    })))

  it.live("NF-9 who does not take the answer is cut off, and others are not", () =>
    Effect.scoped(Effect.gen(function*() {
      const url = yield* serve(yield* unlimited, { limits: { stallTimeout: "200 millis" } })
      const { connect } = yield* Effect.promise(() => import("node:net"))
      const { hostname, port } = new URL(url)
      const idle = connect(Number(port), hostname)
      const slow = connect(Number(port), hostname)
      idle.on("error", () => {})
      slow.on("error", () => {})
      slow.pause()
      slow.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
      yield* Effect.promise(() => once(ended, "large"))
      // What had been on the way.
      const received = yield* Effect.promise(() =>
        new Promise<number>((resolve) => {
          let sum = 0
          slow.on("data", (data) => sum += data.length).on("close", () => resolve(sum)).resume()
        })
      )
      assert.isBelow(received, large)
      idle.write("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
      const answer = yield* Effect.promise(() =>
        new Promise<string>((resolve) => idle.once("data", (data) => resolve(String(data))))
      )
      assert.match(answer, /^HTTP\/1\.1 200 /)
      idle.destroy()
    })))
})
