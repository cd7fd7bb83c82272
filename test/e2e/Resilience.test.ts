import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import {
  behindProxy,
  database,
  differing,
  type Environment,
  eventually,
  importDump,
  mutate,
  retitle,
  type Role,
  rooms,
  start,
  token
} from "./system.ts"

const direct = await rooms()
const truth = database(direct)

/** The servers the gateway must be able to do without. */
const dispensable = {
  DATABASE_URL: await behindProxy(direct.DATABASE_URL),
  AMQP_URL: await behindProxy(direct.AMQP_URL),
  REDIS_URL: await behindProxy(direct.REDIS_URL)
}
const environment: Environment = {
  ...direct,
  DATABASE_URL: dispensable.DATABASE_URL.url,
  AMQP_URL: dispensable.AMQP_URL.url,
  REDIS_URL: dispensable.REDIS_URL.url
}

let handler: Role
let gateway: Role
let manager: Role

beforeAll(async () => {
  ;[handler, gateway, manager] = await Promise.all([
    start("user-request-handler", environment),
    start("api-gateway", environment),
    start("view-manager", environment),
    // Its queue takes every event too; without it they would pile up unseen by this test.
    start("event-handler", environment)
  ])
  await importDump(direct)
  await eventually(
    "every imported entry has its page",
    async () =>
      (await Promise.all(["/v1/vn/v164", "/v1/release/r218"].map((path) => fetch(`${gateway.url}${path}`))))
        .every(({ status }) => status === 200)
  )
}, 120_000)

const query = <A>(effect: Effect.Effect<A, unknown, SqlClient.SqlClient>) =>
  Effect.runPromise(Effect.provide(effect, truth))

/** Everything that a request could have changed. */
const state = () =>
  query(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql`select (select json_agg(m order by id) from entry_meta m) as meta, (select count(*)::int from kanau.events) as events,
      (select md5(string_agg(t::text, '|' order by id, lang)) from vn_titles t) as titles`)
  )

