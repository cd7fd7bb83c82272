import { assert, describe, layer } from "@effect/vitest"
import { HttpApp } from "@kanau/http"
import { Indexing, Reindex, SearchIndex } from "@kanau/search"
import { EmbeddedSearchIndex } from "@kanau/search/embedded"
import { MeiliSearchIndex } from "@kanau/search/meilisearch"
import { Servers } from "@kanau/testing"
import { View } from "@kanau/views"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { DeriveService, Wiki } from "../src/index.ts"
import { ReleaseEdited, VnDeleted, VnEdited } from "../src/wiki/events.ts"
import {
  CreateCharacter,
  CreateProducer,
  CreateRelease,
  CreateStaff,
  CreateTag,
  CreateTrait,
  CreateVn,
  EditRelease,
  EditVn
} from "../src/wiki/operations/entries.ts"
import { DeleteEntry } from "../src/wiki/operations/transitions.ts"
import { Search } from "../src/wiki/search/operations.ts"
import { routes } from "../src/wiki/search/routes.ts"
import * as SearchService from "../src/wiki/search/SearchService.ts"
import { ReleaseSearch, sources, VnSearch } from "../src/wiki/search/sources.ts"
import { databases, reset, server } from "./databases.ts"

const meilisearch = await Servers.meilisearchPrefix()
const key = process.env["MEILISEARCH_KEY"]
const { process: write } = Wiki.service
const { process: read } = SearchService.service

const titles = (title: string, latin: string | null = null) => [
  { lang: latin === null ? "en" : "ja", official: true, title, latin }
]
const makeVn = (title: string, latin: string | null = null, alias = "") =>
  write(new CreateVn({ olang: latin === null ? "en" : "ja", titles: titles(title, latin), alias }))
const makeRelease = (title: string, vn: string) =>
  write(
    new CreateRelease({
      olang: "en",
      titles: [{ lang: "en", mtl: false, title, latin: null }],
      vns: [{ vid: vn, rtype: "complete" }],
      released: 20260101
    })
  )

/** Applies an event to every index, as the consumer does. */
const apply = (event: object) =>
  Effect.forEach(
    sources,
    (source) => Effect.flatMap(View.touched(source.dependsOn, event), (ids) => Indexing.refresh(source, ids)),
    { discard: true }
  )

const ids = (q: string) => Effect.map(read(new Search({ q })), ({ hits }) => hits.map(({ id }) => id))

const started = Effect.gen(function*() {
  yield* reset
  for (const source of sources) yield* Reindex.run(source)
})

const engines = [
  { name: "embedded search", layer: EmbeddedSearchIndex.layer },
  {
    name: "Meilisearch",
    layer: MeiliSearchIndex.layer({
      url: meilisearch.url,
      prefix: meilisearch.name,
      ...(key === undefined ? {} : { apiKey: Redacted.make(key) })
    })
  }
]

