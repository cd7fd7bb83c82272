/** An operator at work: the command-line tool beside a running role, on real servers. */
import { Message } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Database, Delayed, Migrations } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { Views, Wiki } from "@kanau/vndb"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, expect, test, vi } from "vitest"
import { database, type Environment, importDump, type Role, rooms, start } from "./system.ts"

const main = fileURLToPath(new URL("../../apps/nova-vndb-cli/src/main.ts", import.meta.url))
const queue = "event-handler.vn-activity"
const folder = mkdtempSync(join(tmpdir(), "kanau-operator-"))

let environment: Environment
let roles: ReadonlyArray<Role>

/** Runs the tool; its exit code and what it printed. */
const tool = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    const { NODE_COMPILE_CACHE = "", PATH = "" } = process.env
    const env = { NODE_COMPILE_CACHE, PATH, ...environment }
    execFile(
      process.execPath,
      ["--conditions=@kanau/source", main, ...args],
      { env },
      (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err })
    )
  })

const json = async (...args: ReadonlyArray<string>): Promise<unknown> => {
  const { code, err, out } = await tool(...args, "--json")
  assert.strictEqual(code, 0, err)
  return JSON.parse(out)
}

class Reminder extends Message.command<Reminder>()("test.reminder", { fields: {}, subject: () => "all" }) {}

const inside = <A, E>(body: Effect.Effect<A, E, Bus.Bus | Layer.Success<ReturnType<typeof database>>>) =>
  Effect.runPromise(Effect.provide(
    body,
    Layer.merge(database(environment), RabbitBus.layer({ url: Redacted.make(environment.AMQP_URL) }))
  ))

const processed = () =>
  inside(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.map(sql<{ n: number }>`select count(*)::integer as n from kanau.inbox`, ([row]) => row?.n))
  )