describe("Faults on real servers", () => {
  it(
    "NV-2 the view-manager is killed in the middle of 500 edits and started again: every view equals a full derivation",
    async () => {
      const ids = Array.from({ length: 40 }, (_, at) => `v${at + 1}`)
      let made = 0
      const edits = (async () => {
        for (let at = 0; at < 500; at += 10) {
          await Promise.all(
            Array.from({ length: 10 }, (_, k) => retitle(handler, ids[(at + k) % ids.length] ?? "", `Title ${at + k}`))
          )
          made += 10
        }
      })()
      await eventually("half of the edits are made", async () => made >= 250)
      manager.signal("SIGKILL")
      assert.strictEqual(await manager.ended, "SIGKILL")
      await edits
      assert.isAbove((await differing(direct)).length, 0, "without a view-manager the views stay behind")
      manager = await start("view-manager", environment)
      await eventually("no document differs from a full derivation", async () => (await differing(direct)).length === 0)
    },
    90_000
  )

  it("NV-1 with PostgreSQL, RabbitMQ and Redis gone, a thousand public reads succeed", async () => {
    for (const server of Object.values(dispensable)) await server.cut()
    const statuses = new Map<number, number>()
    for (let batch = 0; batch < 20; batch++) {
      await Promise.all(Array.from({ length: 50 }, async (_, at) => {
        const n = (batch * 50 + at) % 160 + 1
        const response = await fetch(`${gateway.url}/v1/${at % 2 === 0 ? "vn/v" : "release/r"}${n}`)
        await response.arrayBuffer()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      }))
    }
    assert.deepStrictEqual([...statuses], [[200, 1000]])
    const refused = await mutate(handler, "PATCH", "/v1/vn/v1", { alias: "x" })
    assert.strictEqual(refused.status, 503)
    assert.strictEqual(((await refused.json()) as { error: { code: string } }).error.code, "unavailable")
    assert.isNotNull(refused.headers.get("retry-after"))
    for (const server of Object.values(dispensable)) await server.mend()
    await eventually(
      "edits go through again",
      async () => (await mutate(handler, "PATCH", "/v1/vn/v1", { alias: "x" })).status === 200
    )
    await retitle(handler, "v1", "After the outage")
    await eventually(
      "and show on the public page",
      async () =>
        ((await (await fetch(`${gateway.url}/v1/vn/v1`)).json()) as { title: string }).title === "After the outage",
      60_000
    )
  }, 120_000)

  it("NF-9 bad requests are answered 4xx with the stable body, and write nothing", async () => {
    const before = await state()
    const json = { authorization: `Bearer ${token}`, "content-type": "application/json" }
    const title = { lang: "en", official: true, title: "x", latin: null }
    const cases: ReadonlyArray<readonly [what: string, status: number, path: string, init: RequestInit]> = [
      ["malformed JSON", 400, "/v1/vn/v1", { method: "PATCH", headers: json, body: "{\"alias\":" }],
      ["wrong type", 400, "/v1/vn/v1", { method: "PATCH", headers: json, body: "{\"length\":\"long\"}" }],
      ["unknown member", 400, "/v1/vn/v1", { method: "PATCH", headers: json, body: "{\"surprise\":1}" }],
      ["prototype member", 400, "/v1/vn/v1", { method: "PATCH", headers: json, body: "{\"__proto__\":{\"x\":1}}" }],
      ["no object", 400, "/v1/vn/v1", { method: "PATCH", headers: json, body: "[1]" }],
      ["ten megabytes", 413, "/v1/vn/v1", {
        method: "PATCH",
        headers: json,
        body: JSON.stringify({ alias: "x".repeat(10_000_000) })
      }],
      ["invalid UTF-8", 400, "/v1/vn/v1", {
        method: "PATCH",
        headers: json,
        body: Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d)
      }],
      ["two titles of one language", 400, "/v1/vn/v1", {
        method: "PATCH",
        headers: json,
        body: JSON.stringify({ titles: [title, title] })
      }],
      ["unknown language", 400, "/v1/vn/v1", {
        method: "PATCH",
        headers: json,
        body: JSON.stringify({ olang: "tlh" })
      }],
      ["a character PostgreSQL cannot hold", 400, "/v1/vn/v1", {
        method: "PATCH",
        headers: json,
        body: JSON.stringify({ alias: "a\0b" })
      }],
      ["wrong method", 405, "/v1/vn", { method: "PUT", headers: json, body: "{}" }],
      ["unknown path", 404, "/v1/nothing", { headers: json }],
      ["malformed id", 400, "/v1/vn/17", { method: "PATCH", headers: json, body: "{}" }],
      ["unknown id", 404, "/v1/vn/v9999999", { method: "PATCH", headers: json, body: "{\"alias\":\"x\"}" }],
      ["stale revision", 409, "/v1/vn/v2", { method: "PATCH", headers: json, body: "{\"revision\":9999}" }],
      ["wrong content type", 415, "/v1/vn/v1", {
        method: "PATCH",
        headers: { ...json, "content-type": "text/plain" },
        body: "{}"
      }],
      ["no token", 401, "/v1/vn/v1", { method: "PATCH", headers: { "content-type": "application/json" }, body: "{}" }],
      ["wrong token", 401, "/v1/entry/v1", {
        method: "DELETE",
        headers: { authorization: "Bearer wrong-wrong-wrong-wrong" }
      }],
      ["absurd correlation id", 400, "/v1/vn/v1", {
        method: "PATCH",
        headers: { ...json, "x-correlation-id": "a b;c".repeat(50) },
        body: "{"
      }],
      ["bad percent-encoding", 400, "/v1/vn/%E0%A4%A", { headers: json }]
    ]
    for (const [what, status, path, init] of cases) {
      const response = await fetch(`${handler.url}${path}`, init)
      assert.strictEqual(response.status, status, what)
      const body = await response.json() as { error: Record<string, unknown> }
      assert.hasAllKeys(body, ["error"], what)
      assert.isString(body.error["code"], what)
      assert.isString(body.error["message"], what)
      assert.strictEqual(body.error["requestId"], response.headers.get("x-correlation-id"), what)
      assert.notMatch(JSON.stringify(body), /\\n\s*at |\.[jt]s:\d/, what)
    }
    assert.deepStrictEqual(await state(), before)
  }, 60_000)

  it("AR-5 the bearer token and the passwords in the configuration stand in no log line", () => {
    const secrets = [token, ...[direct.DATABASE_URL, direct.AMQP_URL].map((url) => new URL(url).password)].filter((
      secret
    ) => secret !== "")
    for (const role of [handler, gateway, manager]) {
      const log = role.log.map((line) => JSON.stringify(line)).join("\n")
      assert.isNotEmpty(log)
      for (const secret of secrets.filter((one) => one.length > 6)) assert.notInclude(log, secret)
    }
  })

  it("AR-4 on SIGTERM each role stops being ready, ends its work and exits 0", async () => {
    const slow = retitle(handler, "v9", "In flight")
    const roles = [gateway, handler, manager]
    // The view-manager has two connections to the broker, which come back from the outage above each in its own time.
    for (const role of roles) {
      await eventually(`${role.name} is ready`, async () => (await fetch(`${role.health}/readyz`)).status === 200)
    }
    for (const role of roles) role.signal("SIGTERM")
    assert.isNotEmpty(await slow)
    for (const role of roles) assert.strictEqual(await role.ended, 0, role.name)
  }, 60_000)
})
