import { assert, describe, layer } from "@effect/vitest"
import { isAxiosError } from "axios"
import { Context, Effect, Layer } from "effect"
import Kana, { type Query } from "vndb-api-kana"
import { needs, served } from "./served.ts"
import { tokens } from "./small.ts"

/** A gateway, and where it is. */
class Gateway extends Context.Service<Gateway, { readonly url: string }>()("test/Gateway") {}

const gateway = Layer.effect(Gateway, Effect.map(served, (url) => ({ url }))).pipe(Layer.provide(needs))

describe("Kana, asked by vndb-api-kana as it is on npm", () => {
  layer(gateway, { timeout: "60 seconds", excludeTestServices: true })((it) => {
    const withKana = (test: (kana: Kana) => Promise<void>) =>
      Effect.flatMap(Gateway, ({ url }) => Effect.promise(() => test(new Kana({ baseURL: url }))))

    /** What the client throws: the status and the sentence of the gateway. */
    const refusal = async (asked: Promise<unknown>) => {
      const error: unknown = await asked.then(() => undefined, (thrown: unknown) => thrown)
      return isAxiosError(error) ? [error.response?.status, error.response?.data] : error
    }

    it.effect("Kana 2.8 getVn: search, its fields as a list, every option", () =>
      withKana(async ({ apis }) => {
        assert.deepStrictEqual(await apis.getVn(), {
          results: [{ id: "v2" }, { id: "v10" }, { id: "v17" }],
          more: false
        })
        assert.deepStrictEqual(
          await apis.getVn({ filters: ["search", "=", "エバー"], fields: ["id", "title", "image.id", "titles.lang"] }),
          {
            results: [{
              id: "v2",
              title: "Ever17 -the out of infinity-",
              image: { id: "cv1" },
              titles: [{ lang: "ja" }, { lang: "en" }]
            }],
            more: false
          }
        )
        const query: Query = {
          filters: ["and", ["olang", "=", "ja"], ["release", "=", ["platform", "=", "win"]]],
          fields: ["rating", "developers.name", "tags.name", "va.character.name", "staff{name,role}"],
          sort: "rating",
          reverse: true,
          results: 1,
          page: 1,
          count: true,
          compact_filters: true,
          normalized_filters: true
        }
        const { compact_filters, ...answer } = await apis.getVn(query)
        assert.deepStrictEqual(answer, {
          results: [{
            id: "v2",
            rating: 77.6,
            developers: [{ id: "p1", name: "KID" }],
            tags: [{ id: "g2", name: "Time Travel" }],
            va: [{ character: { id: "c1", name: "Tsugumi" } }],
            staff: [{ id: "s3", name: "Writer", role: "scenario" }, { id: "s1", name: "Pen Name", role: "art" }]
          }],
          more: false,
          count: 1,
          normalized_filters: ["and", ["olang", "=", "ja"], ["release", "=", ["platform", "=", "win"]]]
        })
        const again = await apis.getVn({ filters: String(compact_filters) })
        assert.deepStrictEqual(again, { results: [{ id: "v2" }], more: false })
      }))

    it.effect("Kana 2.8 getRelease, getProducer, getCharacter, getTag, getTrait", () =>
      withKana(async ({ apis }) => {
        const first = async (call: keyof Kana["apis"], id: string, fields: ReadonlyArray<string>) => {
          const { more, results } = await apis[call]({ filters: ["id", "=", id], fields })
          assert.isFalse(more)
          return results
        }
        assert.deepStrictEqual(
          await first("getRelease", "r1", ["title", "vns.rtype", "extlinks.url", "resolution", "media{medium,qty}"]),
          [{
            id: "r1",
            title: "Ever17 First Press",
            vns: [{ id: "v2", rtype: "complete" }],
            extlinks: [
              { url: "https://store.steampowered.com/app/702050/" },
              { url: "https://steamdb.info/app/702050/info/" }
            ],
            resolution: [800, 600],
            media: [{ medium: "dvd", qty: 1 }]
          }]
        )
        assert.deepStrictEqual(await first("getProducer", "p1", ["name", "original", "aliases", "type"]), [
          { id: "p1", name: "KID", original: "キッド", aliases: ["KID Corp."], type: "co" }
        ])
        assert.deepStrictEqual(await first("getCharacter", "c1", ["traits.name", "vns.role", "birthday", "sex"]), [{
          id: "c1",
          traits: [{ id: "i2", name: "Black" }, { id: "i3", name: "Secretive" }],
          vns: [{ id: "v2", role: "primary" }],
          birthday: [2, 29],
          sex: ["f", "m"]
        }])
        assert.deepStrictEqual(await first("getTag", "g2", ["name", "vn_count"]), [
          { id: "g2", name: "Time Travel", vn_count: 1 }
        ])
        assert.deepStrictEqual(await first("getTrait", "i2", ["name", "group_name"]), [
          { id: "i2", name: "Black", group_name: "Hair" }
        ])
        const filters = ["and", ["weight", ">", 200], ["height", "<", 140]]
        assert.deepStrictEqual(await apis.getCharacter({ filters }), { results: [], more: false })
      }))

    it.effect("Kana 2.8 rawRequest: everything else that there is, by its path", () =>
      withKana(async (kana) => {
        const get = (path: string, data?: object) => kana.rawRequest({ method: "GET", path }, data)
        assert.deepStrictEqual(await get("stats"), {
          chars: 2,
          producers: 2,
          releases: 4,
          staff: 2,
          tags: 4,
          traits: 3,
          vn: 3
        })
        assert.deepStrictEqual(await get("/stats", {}), await get("stats"))
        assert.hasAllKeys(await get("schema"), ["enums", "api_fields", "extlinks"])
        assert.deepStrictEqual(await get("user", { q: "reader", fields: ["lengthvotes", "lengthvotes_sum"] }), {
          reader: { id: "u2", username: "Reader", lengthvotes: 1, lengthvotes_sum: 1800 }
        })
        const post = (path: string, data: object) => kana.rawRequest({ method: "POST", path }, data)
        assert.deepStrictEqual(
          await post("staff", { filters: ["and", ["id", "=", "s1"], ["ismain", "=", 1]], fields: ["name", "aid"] }),
          { results: [{ id: "s1", name: "Seiyuu", aid: 1 }], more: false }
        )
        assert.deepStrictEqual(await post("quote", { filters: ["vn", "=", ["id", "=", 17]], fields: ["quote"] }), {
          results: [{ id: "q2", quote: "Ha ha ha." }],
          more: false
        })
      }))

    it.effect("Kana 2.8 setAuth: the list of whoever the token is of, in capitals", () =>
      withKana(async (kana) => {
        const authinfo = () => kana.rawRequest({ method: "GET", path: "authinfo" })
        const list = () => kana.rawRequest({ method: "POST", path: "ulist" }, { fields: ["vote", "vn.title"] })
        assert.deepStrictEqual(await refusal(authinfo()), [401, "Unauthorized\n"])
        assert.deepStrictEqual(await refusal(list()), [400, "Missing \"user\" parameter and not authenticated.\n"])
        kana.setAuth(tokens.full)
        assert.deepStrictEqual(await authinfo(), {
          id: "u2",
          username: "Reader",
          permissions: ["listread", "listwrite"]
        })
        assert.deepStrictEqual(await list(), {
          results: [
            { id: "v2", vote: 85, vn: { id: "v2", title: "Ever17 -the out of infinity-" } },
            { id: "v10", vote: null, vn: { id: "v10", title: "Garden of Stars" } },
            { id: "v17", vote: null, vn: { id: "v17", title: "Rance" } }
          ],
          more: false
        })
        const labels = await kana.rawRequest({ method: "GET", path: "ulist_labels" }, { fields: ["count"] })
        assert.deepInclude((labels as { labels: ReadonlyArray<object> }).labels, {
          id: 10,
          private: true,
          label: "Secret",
          count: 2
        })
        kana.setAuth("nonsense")
        assert.deepStrictEqual(await refusal(kana.apis.getVn()), [401, "Invalid token format.\n"])
        // Its default headers are one object, so clients that are made later have the token too.
        kana.setAuth(tokens.full)
      }))

    it.effect("Kana 2.8 what is refused comes as the status and the sentence that VNDB says", () =>
      withKana(async ({ apis }) => {
        assert.deepStrictEqual(
          await refusal(apis.getVn({ filters: ["and", ["id", "=", "v2"]], fields: ["titel"] })),
          [400, "Invalid 'fields' member: Field 'titel' not found\n"]
        )
        assert.deepStrictEqual(await refusal(apis.getTrait({ sort: "rating" })), [400, "Invalid 'sort' member.\n"])
      }))

    it.effect("NV-1 pages, lists and answers say which dump they are of, also from memory and when nothing is new", () =>
      Effect.flatMap(Gateway, ({ url }) =>
        Effect.promise(async () => {
          const read = async (path: string, headers: Record<string, string> = {}) => {
            const { headers: told, status } = await fetch(new URL(path, url), { headers })
            return [status, told.get("kanau-source-timestamp")]
          }
          const at = "2026-03-14T08:00:05Z"
          const etag = (await fetch(new URL("/v1/vn/v2", url))).headers.get("etag") ?? ""
          for (const path of ["/v1/vn/v2", "/v1/vn/v2?fields=title", "/v1/vn?id=v2", "/v1/vn", "/kana/stats"]) {
            assert.deepStrictEqual(await read(path), [200, at], path)
          }
          assert.deepStrictEqual(await read("/v1/vn/v2", { "if-none-match": etag }), [304, at])
          assert.deepStrictEqual(await read("/v1/source/vndb"), [200, at])
        })))
  })
})
