import { assert, describe, it } from "@effect/vitest"
import { Correlation, Fault } from "@kanau/core"
import { Effect, Logger } from "effect"
import { app, Probe, probe, secretText, token } from "./fixture.ts"

/** The table of NF-9 as it must be seen from outside. */
const expected: Record<Fault.Kind, readonly [status: number, code: string]> = {
  "invalid-input": [400, "invalid-input-happened"],
  unauthenticated: [401, "unauthenticated-happened"],
  "permission-denied": [401, "unauthenticated"],
  "not-found": [404, "not-found-happened"],
  conflict: [409, "conflict-happened"],
  gone: [410, "gone-happened"],
  "rate-limited": [429, "rate-limited-happened"],
  undecodable: [400, "undecodable-happened"],
  unavailable: [503, "unavailable"],
  timeout: [504, "timeout"],
  invariant: [500, "internal"],
  defect: [500, "internal"]
}

const logged: Array<{ readonly level: string; readonly correlationId: string }> = []

const request = (path: string, init?: RequestInit) =>
  Effect.gen(function*() {
    const http = yield* app
    const response = yield* Effect.promise(async () => http.request(path, init))
    return { response, text: yield* Effect.promise(() => response.text()) }
  }).pipe(
    Effect.provideService(Probe, probe()),
    Effect.provide(Logger.layer([
      Logger.make(({ fiber, logLevel }) => {
        logged.push({ level: logLevel, correlationId: fiber.getRef(Correlation.Correlation).correlationId })
      })
    ]))
  )

const bodyOf = (text: string) =>
  (JSON.parse(text) as {
    readonly error: {
      readonly code: string
      readonly message: string
      readonly requestId: string
      readonly details?: unknown
    }
  })
    .error

describe("NF-9 errors at the edge", () => {
  for (const kind of Object.keys(Fault.rules) as ReadonlyArray<Fault.Kind>) {
    it.live(`NF-9 ${kind} → ${expected[kind].join(" ")}`, () =>
      Effect.gen(function*() {
        const { response, text } = yield* request(`/v1/fail/${kind}`)
        const [status, code] = expected[kind]
        const error = bodyOf(text)
        assert.strictEqual(response.status, status)
        assert.strictEqual(error.code, code)
        assert.strictEqual(error.requestId, response.headers.get("x-correlation-id"))
        if (status >= 500) assert.notInclude(text, "hunter2")
        if (status === 503 || status === 429) assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/)
        if (status === 401) assert.strictEqual(response.headers.get("www-authenticate"), "Bearer")
      }))
  }

  for (const what of ["thrown", "died", "not-encodable"]) {
    it.live(`NF-9 a defect (${what}) is 500 without text, and logged with its correlation id`, () =>
      Effect.gen(function*() {
        logged.length = 0
        const { response, text } = yield* request(`/v1/fail/${what}`, { headers: { "x-correlation-id": "c-77" } })
        assert.strictEqual(response.status, 500)
        assert.strictEqual(bodyOf(text).code, "internal")
        assert.notInclude(text, "hunter2")
        assert.notInclude(text, "at ")
        assert.deepStrictEqual(logged, [{ level: "Error", correlationId: "c-77" }])
      }))
  }

  it.live("NF-9 issues found by a processor are details", () =>
    Effect.gen(function*() {
      const { response, text } = yield* request("/v1/fail/issues")
      assert.strictEqual(response.status, 400)
      assert.deepInclude(bodyOf(text), { code: "invalid-input", details: [{ path: "kind", message: "is taken" }] })
    }))

  it.live("NF-9 permission denied is 403 for somebody known", () =>
    Effect.gen(function*() {
      const { response, text } = yield* request("/v1/secure-fail/permission-denied", {
        headers: { authorization: `Bearer ${token}` }
      })
      assert.strictEqual(response.status, 403)
      assert.deepInclude(bodyOf(text), { code: "permission-denied-happened", message: secretText })
    }))

  it.live("NF-9 hand-written routes of the same application answer faults and crashes the same way", () =>
    Effect.gen(function*() {
      const http = yield* app
      http.get("/raw/fault", () => {
        throw new Fault.Conflict({ reason: "somebody was first" })
      })
      http.get("/raw/crash", () => {
        throw new Error(secretText)
      })
      http.get("/raw/plain", () => new Response("as it is"))
      const get = (path: string) => Effect.promise(async () => http.request(path))
      const fault = yield* get("/raw/fault")
      assert.strictEqual(fault.status, 409)
      const crash = yield* get("/raw/crash")
      assert.strictEqual(crash.status, 500)
      assert.notInclude(yield* Effect.promise(() => crash.text()), "hunter2")
      const plain = yield* get("/raw/plain")
      assert.strictEqual(plain.headers.get("x-content-type-options"), "nosniff")
      assert.isNotNull(plain.headers.get("x-correlation-id"))
    }).pipe(Effect.provideService(Probe, probe()), Effect.provide(Logger.layer([]))))
})
