import { assert, describe, it } from "@effect/vitest"
import { Correlation } from "@kanau/core"
import { BearerAuth, HttpServer } from "@kanau/http"
import { Health } from "@kanau/runner"
import {
  ConfigProvider,
  Context,
  Deferred,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  Redacted,
  References,
  Scope,
  Tracer
} from "effect"
import { Agent, request as httpRequest } from "node:http"
import { app, Probe, probe, token } from "./fixture.ts"

const quiet = Logger.layer([])

/** A server in its own scope, so that a test can close it. */
const serve = (state: Probe["Service"], drainTimeout = "5 seconds") =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const built = yield* Layer.buildWithScope(
      HttpServer.layer(app, { port: 0, host: "127.0.0.1", drainTimeout: drainTimeout as "5 seconds" }).pipe(
        Layer.provide(Layer.succeed(Probe, state))
      ),
      scope
    )
    const { url } = yield* Effect.provideContext(HttpServer.HttpServer, built)
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    return { url, close: Scope.close(scope, Exit.void) }
  })

const get = (url: string, init: RequestInit = {}) => Effect.promise(() => fetch(url, init))
const jsonOf = (response: Response) => Effect.promise(() => response.json() as Promise<Record<string, unknown>>)

describe("requests", () => {
  it.live("inputs come from path, query and body, with defaults and lists; outputs are encoded; HEAD works", () =>
    Effect.gen(function*() {
      const { url } = yield* serve(probe())
      const found = yield* get(`${url}/v1/notes/a%2Fb%20c?lines=7&tags=x&tags=y&since=2020-01-02`)
      assert.deepStrictEqual(yield* jsonOf(found), {
        id: "a/b c",
        lines: 7,
        tags: ["x", "y"],
        since: "2020-01-02T00:00:00.000Z"
      })
      const one = yield* jsonOf(yield* get(`${url}/v1/notes/a?tags=x`))
      assert.deepStrictEqual([one["lines"], one["tags"]], [10, ["x"]])
      const head = yield* get(`${url}/v1/notes/a`, { method: "HEAD" })
      assert.strictEqual(head.status, 200)
      assert.isNotNull(head.headers.get("x-correlation-id"))
      const removed = yield* get(`${url}/v1/notes/a`, { method: "DELETE" })
      assert.strictEqual(removed.status, 204)
      const written = yield* get(`${url}/v1/notes`, {
        method: "POST",
        body: JSON.stringify({ id: "n9", text: "t", size: "12345678901234567890" }),
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` }
      })
      assert.strictEqual(written.status, 201)
      assert.strictEqual(written.headers.get("location"), "/v1/notes/n9")
      assert.deepInclude(yield* jsonOf(written), { by: "admin" })
    }).pipe(Effect.provide(quiet), Effect.scoped))

  it.live("AR-5 bearer tokens: missing, wrong, nearly right and malformed are 401 and never reach the processor", () =>
    Effect.gen(function*() {
      const state = probe()
      const { url } = yield* serve(state)
      for (
        const authorization of [
          undefined,
          "Bearer",
          "Bearer x",
          `Bearer ${token}x`,
          `Bearer ${token.slice(0, -1)}`,
          `Basic ${token}`,
          token
        ]
      ) {
        const response = yield* get(`${url}/v1/me`, authorization === undefined ? {} : { headers: { authorization } })
        assert.strictEqual(response.status, 401)
        assert.strictEqual(response.headers.get("www-authenticate"), "Bearer")
        const text = yield* Effect.promise(() => response.text())
        assert.include(text, "\"code\":\"unauthenticated\"")
        assert.notInclude(text, token)
      }
      assert.strictEqual(state.calls, 0)
      for (const [shown, name] of [[token, "admin"], ["another-token-0123456789", "importer"]]) {
        const response = yield* get(`${url}/v1/me`, { headers: { authorization: `bearer ${shown}` } })
        assert.strictEqual((yield* jsonOf(response))["name"], name)
      }
      assert.throws(
        () => BearerAuth.make([{ name: "weak", token: Redacted.make("short") }]),
        /token of weak is too short/
      )
    }).pipe(Effect.provide(quiet), Effect.scoped))

  it.live("AR-5 bearer tokens from the configuration; a list that is wrong is refused without quoting it", () =>
    Effect.gen(function*() {
      const read = (TOKENS: string) =>
        BearerAuth.config("TOKENS").pipe(
          Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { TOKENS } }))
        )
      const auth = BearerAuth.make(yield* read(`ada:${"a".repeat(16)},bob:${"b".repeat(20)}`))
      assert.deepStrictEqual(auth(`Bearer ${"b".repeat(20)}`), { name: "bob" })
      assert.isUndefined(auth("Bearer ada"))
      for (const wrong of ["", "hunter2-hunter2-hunter2", "ada:hunter2", `ada:${"a".repeat(16)},bob:hunter2`]) {
        const error = yield* Effect.flip(read(wrong))
        assert.include(error.message, "TOKENS")
        assert.notInclude(JSON.stringify([error.message, String(error)]), "hunter2")
      }
    }))

  it.live("NB-20 interleaved requests never mix ids, in answers, headers and logs", () => {
    const logged = new Map<string, string>()
    const logger = Logger.make(({ fiber, message }) => {
      if (String(message) !== "who am I") return
      const { correlationId, traceparent } = fiber.getRef(Correlation.Correlation)
      logged.set(correlationId, traceparent)
    })
    return Effect.gen(function*() {
      const { url } = yield* serve(probe())
      yield* Effect.forEach(
        Array.from({ length: 200 }, (_, at) => at),
        (at) =>
          Effect.gen(function*() {
            const id = `request-${at}`
            const trace = at.toString(16).padStart(32, "1")
            const response = yield* get(`${url}/v1/me?wait=${(at * 7) % 40}`, {
              headers: {
                authorization: `Bearer ${token}`,
                "x-correlation-id": id,
                traceparent: `00-${trace}-${"2".repeat(16)}-01`
              }
            })
            assert.strictEqual(response.headers.get("x-correlation-id"), id)
            const body = yield* jsonOf(response)
            assert.strictEqual(body["correlationId"], id)
            assert.strictEqual(String(body["traceparent"]).slice(3, 35), trace)
            assert.strictEqual(logged.get(id)?.slice(3, 35), trace)
          }),
        { concurrency: 50 }
      )
      assert.strictEqual(logged.size, 200)
    }).pipe(Effect.provide(Logger.layer([logger])), Effect.scoped)
  })

  it.live("NB-20 an unacceptable or missing correlation id is replaced; every answer carries one, errors too", () =>
    Effect.gen(function*() {
      const { url } = yield* serve(probe())
      const seen = new Set<string>()
      for (
        const [path, inbound] of [
          ["/v1/anyone", "forged\" onload=1"],
          ["/v1/anyone", "a".repeat(129)],
          ["/v1/anyone", "ümlaut"],
          ["/v1/anyone", undefined],
          ["/v1/nothing", "a b"],
          ["/v1/fail/thrown", "a,b"],
          ["/v1/notes/%zz", undefined],
          ["/openapi.json", undefined]
        ] as const
      ) {
        const response = yield* get(
          url + path,
          inbound === undefined ? {} : { headers: { "x-correlation-id": inbound } }
        )
        const id = response.headers.get("x-correlation-id") ?? ""
        assert.match(id, /^[0-9a-f-]{36}$/)
        seen.add(id)
      }
      assert.strictEqual(seen.size, 8)
      const kept = yield* get(`${url}/v1/nothing`, { headers: { "x-correlation-id": "A.b_c-1" } })
      assert.strictEqual(kept.headers.get("x-correlation-id"), "A.b_c-1")
      const badTrace = yield* get(`${url}/v1/anyone`, {
        headers: { traceparent: `00-${"0".repeat(32)}-${"1".repeat(16)}-01` }
      })
      assert.match(String((yield* jsonOf(badTrace))["traceparent"]), /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    }).pipe(Effect.provide(quiet), Effect.scoped))

  it.live("NB-20 with tracing on, the server span continues the caller's trace", () => {
    const spans: Array<{ readonly name: string; readonly traceId: string; readonly parent: string | undefined }> = []
    const logger = Logger.make(({ fiber }) => {
      const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
      if (span?._tag !== "Span") return
      spans.push({
        name: span.name,
        traceId: span.traceId,
        parent: span.parent._tag === "Some" ? span.parent.value.spanId : undefined
      })
    })
    return Effect.gen(function*() {
      const { url } = yield* serve(probe())
      const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`
      yield* get(`${url}/v1/anyone`, { headers: { traceparent } })
      assert.deepStrictEqual(spans, [{ name: "GET /v1/anyone", traceId: "a".repeat(32), parent: "b".repeat(16) }])
      const own = yield* jsonOf(yield* get(`${url}/v1/anyone`))
      assert.strictEqual(spans[1]?.traceId, String(own["traceparent"]).slice(3, 35))
    }).pipe(
      Effect.provideService(References.TracerEnabled, true),
      Effect.provide(Logger.layer([logger])),
      Effect.scoped
    )
  })

  it.live("a client that goes away interrupts what it asked for", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const state = probe()
      state.gate = Effect.andThen(Deferred.succeed(started, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
      )
      const { url } = yield* serve(state)
      const controller = new AbortController()
      const asking = yield* Effect.forkChild(
        Effect.exit(
          Effect.promise(() => fetch(`${url}/v1/anyone`, { signal: controller.signal }).catch(() => undefined))
        )
      )
      yield* Deferred.await(started)
      controller.abort()
      yield* Effect.timeout(Deferred.await(interrupted), "5 seconds")
      yield* Fiber.join(asking)
    }).pipe(Effect.provide(quiet), Effect.scoped))
})