for (const [at, engine] of engines.entries()) {
  describe(`Search on ${engine.name}`, () => {
    const database = databases[at]?.layer ?? server
    layer(Layer.provideMerge(engine.layer, database), { timeout: "60 seconds", excludeTestServices: true })((it) => {
      it.effect("NV-6 an entry is found by every title it has, under any spelling, after its events", () =>
        Effect.gen(function*() {
          yield* started
          const fate = yield* makeVn("Ｆａｔｅ／ステイナイト", "Fate/stay night", "FSN\nフェイト")
          const box = yield* makeRelease("Limited Realta Edition", fate.id)
          yield* apply(new VnEdited({ id: fate.id, revision: 1, touched: [] }))
          yield* apply(new ReleaseEdited({ id: box.id, revision: 1, touched: [fate.id] }))
          for (const q of ["fate", "ｆａｔｅ", "ふぇいと", "すてい", "fsn", "FATE stay nihgt"]) {
            assert.include(yield* ids(q), fate.id, q)
          }
          assert.deepStrictEqual(yield* ids("realta"), [box.id, fate.id])
          const { hits: [hit], totals } = yield* read(new Search({ q: "ステイ", kind: ["vn"] }))
          assert.deepStrictEqual(totals, { vn: 1 })
          const { score: _, ...shown } = hit ?? { score: 0 }
          assert.deepStrictEqual(shown, {
            kind: "vn",
            id: fate.id,
            title: "Fate/stay night",
            alttitle: "Ｆａｔｅ／ステイナイト",
            olang: "ja",
            matches: ["Ｆａｔｅ／<em>ステイ</em>ナイト"]
          })
        }))

      it.effect("NV-6 an edit changes what is found, a deletion removes the entry and its titles elsewhere", () =>
        Effect.gen(function*() {
          yield* started
          const vn = yield* makeVn("Alpha")
          const release = yield* makeRelease("Box", vn.id)
          yield* apply(new VnEdited({ id: vn.id, revision: 1, touched: [] }))
          assert.deepStrictEqual((yield* ids("alpha")).toSorted(), [release.id, vn.id])
          yield* write(new EditVn({ id: vn.id, titles: titles("Omega") }))
          yield* apply(new VnEdited({ id: vn.id, revision: 2, touched: [] }))
          assert.deepStrictEqual(yield* ids("alpha"), [])
          assert.deepStrictEqual((yield* ids("omega")).toSorted(), [release.id, vn.id])
          yield* write(
            new EditRelease({ id: release.id, titles: [{ lang: "en", mtl: false, title: "Crate", latin: null }] })
          )
          yield* apply(new ReleaseEdited({ id: release.id, revision: 2, touched: [vn.id] }))
          assert.deepStrictEqual((yield* ids("crate")).toSorted(), [release.id, vn.id])
          yield* write(new DeleteEntry({ id: vn.id }))
          yield* apply(new VnDeleted({ id: vn.id, revision: 3, touched: [] }))
          assert.deepStrictEqual(yield* ids("omega"), [])
          assert.deepStrictEqual(yield* ids("crate"), [release.id])
        }))

      it.effect("NV-6 the more voted-for comes first; a rebuild leaves exactly what the database holds", () =>
        Effect.gen(function*() {
          yield* started
          const sql = yield* SqlClient.SqlClient
          const vns = yield* Effect.forEach([3, 900, 20], (votes) =>
            Effect.gen(function*() {
              const { id } = yield* makeVn("Clannad")
              yield* sql`insert into vn_stats (id, votecount, lengthnum) values (${id}, ${votes}, 0)`
              return id
            }))
          const index = yield* SearchIndex.SearchIndex
          yield* index.write(VnSearch.index, [{ id: "v999", document: { title: "gone", titles: ["Clannad"] } }])
          assert.strictEqual((yield* Reindex.run(VnSearch)).documents, 3)
          assert.deepStrictEqual(yield* ids("clannad"), [vns[1], vns[2], vns[0]])
          const { release, vn } = yield* Reindex.status([VnSearch, ReleaseSearch])
          assert.deepStrictEqual([vn?.documents, release?.documents], [3, 0])
        }))

      it.effect("NV-6 characters, producers, tags and traits are found by their names, staff by each of theirs", () =>
        Effect.gen(function*() {
          yield* started
          yield* write(
            new CreateProducer({ type: "co", lang: "ja", name: "硝子工房", latin: "Garasu Kobo", alias: "GK" })
          )
          yield* write(new CreateTag({ name: "Glasshouse", cat: "cont", alias: "Conservatory" }))
          yield* write(new CreateTrait({ name: "Glasses" }))
          yield* write(new CreateCharacter({ names: [{ lang: "ja", name: "花子", latin: "Hanako" }] }))
          const { id } = yield* write(
            new CreateStaff({
              lang: "ja",
              main: 0,
              aliases: [{ aid: 0, name: "Aoi", latin: null }, { aid: -1, name: "Akane", latin: null }]
            })
          )
          yield* DeriveService.languages("all")
          for (const source of sources) yield* Reindex.run(source)
          for (
            const [q, kind] of [
              ["garasu", "producer"],
              ["硝子", "producer"],
              ["gk", "producer"],
              ["glasshouse", "tag"],
              ["conservatory", "tag"],
              ["glasses", "trait"],
              ["hanako", "character"],
              ["花子", "character"]
            ] as const
          ) {
            const { hits } = yield* read(new Search({ q, kind: [kind] }))
            assert.lengthOf(hits, 1, q)
          }
          const { hits } = yield* read(new Search({ q: "akane", kind: ["staff"] }))
          assert.deepStrictEqual(hits.map((hit) => [hit.id.split(".")[0], hit.title, hit.olang]), [[id, "Akane", "ja"]])
        }))

      it.effect("GET /v1/search answers in one order over all kinds, and refuses what it cannot do", () =>
        Effect.gen(function*() {
          yield* started
          const vn = yield* makeVn("Steins;Gate")
          yield* makeRelease("Steins;Gate Elite", vn.id)
          for (const source of sources) yield* Reindex.run(source)
          const app = yield* HttpApp.make({ title: "t", version: "1", service: SearchService.service, routes })
          const get = (query: string) => Effect.promise(async () => app.request(`/v1/search?${query}`))
          const answer = yield* get("q=steins%20gate&kind=vn&kind=release&limit=5")
          assert.strictEqual(answer.status, 200)
          const { hits, totals } = yield* Effect.promise(async () => await answer.json() as any)
          assert.deepStrictEqual([hits[0].id, hits.length, totals], [vn.id, 2, { vn: 1, release: 1 }])
          for (const query of ["", "q=a&limit=0", "q=a&limit=101", "q=a&kind=user", `q=${"x".repeat(257)}`]) {
            assert.strictEqual((yield* get(query)).status, 400, query)
          }
          for (const q of ["", "\0", "%22-*", "\ud83d", "a".repeat(256), "夏".repeat(256)]) {
            assert.strictEqual((yield* get(`q=${encodeURIComponent(q.toWellFormed())}`)).status, 200, q)
          }
        }))
    })
  })
}
