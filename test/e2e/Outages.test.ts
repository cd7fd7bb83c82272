/**
 * Each server of the system is killed under load and comes back: the roles find back to it by themselves.
 *
 * PostgreSQL and RabbitMQ are servers of this file's own, ended without warning and started again on their data. The view store and
 * the search engine may be stand-ins, which keep their data in memory, so that a killed one would lose what a real one
 * keeps: these two stand behind a proxy that cuts every connection and refuses new ones for as long as they are "down".
 */
import { Bus } from "@kanau/messaging"
import { DeadLetters } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { OwnServers } from "@kanau/testing"
import { accounts } from "@kanau/vndb"
import { Effect, Logger, Redacted } from "effect"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Load from "./load.ts"
import {
  behindProxy,
  database,
  differing,
  type Environment,
  eventually,
  importDump,
  type Role,
  rooms,
  start
} from "./system.ts"

const shared = await rooms()
const viewStore = await behindProxy(shared.MONGODB_URL)
const searchEngine = await behindProxy(shared.MEILISEARCH_URL)

/** Where this test finds the servers, and where the roles do. */
let direct: Environment
let postgres: OwnServers.OwnServer
let rabbitmq: OwnServers.OwnServer
let handler: Role
let gateway: Role

/** What operators would look at: messages of the queues in their states, and dead letters that were collected. */
const left = () =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const queues = yield* Effect.forEach(accounts, ({ queue }) => bus.status(queue))
    const sum = (count: (status: Bus.QueueStatus) => number) =>
      queues.reduce((total, status) => total + (status === undefined ? NaN : count(status)), 0)
    return {
      waiting: sum(({ delayed, ready }) => ready + delayed),
      deadLetters: sum(({ deadLetters }) => deadLetters) + (yield* DeadLetters.count({}))
    }
  }).pipe(
    Effect.provide([database(direct), RabbitBus.layer({ url: Redacted.make(direct.AMQP_URL) })]),
    // It connects anew each time, which nobody needs to be told.
    Effect.provide(Logger.layer([])),
    Effect.runPromise
  )

/** Ids of all kinds that the public search finds, if it answers. */
const found = async (text: string): Promise<ReadonlyArray<string> | undefined> => {
  const response = await fetch(`${gateway.url}/v1/search?q=${text}`)
  if (response.status !== 200) return undefined
  const { hits } = await response.json() as { readonly hits: ReadonlyArray<{ readonly id: string }> }
  return hits.map(({ id }) => id)
}

interface Outage {
  readonly begin: () => Promise<void>
  readonly end: () => Promise<void>
  /** Who may be refused meanwhile, and how. */
  readonly refused: Partial<Record<keyof Load.Answers, ReadonlyArray<string>>>
}

/** Ends and starts again a server amid load, and sees everything come right. */
const survives = async (server: string, { begin, end, refused }: Outage): Promise<void> => {
  const load = Load.begin(server, ["v1", "v2", "v3", "v4", "v5"], handler, gateway)
  await load.shown(20_000)
  load.count()
  await begin()
  const gone = performance.now()
  await pause(2500)
  await end()
  const downMillis = performance.now() - gone
  const down = load.count()
  const back = performance.now()
  await load.shown(30_000)
  const shownMillis = performance.now() - back
  await load.stop()
  const after = load.count()

  await eventually(
    "every document equals a full derivation",
    async () => (await differing(direct)).length === 0,
    30_000
  )
  for (const { id, made: [before, last] } of load.pages) {
    await eventually(
      `the search finds ${id} by its last title`,
      async () => (await found(Load.wordOf(server, id, last)))?.includes(id) === true,
      30_000
    )
    await eventually(
      `the search finds nothing by the title of ${id} before that`,
      async () => (await found(Load.wordOf(server, id, before)))?.length === 0
    )
  }
  const currentMillis = performance.now() - back
  await eventually("no message waits", async () => (await left()).waiting === 0, 30_000)
  assert.strictEqual((await left()).deadLetters, 0)

  for (const kind of ["edits", "pages", "searches"] as const) {
    const statuses = Object.keys({ ...down[kind], ...after[kind] })
    assert.includeMembers(["200", ...(refused[kind] ?? [])], statuses, kind)
    // Whoever does not need the server goes on without it.
    assert.isAbove((kind in refused ? after : down)[kind][200] ?? 0, 0, kind)
  }
  const millis = Object.entries({ downMillis, shownMillis, currentMillis, drainedMillis: performance.now() - back })
  const figures = { ...Object.fromEntries(millis.map(([name, value]) => [name, Math.round(value)])), down, after }
  process.stdout.write(`outage of ${server}: ${JSON.stringify(figures)}\n`)
}

describe.skipIf(OwnServers.missing !== undefined)("Outages on real servers", () => {
  beforeAll(async () => {
    ;[postgres, rabbitmq] = await Promise.all([OwnServers.postgres(), OwnServers.rabbitmq()])
    direct = { ...shared, DATABASE_URL: postgres.url, AMQP_URL: rabbitmq.url }
    const environment = { ...direct, MONGODB_URL: viewStore.url, MEILISEARCH_URL: searchEngine.url }
    ;[handler, gateway] = await Promise.all([
      start("user-request-handler", environment),
      start("api-gateway", environment),
      start("view-manager", environment),
      start("event-handler", environment)
    ])
    await importDump(direct)
    await eventually("every imported entry is shown and found", async () => (await left()).waiting === 0, 60_000)
  }, 120_000)
  afterAll(() => Promise.all([postgres, rabbitmq].map((server) => server.stop())))

  it(
    "NV-1 NF-4 PostgreSQL is killed under load: pages and search go on, all edits that were made are shown",
    () => survives("PostgreSQL", { begin: postgres.crash, end: postgres.start, refused: { edits: ["503"] } }),
    120_000
  )

  it(
    "NV-1 NF-5 RabbitMQ is killed under load: edits, pages and search go on, and what was edited is shown after",
    () => survives("RabbitMQ", { begin: rabbitmq.crash, end: rabbitmq.start, refused: {} }),
    120_000
  )

  it(
    "NV-2 the view store is gone under load: edits and search go on, and every page catches up",
    () => survives("view-store", { begin: viewStore.cut, end: viewStore.mend, refused: { pages: ["503"] } }),
    120_000
  )

  it(
    "NV-6 the search engine is gone under load: edits and pages go on, and the search catches up",
    () =>
      survives("search-engine", { begin: searchEngine.cut, end: searchEngine.mend, refused: { searches: ["503"] } }),
    120_000
  )
})