describe("drain", () => {
  it.live("AR-4 closing finishes requests in flight, refuses new ones, and ends keep-alive connections", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const state = probe()
      const { close, url } = yield* serve(state)
      // An idle keep-alive connection, which alone would keep the server open for a minute.
      const agent = new Agent({ keepAlive: true })
      yield* Effect.promise(() =>
        new Promise<void>((resolve, reject) =>
          httpRequest(`${url}/v1/anyone`, { agent }, (response) => response.resume().on("end", resolve))
            .on("error", reject).end()
        )
      )
      state.gate = Effect.andThen(Deferred.succeed(started, undefined), Deferred.await(release))
      const asking = yield* Effect.forkChild(get(`${url}/v1/anyone`))
      yield* Deferred.await(started)
      const closing = yield* Effect.forkChild(close)
      const refusal = yield* Effect.promise(() => fetch(`${url}/v1/anyone`).then(() => "answered", () => "refused"))
        .pipe(
          Effect.repeat({ until: (outcome) => outcome === "refused", times: 100 })
        )
      assert.strictEqual(refusal, "refused")
      yield* Deferred.succeed(release, undefined)
      const response = yield* Fiber.join(asking)
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("connection"), "close")
      yield* Effect.timeout(Fiber.join(closing), "3 seconds")
      agent.destroy()
    }).pipe(Effect.provide(quiet), Effect.scoped))

  it.live("AR-4 a request that never ends is cut off after the drain time-out", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const state = probe()
      state.gate = Effect.andThen(Deferred.succeed(started, undefined), Effect.never)
      const { close, url } = yield* serve(state, "100 millis")
      const asking = yield* Effect.forkChild(
        Effect.promise(() => fetch(`${url}/v1/anyone`).then(() => "answered", () => "cut"))
      )
      yield* Deferred.await(started)
      yield* Effect.timeout(close, "3 seconds")
      assert.strictEqual(yield* Fiber.join(asking), "cut")
    }).pipe(Effect.provide(quiet), Effect.scoped))

  it.live("AR-4 from the first moment of draining, answers tell clients to look elsewhere", () =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      const { url } = yield* serve(probe())
      assert.strictEqual((yield* get(`${url}/v1/anyone`)).headers.get("connection"), "keep-alive")
      yield* health.enter("draining")
      const answer = yield* get(`${url}/v1/anyone`)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers.get("connection"), "close")
    }).pipe(Effect.provide(Layer.merge(quiet, Health.layer)), Effect.scoped))
})
