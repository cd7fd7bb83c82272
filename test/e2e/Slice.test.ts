import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { database, differing, eventually, importDump, mutate, retitle, type Role, rooms, start } from "./system.ts"

const environment = await rooms()
const truth = database(environment)

let handler: Role
let gateway: Role
let manager: Role
let hooks: Role

const page = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${gateway.url}${path}`, { headers })
  return { status: response.status, headers: response.headers, json: await response.json() as Record<string, any> }
}

beforeAll(async () => {
  ;[handler, gateway, manager, hooks] = await Promise.all([
    start("user-request-handler", environment),
    start("api-gateway", environment),
    start("view-manager", environment),
    start("event-handler", environment)
  ])
  await importDump(environment)
  await eventually("every imported entry has its page", async () => {
    const [vn, release] = await Promise.all([page("/v1/vn/v164"), page("/v1/release/r218")])
    return vn.status === 200 && release.status === 200
  })
  await eventually("every page is complete", async () => (await differing(environment)).length === 0, 90_000)
}, 180_000)

describe("The slice on real servers", () => {
  it("NV-2 an edited title shows on every page that has it, as soon as the causal read answers", async () => {
    const position = await retitle(handler, "v1", "Seen Everywhere")
    assert.match(position, /^\d+@\d+$/)
    const vn = await page("/v1/vn/v1", { "kanau-after": position })
    assert.strictEqual(vn.json["title"], "Seen Everywhere")
    const [release] = vn.json["releases"] as ReadonlyArray<{ id: string }>
    const box = await page(`/v1/release/${release?.id}`, { "kanau-after": position })
    assert.strictEqual(box.json["vns"].find((one: any) => one.id === "v1").title, "Seen Everywhere")
    await eventually(
      "a read without the token shows it too",
      async () => (await page("/v1/vn/v1")).json["title"] === "Seen Everywhere"
    )
  })

  it("NV-2 creating, relinking and deleting reach the public pages", async () => {
    const titles = [{ lang: "en", official: true, title: "Born Today", latin: null }]
    const created = await mutate(handler, "POST", "/v1/vn", { olang: "en", titles })
    assert.strictEqual(created.status, 201)
    const { id } = await created.json() as { id: string }
    const after = created.headers.get("kanau-position") ?? ""
    assert.strictEqual((await page(`/v1/vn/${id}`, { "kanau-after": after })).json["title"], "Born Today")
    const release = await mutate(handler, "POST", "/v1/release", {
      olang: "en",
      titles: [{ lang: "en", mtl: false, title: "First Print", latin: null }],
      vns: [{ vid: id, rtype: "complete" }],
      released: 20261121
    })
    const box = await release.json() as { id: string }
    const linked = await page(`/v1/vn/${id}`, { "kanau-after": release.headers.get("kanau-position") ?? "" })
    assert.deepStrictEqual(linked.json["releases"].map((one: any) => one.title), ["First Print"])
    const moved = await mutate(handler, "PATCH", `/v1/release/${box.id}`, { vns: [{ vid: "v2", rtype: "trial" }] })
    const left = await page(`/v1/vn/${id}`, { "kanau-after": moved.headers.get("kanau-position") ?? "" })
    assert.deepStrictEqual(left.json["releases"], [])
    const deleted = await mutate(handler, "DELETE", `/v1/entry/${id}`, undefined)
    assert.strictEqual(deleted.status, 200)
    assert.strictEqual(
      (await page(`/v1/vn/${id}`, { "kanau-after": deleted.headers.get("kanau-position") ?? "" })).status,
      404
    )
  })

  it("NV-3 a page carries its entity tag; a current copy is answered 304, an unknown id 404", async () => {
    const first = await page("/v1/vn/v3")
    const etag = first.headers.get("etag") ?? ""
    const again = await fetch(`${gateway.url}/v1/vn/v3`, { headers: { "if-none-match": etag } })
    assert.strictEqual(again.status, 304)
    assert.strictEqual((await page("/v1/vn/v999999")).json["error"].code, "not-published")
    const head = await fetch(`${gateway.url}/v1/vn/v3`, { method: "HEAD" })
    assert.strictEqual(head.status, 200)
    assert.strictEqual(head.headers.get("etag"), etag)
  })

  it("NV-6 what is created, retitled or deleted is found, found anew, or not found any more", async () => {
    const found = async (q: string) =>
      (await page(`/v1/search?q=${encodeURIComponent(q)}`)).json["hits"].map(({ id }: { readonly id: string }) => id)
    const titles = [{ lang: "ja", official: true, title: "ｶﾗﾎﾞﾈの扉 Ⅱ", latin: "Carabone's Door II" }]
    const created = await mutate(handler, "POST", "/v1/vn", { olang: "ja", titles })
    const { id } = await created.json() as { id: string }
    for (const q of ["カラボネの扉 2", "carabone's dor", "ｃａｒａｂｏｎｅ"]) {
      await eventually(`${q} is found`, async () => (await found(q))[0] === id)
    }
    await retitle(handler, id, "Quxorama")
    await eventually("the new title is found", async () => (await found("quxorama"))[0] === id)
    await eventually("the old one is not", async () => !(await found("carabone")).includes(id))
    await mutate(handler, "DELETE", `/v1/entry/${id}`, undefined)
    await eventually("it is gone", async () => !(await found("quxorama")).includes(id))
    assert.strictEqual((await page("/v1/search?q=a&limit=1000")).status, 400)
  })

  it("NV-1 lists are filtered, sorted and paged", async () => {
    const list = "/v1/vn?olang=ja&sort=-votecount&limit=10&fields=id,votecount,olang"
    const first = await page(list)
    assert.strictEqual(first.status, 200)
    const second = await page(`${list}&after=${first.json["next"]}`)
    const rows: ReadonlyArray<{ id: string; votecount: number; olang: string }> = [
      ...first.json["results"],
      ...second.json["results"]
    ]
    assert.strictEqual(new Set(rows.map(({ id }) => id)).size, 20)
    assert.isTrue(
      rows.every(({ olang, votecount }, at) => olang === "ja" && (rows[at - 1]?.votecount ?? Infinity) >= votecount)
    )
    assert.sameMembers(Object.keys(rows[0] ?? {}), ["id", "votecount", "olang"])
    assert.strictEqual((await page("/v1/vn?length.gte=x")).status, 400)
  })

  it("NB-11 NV-12 each edit is one revision and one event, counted once by the hook", async () => {
    for (let at = 0; at < 5; at++) await retitle(handler, "v4", `Version ${at}`)
    const program = Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ events: number; counted: number | null; revision: number; pending: number }>`
        select (select count(*)::int from kanau.events where subject = 'v4' and type not like '%derived') as events,
          (select changes from vn_activity where id = 'v4') as counted,
          (select revision from entry_meta where id = 'v4') as revision,
          (select count(*)::int from kanau.pending) as pending`
      return row
    }).pipe(Effect.provide(truth), Effect.runPromise)
    assert.strictEqual((await program)?.events, 6)
    await eventually("the hook has counted every change", async () => {
      const row = await Effect.runPromise(Effect.provide(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ changes: number }>`select changes from vn_activity where id = 'v4'`
        ),
        truth
      ))
      return row[0]?.changes === 6
    })
  })

  it("NB-20 one correlation id and one trace go from the request to event, broker, consumers and their log lines", async () => {
    const correlationId = "e2e.correlation-7"
    const traceId = "0af7651916cd43dd8448eb211c80319c"
    const headers = { "x-correlation-id": correlationId, traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    await retitle(handler, "v5", "Followed", headers)
    const rows = await Effect.runPromise(Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        sql<{ correlation_id: string; traceparent: string }>`
          select correlation_id, traceparent from kanau.events where subject = 'v5' order by position desc limit 1`),
      truth
    ))
    assert.strictEqual(rows[0]?.correlation_id, correlationId)
    assert.match(rows[0]?.traceparent ?? "", new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    for (const role of [handler, manager, hooks]) {
      await eventually(
        `${role.name} logs with the correlation of the request`,
        async () => role.log.some((line) => line["correlationId"] === correlationId && line["traceId"] === traceId)
      )
    }
    for (const role of [handler, gateway, manager, hooks]) {
      for (const line of role.log) assert.isString(line["correlationId"])
    }
  })

  it("NV-2 in the end every view equals a full derivation", async () => {
    await eventually("no document differs", async () => (await differing(environment)).length === 0)
  })
})