describe("the operators' tool", () => {
  beforeAll(async () => {
    environment = await rooms()
    await inside(Migrations.run(Migrations.kanau, Wiki.migrations))
    await inside(Effect.flatMap(Bus.Bus, (bus) => bus.declare(Views.projection.queue)))
    roles = await Promise.all([start("event-handler", environment), start("view-manager", environment)])
  }, 60_000)
  afterAll(async () => {
    for (const role of roles) role.signal("SIGTERM")
    await Promise.all(roles.map(({ ended }) => ended))
    rmSync(folder, { recursive: true })
  })

  test("NB-14 a dead letter is found, read, edited and redriven; the doctor sees it come and go", async () => {
    assert.include((await tool("doctor")).out, "Every event is accounted for.")
    const text = new TextEncoder().encode("{\"id\":\"v1\"")
    await inside(Effect.flatMap(Bus.Bus, (bus) => bus.send(queue, { attributes: { subject: "v1" }, data: text })))
    await vi.waitFor(async () => {
      const groups = await json("dlq", "groups")
      expect(groups).toMatchObject([{ queue, letters: 1, fault: "undecodable" }])
    }, 20_000)
    const sick = await tool("doctor")
    assert.strictEqual(sick.code, 1)
    assert.match(sick.out, /1 {2}on event-handler\.vn-activity failed with undecodable: look at `dlq show \d+`/)

    const [letter] = await json("dlq", "list") as ReadonlyArray<{ readonly number: string }>
    const number = letter?.number ?? ""
    expect(JSON.parse((await tool("dlq", "show", number)).out)).toMatchObject({
      number,
      subject: "v1",
      data: "{\"id\":\"v1\"",
      history: [{ what: "parked" }]
    })
    const refused = await tool("dlq", "edit", number, "--attribute", "type=vndb.vn.edited")
    assert.strictEqual(refused.code, 1)
    assert.include(refused.err, "attributes")

    const attributes = {
      id: "repaired-1",
      source: "/operator",
      type: "vndb.vn.edited",
      time: "2026-01-01T00:00:00.000Z",
      dataschema: "1",
      datacontenttype: "application/json",
      correlationid: "repair"
    }
    const file = join(folder, "payload.json")
    writeFileSync(file, "{\"id\":\"v1\",\"revision\":2}")
    const changes = Object.entries(attributes).flatMap(([name, value]) => ["--attribute", `${name}=${value}`])
    assert.deepStrictEqual(await json("dlq", "edit", number, "--data", file, ...changes), { edited: number })
    assert.deepStrictEqual(await json("dlq", "redrive", "--dry-run"), { letters: 1 })
    assert.deepStrictEqual(await json("dlq", "redrive", number), { sent: 1 })
    await vi.waitFor(async () => assert.strictEqual(await processed(), 1), 20_000)
    assert.strictEqual((await tool("doctor")).code, 0)
  }, 120_000)

  test("NB-14 events are replayed by type and range, to everybody or to one queue, after a dry run", async () => {
    await importDump(environment)
    const created = await json("events", "replay", "--type", "vndb.vn.created", "--dry-run") as { events: number }
    assert.isAbove(created.events, 1)
    const all = await json("events", "replay", "--range", "1..999999999", "--dry-run") as { events: number }
    assert.isAbove(all.events, created.events)
    const wrong = await tool("events", "replay", "--range", "1-9")
    assert.strictEqual(wrong.code, 2)
    assert.include(wrong.err, "FROM..TO")
    assert.strictEqual((await tool("events", "replay")).code, 2)

    const nobody = await tool("events", "replay", "--type", "vndb.vn.created", "--to", "nowhere")
    assert.strictEqual(nobody.code, 1)
    assert.include(nobody.err, "Nobody consumes nowhere")
    const before = await processed() ?? 0
    const sent = await json("events", "replay", "--type", "vndb.vn.created", "--to", queue)
    assert.deepStrictEqual(sent, { sent: created.events, to: queue })
    await vi.waitFor(async () => assert.strictEqual(await processed(), before + created.events), 20_000)

    await inside(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`delete from kanau.pending`))
    const replay = ["events", "replay", "--type", "vndb.vn.created", "--name", "again"]
    assert.deepStrictEqual(await json(...replay), { name: "again", enqueued: created.events, repeated: false })
    assert.deepStrictEqual(await json(...replay), { name: "again", enqueued: created.events, repeated: true })
  }, 120_000)

  test("NF-10 a job is listed, and fired by hand as an ordinary message", async () => {
    assert.include((await tool("schedule", "list")).out, "Nobody leads")
    const fired = await json("schedule", "fire", "housekeeping") as { readonly signalId: string }
    const [event] = await inside(Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ type: string }>`select type from kanau.events where id = ${fired.signalId}`
    ))
    assert.strictEqual(event?.type, "vndb.housekeeping.due")
    const unknown = await tool("schedule", "fire", "nothing")
    assert.strictEqual(unknown.code, 1)
    assert.include(unknown.err, "no job nothing")
  }, 60_000)

  test("delayed messages are listed and cancelled, and nothing is destroyed without --yes", async () => {
    const id = await inside(Database.transaction(
      Delayed.send(new Reminder(), { deliverAt: new Date("2100-01-01T00:00:00Z"), source: "/test" })
    ))
    expect(await json("delayed", "list")).toMatchObject([{ id, deliverAt: "2100-01-01T00:00:00.000Z" }])
    const refused = await tool("delayed", "cancel", id)
    assert.strictEqual(refused.code, 2)
    assert.include(refused.err, "--yes")
    assert.deepStrictEqual(await json("delayed", "cancel", id, "--yes"), { cancelled: 1 })
    assert.include((await tool("delayed", "list")).out, "Nothing waits")

    await inside(Effect.flatMap(Bus.Bus, (bus) => bus.send(queue, { attributes: {}, data: new Uint8Array(1) })))
    await vi.waitFor(async () => assert.strictEqual((await json("dlq", "list") as []).length, 1), 20_000)
    assert.include((await tool("dlq", "purge")).err, "throw 1 letters away")
    assert.deepStrictEqual(await json("dlq", "purge", "--yes"), { purged: 1 })
  }, 120_000)
})
