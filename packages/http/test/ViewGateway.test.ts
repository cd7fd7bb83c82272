import { assert, describe, it } from "@effect/vitest"
import { HttpServer, ViewGateway } from "@kanau/http"
import { CausalToken } from "@kanau/views"
import { Clock, Context, Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { gunzipSync } from "node:zlib"
import { application, codeOf, withGateway, world } from "./gateway.ts"

/** What only concerns the connection, or is Node's to add. */
const hopByHop = ["date", "connection", "keep-alive", "content-length", "transfer-encoding"]

const textOf = (bytes: Buffer): string => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()

describe("ViewGateway", () => {
  it.effect("NV-3 serves the document's bytes with its entity tag; what the store does not hold is not found", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.put("a", "hello")
        world.put("gone", "bye", { deleted: true })
        const response = await get("/note/a")
        assert.strictEqual(response.status, 200)
        assert.strictEqual(await response.text(), "{\"id\":\"a\",\"text\":\"hello\"}")
        assert.strictEqual(response.headers.get("etag"), "\"hello\"")
        for (const id of ["none", "gone", "much-too-long-an-id"]) {
          const missing = await get(`/note/${id}`)
          assert.strictEqual(missing.status, 404)
          assert.strictEqual(await codeOf(missing), "not-published")
        }
        assert.strictEqual(world.reads, 3, "what is no id is not looked up")
      })
    ))

  it.effect("NV-3 answers 304 to a matching If-None-Match, from store and from memory", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        world.put("a", "hello")
        for (const match of ["\"hello\"", "W/\"hello\"", "\"x\", \"hello\"", "*"]) {
          const response = await get("/note/a", { "if-none-match": match })
          assert.strictEqual(response.status, 304)
          assert.strictEqual(await response.text(), "")
        }
        assert.strictEqual((await get("/note/a", { "if-none-match": "\"other\"" })).status, 200)
        assert.strictEqual(world.reads, 1)
      })
    ))

  it.effect("NV-2 keeps documents in memory only while it hears of changes", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        const text = async () => ((await (await get("/note/a")).json()) as { text: string }).text
        world.put("a", "one")
        await text()
        await text()
        assert.strictEqual(world.reads, 2, "not yet listening: every read goes to the store")
        world.gap(false)
        await text()
        await text()
        assert.strictEqual(world.reads, 3, "listening: the second read comes from memory")
        world.put("a", "two")
        world.changed("a")
        assert.strictEqual(await text(), "two")
        world.gap(true)
        world.put("a", "three")
        assert.strictEqual(await text(), "three", "the connection is lost: nothing from memory")
        world.gap(false)
        world.put("a", "four")
        assert.strictEqual(await text(), "four", "connected again: what came before is forgotten")
      })
    ))

  it.effect("NV-2 whoever else keeps copies is told of every change, and reads documents through the same memory", () =>
    Effect.gen(function*() {
      const w = world()
      const gateway = yield* Effect.provide(ViewGateway.make(), w.layer)
      const heard: Array<string> = []
      const follower: ViewGateway.Follower = {
        setOpen: (open) => void heard.push(open ? "open" : "closed"),
        clear: () => void heard.push("clear"),
        forget: (id) => void heard.push(id)
      }
      gateway.follow("note", follower)
      w.gap(false)
      gateway.follow("other", { ...follower, setOpen: (open) => void heard.push(open ? "other open" : "other closed") })
      w.changed("a", "b")
      w.babble()
      w.gap(true)
      assert.deepStrictEqual(heard, [
        "closed",
        "open",
        "other open",
        "a",
        "b",
        "open",
        "other open",
        "closed",
        "other closed"
      ])
      assert.isUndefined(gateway.documents("note", ["a"]), "no page, no memory")
    }))

  it.effect("NV-2 documents by id come from memory, those that exist", () =>
    Effect.gen(function*() {
      const w = world()
      const gateway = yield* Effect.provide(ViewGateway.make(), w.layer)
      yield* application(gateway)
      const read = (...ids: ReadonlyArray<string>) =>
        Effect.map(
          gateway.documents("note", ids) ?? Effect.succeed(new Map<string, ViewGateway.Document>()),
          (found) => Array.from(found, ([id, { bytes, etag }]) => [id, etag, new TextDecoder().decode(bytes)])
        )
      w.gap(false)
      w.put("a", "hello")
      w.put("gone", "bye", { deleted: true })
      const hello = ["a", "\"hello\"", "{\"id\":\"a\",\"text\":\"hello\"}"]
      assert.deepStrictEqual(yield* read("a", "gone", "none"), [hello])
      assert.deepStrictEqual(yield* read("a"), [hello])
      assert.strictEqual(w.reads, 1, "the second came from memory")
      w.put("a", "changed")
      w.changed("a")
      assert.strictEqual((yield* read("a"))[0]?.[1], "\"changed\"")
      w.hold = Effect.die("broken")
      w.changed("a")
      assert.isTrue(Exit.hasDies(yield* Effect.exit(read("a"))))
    }))

  it.effect("NV-2 a document that changed while it was being read is not kept", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.gap(false)
        world.put("a", "old")
        const gate = yield* Deferred.make<void>()
        world.hold = Deferred.await(gate)
        const slow = yield* Effect.forkChild(Effect.promise(() => get("/note/a")), { startImmediately: true })
        world.put("a", "new")
        world.changed("a")
        world.hold = Effect.void
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(slow)
        const next = yield* Effect.promise(async () => (await get("/note/a")).json())
        assert.deepStrictEqual(next, { id: "a", text: "new" })
      })
    ))

  it.effect("NV-2 concurrent reads of one document are one read of the store", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        world.put("a", "hello")
        const responses = await Promise.all(Array.from({ length: 20 }, () => get("/note/a")))
        assert.isTrue(responses.every(({ status }) => status === 200))
        assert.strictEqual(world.reads, 1)
      })
    ))

  it.effect("NV-2 a change whose announcement was lost shows after ten seconds", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        const text = Effect.promise(async () => ((await (await get("/note/a")).json()) as { text: string }).text)
        world.gap(false)
        world.put("a", "one")
        yield* text
        world.put("a", "two")
        assert.strictEqual(yield* text, "one")
        yield* TestClock.adjust("11 seconds")
        assert.strictEqual(yield* text, "two")
      })
    ))

  it.effect("NV-2 memory stays within its bound", () =>
    withGateway((world, get) =>
      Effect.promise(async () => {
        world.gap(false)
        for (let at = 0; at < 10; at++) world.put(`n${at}`, "x".repeat(1000))
        for (let at = 0; at < 10; at++) await get(`/note/n${at}`)
        await get("/note/n9")
        assert.strictEqual(world.reads, 10, "the newest is still there")
        await get("/note/n0")
        assert.strictEqual(world.reads, 11, "the oldest made room")
      }), { cacheBytes: 10_200 }))

  it.effect("NV-2 a causal read waits until its change is applied, and reads from the store", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.gap(false)
        world.put("a", "old")
        yield* Effect.promise(() => get("/note/a"))
        const token = CausalToken.format("7", yield* Clock.currentTimeMillis)
        const waiting = yield* Effect.forkChild(
          Effect.promise(async () => (await get("/note/a", { "kanau-after": token })).json()),
          { startImmediately: true }
        )
        yield* TestClock.adjust("1 second")
        assert.isUndefined(waiting.pollUnsafe())
        world.put("a", "new")
        world.apply("7")
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.join(waiting), { id: "a", text: "new" })
      })
    ))

  it.effect("NV-2 a causal read whose change does not come in time says so", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.put("a", "old")
        const token = CausalToken.format("7", yield* Clock.currentTimeMillis)
        const waiting = yield* Effect.forkChild(
          Effect.promise(() => get("/note/a", { "kanau-after": token })),
          { startImmediately: true }
        )
        yield* TestClock.adjust("4 seconds")
        const behind = yield* Fiber.join(waiting)
        assert.strictEqual(behind.status, 503)
        assert.strictEqual(behind.headers.get("retry-after"), "1")
        assert.strictEqual(yield* Effect.promise(() => codeOf(behind)), "view-behind")
      })
    ))

  it.effect("NV-2 what is no token is refused; a token from half a day ago needs no waiting", () =>
    withGateway((world, get) =>
      Effect.gen(function*() {
        world.put("a", "hello")
        const read = (after: string) => Effect.promise(() => get("/note/a", { "kanau-after": after }))
        for (const bad of ["x", "7", "7@", "@7", "-1@1", "0@1", "7@1;drop", Array(17).fill("7@1").join(",")]) {
          const refused = yield* read(bad)
          assert.strictEqual(refused.status, 400)
          assert.strictEqual(yield* Effect.promise(() => codeOf(refused)), "invalid-input")
        }
        yield* TestClock.adjust("13 hours")
        assert.strictEqual((yield* read("7@1")).status, 200)
      })
    ))

  it.live("NV-3 what is served straight from memory to the socket is what the route answers", () =>
    Effect.suspend(() => {
      const here = world()
      let told = { "x-of": "monday" }
      return Effect.scoped(Effect.gen(function*() {
        const gateway = yield* ViewGateway.make({ headers: () => told })
        const app = yield* application(gateway)
        here.gap(false)
        here.put("a", "hello", { gzip: true })
        const server = Context.get(
          yield* Layer.build(HttpServer.layer(Effect.succeed(app), { port: 0, host: "127.0.0.1" })),
          HttpServer.HttpServer
        )
        const seen = async (response: Response) => ({
          status: response.status,
          headers: Object.fromEntries([...response.headers].filter(([name]) => !hopByHop.includes(name))),
          body: textOf(Buffer.from(await response.arrayBuffer()))
        })
        const requests: ReadonlyArray<readonly [path: string, init: RequestInit]> = [
          ["/note/a", {}],
          ["/note/a", { headers: { "if-none-match": "\"hello\"" } }],
          ["/note/a", { headers: { "if-none-match": "\"other\"" } }],
          ["/note/a", { headers: { "accept-encoding": "gzip" } }],
          ["/note/a", { headers: { "accept-encoding": "identity" } }],
          ["/note/a", { headers: { "accept-encoding": "gzip", "if-none-match": "\"hello\"" } }],
          ["/note/a", { headers: { "accept-encoding": "identity", "if-none-match": "\"hello-gzip\"" } }],
          ["/note/a", { headers: { origin: "https://elsewhere.example" } }],
          ["/note/a?x=1", {}],
          ["/note/a?fields=id", {}],
          ["/note/%61", {}],
          ["/note/a", { method: "HEAD" }],
          ["/note/a", { method: "HEAD", headers: { "accept-encoding": "gzip" } }],
          ["/note/a", { method: "OPTIONS" }],
          ["/note/a", { method: "DELETE" }],
          ["/note/a", { headers: { "kanau-after": "nonsense" } }],
          ["/note/none", {}]
        ]
        yield* Effect.promise(async () => {
          await fetch(`${server.url}/note/a`)
          // What the application adds is that of the moment, also where it is written as a list.
          told = { "x-of": "tuesday" }
          for (const [path, init] of requests) {
            const headers = { "accept-encoding": "identity", ...init.headers, "x-correlation-id": "same" }
            const routed = await seen(await app.fetch(new Request(`http://test${path}`, { ...init, headers })))
            const served = await seen(await fetch(`${server.url}${path}`, { ...init, headers }))
            assert.deepStrictEqual(served, routed, `${init.method ?? "GET"} ${path} ${JSON.stringify(headers)}`)
            if ([200, 304].includes(served.status)) assert.strictEqual(served.headers["x-of"], "tuesday", path)
          }
          const forged = await fetch(`${server.url}/note/a`, { headers: { "x-correlation-id": "a b" } })
          assert.match(forged.headers.get("x-correlation-id") ?? "", /^[0-9a-f-]{36}$/)
        })
      })).pipe(Effect.provide(here.layer))
    }))
})
