import { assert, describe, it } from "@effect/vitest"
import { Correlation, Fault, KeyValue, Operation, Processor } from "@kanau/core"
import { ApiClient, BearerAuth, HttpApp, HttpServer, Route, ViewGateway } from "@kanau/http"
import { CausalToken } from "@kanau/views"
import { Context, Effect, Layer, Logger, Redacted, Schema } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { page, type World, world } from "./gateway.ts"

class NoteTaken extends Fault.define<NoteTaken>()(
  "NoteTaken",
  "conflict",
  { id: Schema.String, since: Schema.DateFromString, size: Schema.BigInt },
  ({ id }) => `${id} is taken.`
) {}

class SaveNote extends Operation.define<SaveNote>()("SaveNote", {
  input: { id: Schema.String, text: Schema.String.check(Schema.isMaxLength(20)), at: Schema.optionalKey(Schema.Date) },
  output: Schema.Struct({ position: Schema.String, at: Schema.optionalKey(Schema.Date), size: Schema.BigInt }),
  errors: [NoteTaken]
}) {}

class FindNotes extends Operation.define<FindNotes>()("FindNotes", {
  input: {
    author: Schema.String,
    tags: Schema.optionalKey(Schema.Array(Schema.String)),
    since: Schema.optionalKey(Schema.DateFromString),
    limit: Schema.optionalKey(Schema.Int)
  },
  output: Schema.Struct({ asked: Schema.String, correlationId: Schema.String })
}) {}

class RemoveNote extends Operation.define<RemoveNote>()("RemoveNote", {
  input: { id: Schema.String },
  output: Schema.Void
}) {}

const routes = [
  Route.put("/v1/note/{id}", SaveNote, {
    security: "bearer",
    headers: ({ position }) => ({ "kanau-position": position })
  }),
  Route.get("/v1/by/{author}", FindNotes),
  Route.delete("/v1/note/{id}", RemoveNote)
] as const

const pages = [page] as const

const token = Redacted.make("a-token-of-some-length")
const noted = new Date("2026-01-02T03:04:05.678Z")

/** Saves to the store at once; a change shows when the test applies its position. */
const service = (here: World) => {
  let saved = 0
  return Processor.serve(
    Processor.on(
      SaveNote,
      ({ at, id, text }): Effect.Effect<typeof SaveNote.output.Type, NoteTaken | Fault.Unavailable> => {
        if (id === "taken") return Effect.fail(new NoteTaken({ id, since: noted, size: 2n ** 70n }))
        if (id === "down") return Effect.fail(new Fault.Unavailable({ dependency: "postgres", reason: "gone" }))
        if (id === "bug") throw new Error("a secret")
        here.put(id, text)
        const position = CausalToken.format(String(++saved), Date.now())
        return Effect.succeed({ position, size: BigInt(saved), ...(at === undefined ? {} : { at }) })
      }
    ),
    Processor.on(
      FindNotes,
      (input) =>
        Effect.map(Correlation.Correlation, ({ correlationId }) => ({ asked: JSON.stringify(input), correlationId }))
    ),
    Processor.on(RemoveNote, ({ id }) => Effect.sync(() => here.put(id, "", { deleted: true })))
  )
}

const withServer = <A, E>(
  test: (url: string, here: World) => Effect.Effect<A, E, HttpClient.HttpClient>
) =>
  Effect.suspend(() => {
    const here = world()
    const app = Effect.gen(function*() {
      const gateway = yield* ViewGateway.make({ causalWait: "100 millis" })
      const http = yield* HttpApp.make({
        title: "Notes",
        version: "1",
        service: service(here),
        routes,
        auth: BearerAuth.make([{ name: "ada", token }])
      })
      gateway.mount(http, page)
      return http
    })
    return Effect.scoped(Effect.gen(function*() {
      const built = yield* Layer.build(HttpServer.layer(app, { port: 0, host: "127.0.0.1" }))
      yield* test(Context.get(built, HttpServer.HttpServer).url, here)
    })).pipe(
      Effect.provide([here.layer, FetchHttpClient.layer, KeyValue.layerMemory()]),
      Effect.provide(Logger.layer([]))
    )
  })

// #region client
/** Saves a note, reads its page, which shows it or says that it does not yet, and lists the notes of somebody. */
const saveAndRead = (url: string) =>
  Effect.gen(function*() {
    const client = yield* ApiClient.make({ url, routes, pages, token, readYourWrites: true })
    yield* client.operations.SaveNote({ id: "a", text: "hello" })
    const note = yield* client.pages.note.read("a")
    const { next, results } = yield* client.pages.note.list({
      filters: { author: ["ada"], "size.gte": 1 },
      sort: "size"
    })
    return { note, results, next }
  })
// #endregion

