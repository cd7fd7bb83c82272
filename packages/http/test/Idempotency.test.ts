import { assert, describe, it } from "@effect/vitest"
import { Fault, KeyValue } from "@kanau/core"
import { Deferred, Effect, Fiber, Layer, Logger, Metric } from "effect"
import { app, Probe, probe, token } from "./fixture.ts"

const scenario = <A, E>(
  test: (http: {
    readonly send: (options?: Partial<Sent>) => Effect.Effect<Received>
    readonly state: Probe["Service"]
  }) => Effect.Effect<A, E>,
  store: Layer.Layer<KeyValue.KeyValue> = KeyValue.layerMemory()
) => {
  const state = probe()
  return Effect.gen(function*() {
    const http = yield* app
    return yield* test({
      state,
      send: (options) => {
        const { body, key, path, shown, method } = { ...usual, ...options }
        return Effect.promise(async () => {
          const response = await http.request(path, {
            method,
            ...(method === "DELETE" ? {} : { body: JSON.stringify(body) }),
            headers: { "content-type": "application/json", authorization: `Bearer ${shown}`, "idempotency-key": key }
          })
          return { response, text: await response.text(), replayed: response.headers.get("idempotency-replayed") }
        })
      }
    })
  }).pipe(Effect.provideService(Probe, state), Effect.provide(Layer.merge(store, Logger.layer([]))))
}

interface Sent {
  readonly body: object
  readonly key: string
  readonly path: string
  readonly shown: string
  readonly method: string
}
interface Received {
  readonly response: Response
  readonly text: string
  readonly replayed: string | null
}
const usual: Sent = { body: { id: "n1", text: "t" }, key: "k-1", path: "/v1/notes", shown: token, method: "POST" }

const broken = Effect.fail(new Fault.Unavailable({ dependency: "redis", reason: "stopped" }))

describe("Idempotency-Key", () => {
  it.live("the same request again gets the stored answer: status, headers, body", () =>
    scenario(({ send, state }) =>
      Effect.gen(function*() {
        const first = yield* send()
        const again = yield* send()
        assert.strictEqual(state.calls, 1)
        assert.strictEqual(first.replayed, null)
        assert.strictEqual(again.replayed, "true")
        assert.strictEqual(again.response.status, 201)
        assert.strictEqual(again.text, first.text)
        assert.strictEqual(again.response.headers.get("location"), "/v1/notes/n1")
        assert.notStrictEqual(
          again.response.headers.get("x-correlation-id"),
          first.response.headers.get("x-correlation-id")
        )
      })
    ))

  it.live("the same key for another body or route is 422; another principal or key is another request", () =>
    scenario(({ send, state }) =>
      Effect.gen(function*() {
        yield* send()
        const { response, text } = yield* send({ body: { id: "n1", text: "u" } })
        assert.strictEqual(response.status, 422)
        assert.include(text, "\"idempotency-key-reused\"")
        assert.strictEqual(state.calls, 1)
        assert.strictEqual((yield* send({ shown: "another-token-0123456789" })).response.status, 201)
        assert.strictEqual((yield* send({ key: "k-2" })).response.status, 201)
        assert.strictEqual(state.calls, 3)
        const removed = { path: "/v1/notes/n1", method: "DELETE", key: "k-3" }
        assert.strictEqual((yield* send(removed)).response.status, 204)
        assert.strictEqual((yield* send(removed)).replayed, "true")
        assert.strictEqual((yield* send({ ...removed, path: "/v1/notes/n2" })).response.status, 422)
      })
    ))

  it.live("while the first still runs, the second is 409 with Retry-After", () =>
    scenario(({ send, state }) =>
      Effect.gen(function*() {
        const started = yield* Deferred.make<void>()
        const release = yield* Deferred.make<void>()
        state.gate = Effect.andThen(Deferred.succeed(started, undefined), Deferred.await(release))
        const first = yield* Effect.forkChild(send())
        yield* Deferred.await(started)
        const second = yield* send()
        assert.strictEqual(second.response.status, 409)
        assert.strictEqual(second.response.headers.get("retry-after"), "1")
        yield* Deferred.succeed(release, undefined)
        assert.strictEqual((yield* Fiber.join(first)).response.status, 201)
        assert.strictEqual((yield* send()).replayed, "true")
        assert.strictEqual(state.calls, 1)
      })
    ))

  it.live("answers that mean `not now` or `our fault` are not stored; refusals that stay are", () =>
    scenario(({ send, state }) =>
      Effect.gen(function*() {
        for (const kind of ["unavailable", "timeout", "invariant", "thrown", "rate-limited"]) {
          const before = state.calls
          const again = { path: `/v1/fail/${kind}`, body: {}, key: kind }
          yield* send(again)
          assert.strictEqual((yield* send(again)).replayed, null, kind)
          assert.strictEqual(state.calls, before + 2, kind)
        }
        const gone = { path: "/v1/fail/gone", body: {}, key: "gone" }
        yield* send(gone)
        const again = yield* send(gone)
        assert.deepStrictEqual([again.response.status, again.replayed], [410, "true"])
      })
    ))

  it.live("a key of other characters, or too long, is 400; invalid input does not use the key up", () =>
    scenario(({ send, state }) =>
      Effect.gen(function*() {
        for (const key of ["a b", "", "k".repeat(129), "k\u00e9"]) {
          assert.strictEqual((yield* send({ key })).response.status, 400)
        }
        assert.strictEqual((yield* send({ body: { id: "n1" } })).response.status, 400)
        assert.strictEqual(state.calls, 0)
        assert.strictEqual((yield* send()).response.status, 201)
      })
    ))

  it.live("without its store a request goes on, and the counter grows", () =>
    scenario(
      ({ send, state }) =>
        Effect.gen(function*() {
          const counted = Effect.map(
            Metric.snapshot,
            (all) => all.find(({ id }) => id === "kanau_idempotency_unavailable_total")?.state
          )
          assert.strictEqual((yield* send()).response.status, 201)
          assert.strictEqual((yield* send()).response.status, 201)
          assert.strictEqual(state.calls, 2)
          assert.deepInclude(yield* counted, { count: 2 })
        }),
      Layer.succeed(KeyValue.KeyValue, {
        get: () => broken,
        set: () => broken,
        setIfAbsent: () => broken,
        take: () => broken,
        remove: () => broken,
        replaceIf: () => broken,
        removeIf: () => broken
      })
    ))
})
