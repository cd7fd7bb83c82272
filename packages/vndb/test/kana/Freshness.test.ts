import { assert, describe, layer } from "@effect/vitest"
import { Processor } from "@kanau/core"
import { HttpApp, ViewGateway } from "@kanau/http"
import { CausalToken, Generations, Projection, Refresh, ViewStore } from "@kanau/views"
import { Clock, Effect, Fiber, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { pages } from "../../src/roles/ApiGateway.ts"
import { SourceImported } from "../../src/wiki/importEvents.ts"
import { SourcePage } from "../../src/wiki/pages/source.ts"
import { SourceView, VnView } from "../../src/wiki/views/views.ts"
import { type Client, client, derived } from "./gateway.ts"
import { fill } from "./rows.ts"
import { stores } from "./stores.ts"

const header = "kanau-source-timestamp"
const titled = { filters: ["id", "=", "v1"], fields: "title" }

/** A dump of this time is imported, as far as the note of it goes. */
const imported = (at: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into wiki_source (name, dumped_at, attribution) values ('vndb', ${at}::timestamptz, 'Of VNDB.')
      on conflict (name) do update set dumped_at = excluded.dumped_at`
    yield* Projection.apply([SourceView], new SourceImported({ id: "vndb" }))
  })

const ask = (client: Client, headers: Record<string, string> = {}) =>
  Effect.promise(() => client.query("vn", titled, headers))

for (const store of stores) {
  describe(`Kana, how old answers are, documents in ${store.name}`, () => {
    layer(store.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-1 answers say which dump they are of, in memory and within seconds of the next", () =>
        Effect.gen(function*() {
          yield* fill({ vn: [{ id: "v1" }], vn_titles: [{ id: "v1", lang: "ja", title: "One" }] })
          yield* derived
          const before = yield* ask(yield* client())
          assert.deepStrictEqual([before.status, before.headers.get(header)], [200, null])
          yield* imported("2026-03-14 09:00:05+01")
          let reads = 0
          const views = yield* ViewStore.ViewStore
          const counting: ViewStore.ViewStoreService = {
            ...views,
            get: (collection, id) =>
              Effect.suspend(() => (reads += collection === "source" ? 1 : 0, views.get(collection, id)))
          }
          const gateway = yield* client().pipe(Effect.provideService(ViewStore.ViewStore, counting))
          for (const path of ["/stats", "/user?q=u1", "/ulist_labels?user=u1"]) {
            const answer = yield* Effect.promise(() => gateway.send(path))
            assert.deepStrictEqual([answer.status, answer.headers.get(header)], [200, "2026-03-14T08:00:05Z"], path)
          }
          assert.strictEqual((yield* ask(gateway)).headers.get(header), "2026-03-14T08:00:05Z")
          const refused = yield* Effect.promise(() => gateway.query("vn", { x: 1 }))
          assert.deepStrictEqual([refused.status, refused.headers.get(header)], [400, null])
          for (let at = 0; at < 50; at++) yield* ask(gateway)
          assert.isBelow(reads, 25)
          yield* imported("2026-03-15 08:00:07+00")
          const seen = Effect.repeat(
            Effect.map(ask(gateway), ({ headers }) => headers.get(header)),
            { until: (at) => at === "2026-03-15T08:00:07Z" }
          )
          yield* Effect.timeout(seen, "20 seconds")
        }).pipe(Effect.scoped))

      it.effect("NV-1 the time is that of the generation that is shown, and stays while the store is away", () =>
        Effect.gen(function*() {
          yield* imported("2026-03-16 08:00:00+00")
          const now = yield* Generations.read("source")
          yield* Generations.change("source", now, { ...now, live: now.last + 1, last: now.last + 1 })
          yield* Generations.prepare([{ name: "source", shape: SourceView.shape }])
          assert.isNull((yield* ask(yield* client())).headers.get(header))
          const then = yield* Generations.read("source")
          yield* Generations.change("source", then, { ...then, live: now.live })
          assert.strictEqual((yield* ask(yield* client())).headers.get(header), "2026-03-16T08:00:00Z")
        }).pipe(Effect.scoped))

      it.effect("NV-1 a page of its own says it with the terms the data are under", () =>
        Effect.gen(function*() {
          yield* imported("2026-03-17 08:00:00+00")
          const page = pages.find(({ view }) => view === "source")
          const gateway = yield* ViewGateway.make()
          const app = yield* HttpApp.make({ title: "Test", version: "1", service: Processor.serve(), routes: [] })
          gateway.mount(app, page ?? assert.fail("There is no such page."))
          const read = (id: string) => Effect.promise(async () => app.fetch(new Request(`http://test/v1/source/${id}`)))
          const found = yield* read("vndb")
          const json = yield* Effect.promise(() => found.json())
          assert.deepStrictEqual(Schema.decodeUnknownSync(SourcePage)(json), {
            id: "vndb",
            dumped_at: "2026-03-17T08:00:00Z",
            attribution: "Of VNDB."
          })
          assert.strictEqual((yield* read("other")).status, 404)
          // Whatever the time zone of the session is.
          const sql = yield* SqlClient.SqlClient
          const elsewhere = Effect.andThen(sql`set local timezone to 'Asia/Tokyo'`, SourceView.derive(["vndb"]))
          const [derivedThere] = yield* sql.withTransaction(elsewhere)
          assert.include(derivedThere?.json, "\"2026-03-17T08:00:00Z\"")
          assert.deepStrictEqual(yield* SourceView.keys(undefined, 10), ["vndb"])
          assert.deepStrictEqual(yield* SourceView.keys("vndb", 10), [])
        }).pipe(Effect.scoped))

      it.effect("NV-2 a read that names a change shows it: it waits, and what is kept from before does not answer", () =>
        Effect.gen(function*() {
          const [sql, store, now] = yield* Effect.all([
            SqlClient.SqlClient,
            ViewStore.ViewStore,
            Clock.currentTimeMillis
          ])
          const gateway = yield* client()
          const token = CausalToken.format("7001", now)
          const stats = (headers: Record<string, string>) => Effect.promise(() => gateway.send("/stats", { headers }))
          assert.strictEqual((yield* stats({})).json.vn, 1)
          const asked = yield* Effect.forkChild(ask(gateway, { "kanau-after": token }))
          const counted = yield* Effect.forkChild(stats({ "kanau-after": token }))
          yield* sql`update vn_titles set title = 'Two' where id = 'v1'`
          yield* fill({ vn: [{ id: "v2" }], vn_titles: [{ id: "v2", lang: "ja", title: "New" }] })
          yield* Refresh.documents(VnView, ["v1", "v2"])
          assert.strictEqual((yield* ask(gateway)).json.results[0].title, "Two")
          assert.isUndefined(asked.pollUnsafe())
          yield* store.markApplied(["7001"])
          assert.strictEqual((yield* Fiber.join(asked)).json.results[0].title, "Two")
          assert.strictEqual((yield* Fiber.join(counted)).json.vn, 2)
          // Several at once, and tokens that are too old to be waited for.
          const old = CausalToken.format("1", now - 86_400_000)
          const both = yield* ask(gateway, { "kanau-after": `${token}, ${old}` })
          assert.strictEqual(both.status, 200)
        }).pipe(Effect.scoped))

      it.effect("NV-2 a gateway's memory that has not heard of a change does not answer a read that names it", () =>
        Effect.gen(function*() {
          const [sql, store, now] = yield* Effect.all([
            SqlClient.SqlClient,
            ViewStore.ViewStore,
            Clock.currentTimeMillis
          ])
          yield* sql`update vn_titles set title = 'Old' where id = 'v1'`
          yield* Refresh.documents(VnView, ["v1"])
          const held = new Map((yield* store.getMany("vn", ["v1"])).map((document) => [document.id, document]))
          const deaf: ViewGateway.ViewGateway = {
            mount: () => {},
            documents: (view) => view === "vn" ? Effect.succeed(held) : undefined,
            follow: () => {}
          }
          const gateway = yield* client({ gateway: deaf })
          yield* sql`update vn_titles set title = 'Newer' where id = 'v1'`
          yield* Refresh.documents(VnView, ["v1"])
          yield* store.markApplied(["7002"])
          const titleOf = (headers: Record<string, string>) =>
            Effect.map(ask(gateway, headers), ({ json }) => json.results[0].title)
          assert.strictEqual(yield* titleOf({}), "Old")
          assert.strictEqual(yield* titleOf({ "kanau-after": CausalToken.format("7002", now) }), "Newer")
        }).pipe(Effect.scoped))

      it.effect("NV-2 Kana 2.5 a change that does not come is 503 in one line, what is no position 400", () =>
        Effect.gen(function*() {
          const gateway = yield* client({ causalWait: "30 millis", timeout: "20 millis" })
          const late = yield* ask(gateway, {
            "kanau-after": CausalToken.format("8001", yield* Clock.currentTimeMillis)
          })
          assert.deepStrictEqual([late.status, late.text], [
            503,
            "The change named in Kanau-After is not visible yet, try again later.\n"
          ])
          assert.strictEqual(late.headers.get("content-type"), "text/plain; charset=utf-8")
          assert.strictEqual(late.headers.get("retry-after"), "1")
          assert.strictEqual(late.headers.get("access-control-allow-origin"), "*")
          const wrong = yield* ask(gateway, { "kanau-after": "soon" })
          assert.deepStrictEqual([wrong.status, wrong.text], [
            400,
            "Invalid 'Kanau-After' header: No Kanau-Position of this service.\n"
          ])
        }).pipe(Effect.scoped))
    })
  })
}