describe("ApiClient", () => {
  it.live("NF-9 inputs go out and answers come back by the schemas of the operation", () =>
    withServer((url) =>
      Effect.gen(function*() {
        const client = yield* ApiClient.make({ url, routes, token })
        const saved = yield* client.operations.SaveNote({ id: "a/b ü", text: "hello", at: noted })
        assert.deepStrictEqual([saved.size, saved.at], [1n, noted])
        const asked = yield* client.operations.FindNotes({
          author: "ada & co",
          tags: ["x,y", "z"],
          since: noted,
          limit: 3
        }).pipe(Effect.provideService(Correlation.Correlation, {
          correlationId: "from-the-client",
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        }))
        assert.strictEqual(asked.correlationId, "from-the-client")
        assert.deepStrictEqual(JSON.parse(asked.asked), {
          author: "ada & co",
          tags: ["x,y", "z"],
          since: noted.toISOString(),
          limit: 3
        })
        assert.isUndefined(yield* client.operations.RemoveNote({ id: "a" }))
      })
    ))

  it.live("NF-9 a declared error comes back as itself, with its members", () =>
    withServer((url) =>
      Effect.gen(function*() {
        const client = yield* ApiClient.make({ url, routes, token })
        const save = (id: string, text = "x") => Effect.flip(client.operations.SaveNote({ id, text }))
        const taken = yield* save("taken")
        assert.instanceOf(taken, NoteTaken)
        assert.deepStrictEqual(taken, new NoteTaken({ id: "taken", since: noted, size: 2n ** 70n }))
        assert.strictEqual(taken.message, "taken is taken.")
        const down = yield* save("down")
        assert.deepInclude(down, { _tag: "Unavailable", reason: "unavailable", dependency: new URL(url).host })
        const bug = yield* save("bug")
        assert.deepInclude(bug, { _tag: "Refused", status: 500, code: "internal" })
        const long = yield* save("a", "x".repeat(21))
        assert.strictEqual(long._tag, "InvalidInput")
      })
    ))

  it.live("NF-9 what the server finds wrong with an input, or with the caller", () =>
    withServer((url) =>
      Effect.gen(function*() {
        const nobody = yield* ApiClient.make({ url, routes })
        assert.strictEqual(
          (yield* Effect.flip(nobody.operations.SaveNote({ id: "a", text: "x" })))._tag,
          "Unauthenticated"
        )
        const reader = yield* ApiClient.make({ url, pages })
        const wrong = yield* Effect.flip(reader.pages.note.list({ filters: { size: "large" } }))
        assert.deepStrictEqual(
          wrong,
          new Fault.InvalidInput({
            issues: [{ path: "size", message: "Takes numbers of at most 15 digits" }]
          })
        )
        const nowhere = yield* ApiClient.make({ url: "http://127.0.0.1:1", pages })
        assert.deepInclude(yield* Effect.flip(nowhere.pages.note.read("a")), {
          _tag: "Unavailable",
          dependency: "127.0.0.1:1"
        })
      })
    ))

  it.live("NF-9 the same idempotency key is one effect", () =>
    withServer((url) =>
      Effect.gen(function*() {
        const client = yield* ApiClient.make({ url, routes, token })
        const save = client.operations.SaveNote({ id: "a", text: "x" }, { idempotencyKey: "k1" })
        assert.deepStrictEqual(yield* save, yield* save)
      })
    ))

  it.live("NV-3 pages: one, several, lists", () =>
    withServer((url, here) =>
      Effect.gen(function*() {
        for (let at = 0; at < 4; at++) here.put(`n${at}`, `t${at}`, { fields: { size: at, author: "ada" } })
        const { note } = (yield* ApiClient.make({ url, pages })).pages
        assert.deepStrictEqual(yield* note.read("n1"), { id: "n1", text: "t1" })
        const missing = yield* Effect.flip(note.read("n 9"))
        assert.deepStrictEqual(missing, new ViewGateway.NotPublished({ view: "note", id: "n 9" }))
        assert.deepStrictEqual(yield* note.readMany(["n2", "x", "n0"]), {
          results: [{ id: "n2", text: "t2" }, { id: "n0", text: "t0" }],
          missing: ["x"]
        })
        const first = yield* note.list({ filters: { "size.gte": 1, author: ["ada", "bob"] }, sort: "size", limit: 2 })
        assert.deepStrictEqual(first.results.map(({ id }) => id), ["n1", "n2"])
        const rest = yield* note.list({
          filters: { "size.gte": 1, author: ["ada", "bob"] },
          sort: "size",
          ...(first.next === null ? {} : { after: first.next })
        })
        assert.deepStrictEqual([rest.results.map(({ id }) => id), rest.next], [["n3"], null])
        assert.strictEqual((yield* note.list()).results.length, 4)
      })
    ))

  it.live("NV-2 reads its own writes in one go", () =>
    withServer((url, here) =>
      Effect.gen(function*() {
        here.put("n1", "one", { fields: { size: 1, author: "ada" } })
        here.apply("1")
        assert.deepStrictEqual(yield* saveAndRead(url), {
          note: { id: "a", text: "hello" },
          results: [{ id: "n1", text: "one" }],
          next: null
        })
      })
    ))

  it.live("NV-2 with readYourWrites a page shows the change, or says that it does not yet", () =>
    withServer((url, here) =>
      Effect.gen(function*() {
        const client = yield* ApiClient.make({ url, routes, pages, token, readYourWrites: true })
        const stranger = yield* ApiClient.make({ url, pages })
        here.gap(false)
        yield* client.operations.SaveNote({ id: "a", text: "one" })
        here.apply("1")
        assert.strictEqual((yield* client.pages.note.read("a")).text, "one")
        yield* client.operations.SaveNote({ id: "a", text: "two" })
        assert.deepInclude(yield* Effect.flip(client.pages.note.read("a")), {
          _tag: "Unavailable",
          reason: "view-behind"
        })
        assert.strictEqual((yield* stranger.pages.note.read("a")).text, "one", "from memory")
        here.apply("2")
        assert.strictEqual((yield* client.pages.note.read("a")).text, "two")
        for (let at = 3; at <= 20; at++) {
          yield* client.operations.SaveNote({ id: "a", text: `${at}` })
          here.apply(String(at))
        }
        assert.strictEqual((yield* client.pages.note.read("a")).text, "20", "as many positions as a read may name")
      })
    ))
})
