import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type Client, client, derived } from "./gateway.ts"
import { fill } from "./rows.ts"
import { small, tokens } from "./small.ts"
import { stores } from "./stores.ts"

const owner = { authorization: `Token ${tokens.full}` }
const bare = { authorization: `token ${tokens.bare}` }

const ids = (json: any): string =>
  json.results.map(({ aid, id }: any) => aid === undefined ? id : `${id}.${aid}`).join(" ")

for (const store of stores) {
  describe(`Kana over HTTP, documents in ${store.name}`, () => {
    layer(store.layer, { timeout: "60 seconds", excludeTestServices: true })((it) => {
      /** Fills the store with the small wiki the first time. */
      const withClient = (test: (client: Client) => Promise<void>) =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const [there] = yield* sql<{ n: number }>`select count(*)::int as n from vn`
          if (there?.n === 0) {
            yield* fill(small)
            yield* derived
          }
          const made = yield* client()
          yield* Effect.promise(() => test(made))
        }).pipe(Effect.scoped)

      it.effect("Kana 2.2 an empty request: the first ten by id, with nothing but ids", () =>
        withClient(async ({ query }) => {
          const { headers, json, status } = await query("vn", {})
          assert.strictEqual(status, 200)
          assert.strictEqual(headers.get("content-type"), "application/json")
          assert.deepStrictEqual(json, { results: [{ id: "v2" }, { id: "v10" }, { id: "v17" }], more: false })
        }))

      it.effect("Kana 2.2 pages, more, count and results: 0", () =>
        withClient(async ({ query }) => {
          const first = await query("vn", { results: 2, count: true })
          assert.deepStrictEqual(first.json, { results: [{ id: "v2" }, { id: "v10" }], more: true, count: 3 })
          const second = await query("vn", { results: 2, page: 2 })
          assert.deepStrictEqual(second.json, { results: [{ id: "v17" }], more: false })
          assert.deepStrictEqual((await query("vn", { results: 3 })).json.more, false)
          const none = await query("vn", { results: 0, count: true, filters: ["olang", "=", "ja"] })
          assert.deepStrictEqual(none.json, { results: [], more: false, count: 2 })
        }))

      it.effect("Kana 2.3 filters in all forms, and the forms they are written back in", () =>
        withClient(async ({ query }) => {
          const forms = [
            ["and", ["olang", "=", "ja"], ["id", "!=", 17]],
            "[\"and\",[\"olang\",\"=\",\"ja\"],[\"id\",\"!=\",17]]"
          ]
          const echo = { compact_filters: true, normalized_filters: true }
          const compact = (await query("vn", { filters: forms[0], ...echo })).json.compact_filters
          for (const filters of [...forms, compact]) {
            assert.deepStrictEqual((await query("vn", { filters, ...echo })).json, {
              results: [{ id: "v2" }],
              more: false,
              compact_filters: compact,
              normalized_filters: ["and", ["olang", "=", "ja"], ["id", "!=", "v17"]]
            })
          }
          const none = (await query("vn", echo)).json
          assert.deepStrictEqual([none.compact_filters, none.normalized_filters], ["", null])
        }))

      it.effect("Kana 2.3 nested filters, inherited tags and correlated roles", () =>
        withClient(async ({ query }) => {
          const found = async (endpoint: string, filters: unknown) =>
            ids((await query(endpoint, { filters, fields: endpoint === "staff" ? "aid" : "" })).json)
          assert.strictEqual(await found("vn", ["tag", "=", "g1"]), "v2")
          assert.strictEqual(await found("vn", ["tag", "=", ["g1", 2, 0]]), "v2 v17")
          assert.strictEqual(await found("vn", ["dtag", "=", "g1"]), "")
          assert.strictEqual(await found("vn", ["release", "=", ["rtype", "=", "trial"]]), "v17")
          assert.strictEqual(await found("release", ["rtype", "=", "trial"]), "r4")
          assert.strictEqual(await found("vn", ["character", "=", ["role", "=", "side"]]), "v17")
          assert.strictEqual(await found("vn", ["character", "=", ["seiyuu", "=", ["id", "=", "s1"]]]), "v2")
          assert.strictEqual(await found("vn", ["developer", "=", ["lang", "=", "en"]]), "v10")
          assert.strictEqual(await found("vn", ["release", "!=", ["platform", "=", "win"]]), "v10 v17")
          assert.strictEqual(
            await found("vn", ["and", ["release", "=", ["platform", "=", "ps2"]], ["staff", "=", [
              "role",
              "=",
              "art"
            ]]]),
            "v2"
          )
          assert.strictEqual(await found("release", ["vn", "=", ["search", "=", "ever 17"]]), "r1 r2 r4")
          assert.strictEqual(await found("release", ["extlink", "=", "steam"]), "r1")
          assert.strictEqual(await found("release", ["extlink", "=", ["steam", 702050]]), "r1")
          assert.strictEqual(await found("release", ["resolution", ">=", [640, 480]]), "r1")
          assert.strictEqual(await found("release", ["platform", "=", null]), "r2 r4")
          assert.strictEqual(await found("release", ["minage", "<", 18]), "r1")
          assert.strictEqual(await found("character", ["birthday", "=", [2, 0]]), "c1")
          assert.strictEqual(await found("character", ["height", "=", null]), "c2")
          assert.strictEqual(await found("character", ["trait", "=", "i1"]), "c1")
          assert.strictEqual(await found("character", ["and", ["sex", "=", "f"], ["sex_spoil", "=", "m"]]), "c1")
          assert.strictEqual(await found("staff", ["role", "=", "seiyuu"]), "s1.1")
          assert.strictEqual(await found("staff", ["and", ["ismain", "!=", 1], ["id", "=", "s1"]]), "s1.2")
          assert.strictEqual(await found("producer", ["extlink", "=", "website"]), "p1")
          assert.strictEqual(await found("tag", ["category", "!=", "cont"]), "g4")
          assert.strictEqual(await found("trait", ["search", "=", "SECRET"]), "i3")
          assert.strictEqual(await found("quote", ["character", "=", ["id", "=", "c1"]]), "q1")
          assert.strictEqual(await found("quote", ["vn", "=", ["id", "=", "v17"]]), "q2")
        }))

      it.effect("Kana 2.3 released: dates that are known in part, and days to come", () =>
        withClient(async ({ query }) => {
          const found = async (op: string, value: string) =>
            ids((await query("release", { filters: ["released", op, value] })).json)
          assert.strictEqual(await found("<", "2002-01"), "r4")
          assert.strictEqual(await found("=", "2001"), "r4")
          assert.strictEqual(await found("=", "2005-12"), "r2")
          assert.strictEqual(await found("=", "TBA"), "r3")
          assert.strictEqual(await found("<=", "today"), "r1 r2 r4")
          assert.strictEqual(await found("=", "unknown"), "")
        }))

      it.effect("Kana 2.3 random: one quote with a score above zero, any visual novel alike", () =>
        withClient(async ({ query }) => {
          const seen = new Set<string>()
          for (let at = 0; at < 60; at++) seen.add(ids((await query("quote", { filters: ["random", "=", 1] })).json))
          assert.deepStrictEqual([...seen].sort(), ["q1", "q2"])
        }))

      it.effect("Kana 2.4 members of members, by dots and braces, to any depth", () =>
        withClient(async ({ query }) => {
          const fields = "title, image{url,dims}, relations{relation,title,developers.name,relations.released},"
            + "va{note,staff{name,aliases.name},character{name,vns.role}},screenshots.release.title,tags{name,vn_count}"
          const { json } = await query("vn", { filters: ["id", "=", "v2"], fields })
          assert.deepStrictEqual(json.results, [{
            id: "v2",
            title: "Ever17 -the out of infinity-",
            image: { url: "https://t.vndb.org/cv/01/1.jpg", dims: [300, 400] },
            relations: [{
              id: "v17",
              relation: "seq",
              title: "Rance",
              developers: [],
              relations: [{ id: "v2", released: "2001" }]
            }],
            va: [{
              note: "as child",
              staff: { id: "s1", name: "Seiyuu", aliases: [{ name: "声優" }, { name: "Pen Name" }] },
              character: { id: "c1", name: "Tsugumi", vns: [{ id: "v2", role: "primary" }] }
            }],
            screenshots: [{ release: { id: "r1", title: "Ever17 First Press" } }],
            tags: [{ id: "g2", name: "Time Travel", vn_count: 1 }]
          }])
        }))

      it.effect("Kana 2.4 every endpoint answers with values as VNDB writes them", () =>
        withClient(async ({ query }) => {
          const first = async (endpoint: string, id: string, fields: string) =>
            (await query(endpoint, { filters: ["id", "=", id], fields })).json.results[0]
          assert.deepStrictEqual(
            await first(
              "vn",
              "v2",
              "aliases,olang,devstatus,released,languages,length,length_minutes,average,rating,votecount"
            ),
            {
              id: "v2",
              aliases: ["E17"],
              olang: "ja",
              devstatus: 0,
              released: "2001",
              languages: ["en", "ja"],
              length: null,
              length_minutes: 1700,
              average: 80,
              rating: 77.6,
              votecount: 7
            }
          )
          assert.deepStrictEqual(
            await first("release", "r2", "resolution,gtin,catalog,released,languages{lang,title,main},minage,voiced"),
            {
              id: "r2",
              resolution: "non-standard",
              gtin: "4988601004312",
              catalog: null,
              released: "2005-12",
              languages: [{ lang: "ja", title: "Ever17 Patch", main: true }, { lang: "en", title: null, main: false }],
              minage: null,
              voiced: null
            }
          )
          assert.deepStrictEqual(await first("producer", "p1", "name,original,aliases,extlinks{name,url}"), {
            id: "p1",
            name: "KID",
            original: "キッド",
            aliases: ["KID Corp."],
            extlinks: [{ name: "website", url: "https://example.org/" }]
          })
          assert.deepStrictEqual(
            await first(
              "character",
              "c1",
              "aliases,birthday,sex,gender,cup,weight,traits{name,group_name,spoiler,lie}"
            ),
            {
              id: "c1",
              aliases: ["Betsumei", "別名"],
              birthday: [2, 29],
              sex: ["f", "m"],
              gender: ["f", "m"],
              cup: "B",
              weight: null,
              traits: [
                { id: "i2", name: "Black", group_name: "Hair", spoiler: 0, lie: false },
                { id: "i3", name: "Secretive", group_name: "Hair", spoiler: 1, lie: true }
              ]
            }
          )
          assert.deepStrictEqual(await first("staff", "s1", "aid,ismain,name,original,gender"), {
            id: "s1",
            aid: 1,
            ismain: true,
            name: "Seiyuu",
            original: "声優",
            gender: "f"
          })
          assert.deepStrictEqual(await first("tag", "g2", "name,aliases,category,vn_count"), {
            id: "g2",
            name: "Time Travel",
            aliases: ["Loop"],
            category: "cont",
            vn_count: 1
          })
          assert.deepStrictEqual(await first("trait", "i2", "group_id,char_count"), {
            id: "i2",
            group_id: "i1",
            char_count: 1
          })
          assert.deepStrictEqual(await first("quote", "q1", "quote,score,vn.title,character.name"), {
            id: "q1",
            quote: "Time flows.",
            score: 3,
            vn: { id: "v2", title: "Ever17 -the out of infinity-" },
            character: { id: "c1", name: "Tsugumi" }
          })
        }))

      it.effect("Kana 2.4 sorts: ties end in the id, unrated come last in both directions", () =>
        withClient(async ({ query }) => {
          const sorted = async (endpoint: string, sort: string, reverse: boolean) =>
            ids((await query(endpoint, { sort, reverse, fields: endpoint === "staff" ? "aid" : "" })).json)
          assert.strictEqual(await sorted("vn", "rating", false), "v17 v2 v10")
          assert.strictEqual(await sorted("vn", "rating", true), "v2 v17 v10")
          assert.strictEqual(await sorted("vn", "votecount", true), "v2 v17 v10")
          assert.strictEqual(await sorted("vn", "title", false), "v2 v10 v17")
          assert.strictEqual(await sorted("vn", "released", true), "v10 v2 v17")
          assert.strictEqual(await sorted("staff", "name", false), "s1.2 s1.1 s3.4")
          assert.strictEqual(await sorted("tag", "vn_count", true), "g1 g2 g3 g4")
          assert.strictEqual(await sorted("quote", "score", false), "q3 q2 q1")
        }))

      it.effect("Kana 2.6 search: every word within one label, whatever spaces, case and script; ranked on demand", () =>
        withClient(async ({ query }) => {
          const found = async (search: string, sort = "id") =>
            ids((await query("vn", { filters: ["search", "=", search], sort })).json)
          assert.strictEqual(await found("ver17theout"), "v2")
          assert.strictEqual(await found("セブン"), "v2")
          assert.strictEqual(await found("infinity EVER"), "v2")
          assert.strictEqual(await found("garden infinity"), "")
          assert.strictEqual(await found("e17"), "v2")
          assert.strictEqual(await found("v17"), "v17")
          assert.strictEqual(await found("ran"), "v2 v17")
          assert.strictEqual(await found("ran", "searchrank"), "v17 v2")
          const backwards = { filters: ["search", "=", "ran"], sort: "searchrank", reverse: true }
          assert.strictEqual(ids((await query("vn", backwards)).json), "v2 v17")
          const second = { filters: ["search", "=", "ran"], sort: "searchrank", results: 1, page: 2 }
          assert.deepStrictEqual((await query("vn", second)).json, { results: [{ id: "v2" }], more: false })
          const staff = { filters: ["search", "=", "e"], sort: "searchrank", fields: "aid" }
          assert.strictEqual(ids((await query("staff", staff)).json), "s1.1 s1.2 s3.4")
        }))

      it.effect("Kana 2.5 what is wrong is said in one line of plain text", () =>
        withClient(async ({ query, send }) => {
          const cases: ReadonlyArray<readonly [string, unknown, string]> = [
            ["vn", [], "Invalid query."],
            ["vn", { x: 1 }, "Unknown member 'x'."],
            ["vn", { sort: "length" }, "Invalid 'sort' member."],
            ["vn", { filters: ["lang", "=", "x"] }, "Invalid 'lang' filter: Invalid value."],
            ["vn", { filters: ["x", "=", 1] }, "Invalid 'x' filter: Unknown field."],
            ["vn", { fields: "x" }, "Invalid 'fields' member: Field 'x' not found"],
            [
              "vn",
              { fields: "image" },
              "Invalid 'fields' member: The 'image' object requires specifying sub-field(s)."
            ],
            [
              "vn",
              { sort: "searchrank" },
              "\"searchrank\" sort is only available when the top-level filter is \"search\", or an \"and\" with at most one \"search\"."
            ],
            ["vn", {
              results: 100,
              fields:
                "staff.aliases.name,staff{extlinks.url,description},tags{name,description,aliases,category,vn_count,searchable,applicable},va{staff.aliases.name,character{vns.tags.name}}"
            }, "Too much data selected"],
            ["ulist", {}, "Missing \"user\" parameter and not authenticated."]
          ]
          for (const [endpoint, body, text] of cases) {
            const answer = await query(endpoint, body)
            assert.strictEqual(answer.status, 400, text)
            assert.strictEqual(answer.headers.get("content-type"), "text/plain; charset=utf-8")
            assert.isTrue(answer.text.startsWith(text) && answer.text.endsWith("\n"), answer.text)
            assert.strictEqual(answer.text.trimEnd().split("\n").length, 1)
          }
          const json = { "content-type": "application/json" }
          for (const body of ["{", "", "null", "[\"\u0000"]) {
            const answer = await send("/vn", { method: "POST", headers: json, body })
            assert.deepStrictEqual([answer.status, answer.text], [400, "Invalid query.\n"], body)
          }
          const large = await send("/vn", { method: "POST", headers: json, body: `"${"x".repeat(2 ** 20)}"` })
          assert.deepStrictEqual([large.status, large.text], [413, "Request too large.\n"])
          assert.strictEqual((await send("/vn")).status, 404)
          assert.strictEqual((await send("/nothing")).text, "Not found.\n")
          assert.strictEqual((await send("/ulist/v2", { method: "PATCH", headers: json, body: "{}" })).status, 404)
        }))

      it.effect("Kana 2.5 tokens: who they are, in any spelling of the scheme, with or without dashes", () =>
        withClient(async ({ query, send }) => {
          for (const scheme of ["Token", "token", "TOKEN"]) {
            for (const token of [tokens.full, tokens.full.replaceAll("-", "")]) {
              const { json } = await send("/authinfo", { headers: { authorization: `${scheme} ${token}` } })
              assert.deepStrictEqual(json, { id: "u2", username: "Reader", permissions: ["listread", "listwrite"] })
            }
          }
          assert.deepStrictEqual((await send("/authinfo", { headers: bare })).json.permissions, [])
          const refused = async (headers: Record<string, string>, path = "/authinfo") => {
            const answer = await send(path, { headers })
            assert.deepStrictEqual([answer.status, answer.headers.get("www-authenticate")], [401, "Token"])
            return answer.text
          }
          assert.strictEqual(await refused({}), "Unauthorized\n")
          assert.strictEqual(await refused({ authorization: "Bearer abc" }), "Invalid Authorization header format.\n")
          assert.strictEqual(await refused({ authorization: "Token abc" }), "Invalid token format.\n")
          assert.strictEqual(await refused({ authorization: `Token ${"y".repeat(32)}` }, "/stats"), "Invalid token.\n")
          const wrong = await query("vn", {}, { authorization: "Token abc" })
          assert.strictEqual(wrong.status, 401)
        }))

      it.effect("Kana 2.5 scripts of every site may ask", () =>
        withClient(async ({ query, send }) => {
          const preflight = await send("/vn", { method: "OPTIONS", headers: { origin: "https://a.example" } })
          assert.strictEqual(preflight.status, 204)
          assert.strictEqual(preflight.headers.get("access-control-allow-origin"), "*")
          assert.strictEqual(preflight.headers.get("access-control-allow-methods"), "POST, GET, OPTIONS")
          assert.strictEqual(
            preflight.headers.get("access-control-allow-headers"),
            "Content-Type, Authorization, Kanau-After"
          )
          assert.strictEqual(preflight.headers.get("access-control-max-age"), "86400")
          const open = await query("vn", {}, { origin: "https://a.example" })
          assert.strictEqual(open.headers.get("access-control-allow-origin"), "*")
          const own = await query("vn", {}, { origin: "https://a.example", ...owner })
          assert.strictEqual(own.headers.get("access-control-allow-origin"), "https://a.example")
          assert.strictEqual(own.headers.get("access-control-allow-credentials"), "true")
          assert.include(own.headers.get("access-control-expose-headers"), "Kanau-Source-Timestamp")
          const refused = await query("vn", { x: 1 }, { origin: "https://a.example" })
          assert.strictEqual(refused.headers.get("access-control-allow-origin"), "*")
        }))

      it.effect("Kana 2.1 stats, schema and users; 2.8 an empty query, a type on GET, HEAD", () =>
        withClient(async ({ send }) => {
          const stats = { chars: 2, producers: 2, releases: 4, staff: 2, tags: 4, traits: 3, vn: 3 }
          assert.deepStrictEqual((await send("/stats")).json, stats)
          assert.deepStrictEqual(
            (await send("/stats?", { headers: { "content-type": "application/json" } })).json,
            stats
          )
          const head = await send("/stats", { method: "HEAD" })
          assert.deepStrictEqual([head.status, head.text], [200, ""])
          assert.deepStrictEqual(Object.keys((await send("/schema")).json), ["enums", "api_fields", "extlinks"])
          const users = await send("/user?q=reader&q=u3&q=nobody&q=u999&fields=lengthvotes,lengthvotes_sum")
          assert.deepStrictEqual(users.json, {
            reader: { id: "u2", username: "Reader", lengthvotes: 1, lengthvotes_sum: 1800 },
            u3: { id: "u3", username: "other", lengthvotes: 1, lengthvotes_sum: 1600 },
            nobody: null,
            u999: null
          })
          assert.deepStrictEqual((await send("/user?q=READER")).json, { READER: { id: "u2", username: "Reader" } })
          assert.strictEqual((await send("/user")).status, 400)
          assert.strictEqual((await send("/user?q=u2&fields=x")).text, "Invalid 'fields' member: Field 'x' not found\n")
        }))

      it.effect("Kana 2.1 lists: what is private is for the owner with listread alone", () =>
        withClient(async ({ query }) => {
          const body = {
            user: "u2",
            fields: "vote,voted,added,started,finished,notes,labels{id,label},vn.title,releases.list_status",
            count: true
          }
          const ever17 = {
            id: "v2",
            vote: 85,
            voted: 1_580_688_000,
            added: 1_577_923_200,
            started: "2020-01-05",
            finished: null,
            notes: "Good.",
            vn: { id: "v2", title: "Ever17 -the out of infinity-" },
            releases: [{ id: "r1", list_status: 2 }]
          }
          const finished = { id: 2, label: "Finished" }
          const voted = { id: 7, label: "Voted" }
          const open = { results: [{ ...ever17, labels: [finished, voted] }], more: false, count: 1 }
          assert.deepStrictEqual((await query("ulist", body)).json, open)
          assert.deepStrictEqual((await query("ulist", body, bare)).json, open)
          const own = (await query("ulist", body, owner)).json
          assert.strictEqual(own.count, 3)
          assert.deepStrictEqual(own.results[0].labels, [finished, voted, { id: 10, label: "Secret" }])
          assert.strictEqual(ids(own), "v2 v10 v17")
          // The user of the token, when none is named; what is hidden in the wiki is on no list.
          assert.strictEqual(ids((await query("ulist", {}, owner)).json), "v2 v10 v17")
          const others = (await query("ulist", { user: "u3" }, owner)).json
          assert.deepStrictEqual(others, { results: [], more: false })
          const sorted = async (sort: string, reverse = false) =>
            ids((await query("ulist", { sort, reverse }, owner)).json)
          assert.strictEqual(await sorted("vote"), "v2 v10 v17")
          assert.strictEqual(await sorted("lastmod", true), "v10 v2 v17")
          assert.strictEqual(await sorted("finished"), "v17 v2 v10")
          assert.strictEqual(await sorted("rating", true), "v2 v17 v10")
          assert.strictEqual(await sorted("title"), "v2 v10 v17")
          const filtered = async (filters: unknown, more = {}) =>
            ids((await query("ulist", { filters, ...more }, owner)).json)
          assert.strictEqual(await filtered(["label", "=", 10]), "v2 v10")
          assert.strictEqual(await filtered(["label", "=", 0]), "v17")
          assert.strictEqual(await filtered(["search", "=", "ran"], { sort: "searchrank" }), "v17 v2")
          assert.strictEqual(await filtered(["olang", "=", "en"]), "v10")
        }))

      it.effect("Kana 2.3 label, on_list and rlist look at lists as far as they may", () =>
        withClient(async ({ query }) => {
          const found = async (filters: unknown, headers = {}, endpoint = "vn") =>
            ids((await query(endpoint, { filters }, headers)).json)
          assert.strictEqual(await found(["label", "=", ["u2", 10]]), "")
          assert.strictEqual(await found(["label", "=", ["u2", 10]], bare), "")
          assert.strictEqual(await found(["label", "=", ["u2", 10]], owner), "v2 v10")
          assert.strictEqual(await found(["label", "=", ["u2", 7]]), "v2")
          assert.strictEqual(await found(["on_list", "=", 1]), "")
          assert.strictEqual(await found(["on_list", "=", 1], bare), "v2")
          assert.strictEqual(await found(["on_list", "!=", 1], owner), "")
          assert.strictEqual(await found(["rlist", "=", 1], owner, "release"), "r3")
        }))

      it.effect("Kana 2.1 labels, built-in ones first; the voted one always", () =>
        withClient(async ({ send }) => {
          const open = (await send("/ulist_labels?user=u2&fields=count")).json
          assert.deepStrictEqual(open.labels.map(({ count, id }: any) => [id, count]), [
            [1, 1],
            [2, 1],
            [3, 0],
            [4, 0],
            [5, 0],
            [6, 0],
            [7, 1],
            [11, 0]
          ])
          const own = (await send("/ulist_labels", { headers: owner })).json
          assert.deepStrictEqual(own.labels.slice(6), [
            { id: 7, private: true, label: "Voted" },
            { id: 11, private: false, label: "Best" },
            { id: 10, private: true, label: "Secret" }
          ])
          assert.strictEqual(
            (await send("/ulist_labels")).text,
            "Missing \"user\" parameter and not authenticated.\n"
          )
          assert.deepStrictEqual((await send("/ulist_labels?user=u999")).json, { labels: [] })
        }))
    })
  })
}
