/** The event bridge as the process it is in production, on servers that crash. */
import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import { Database } from "@kanau/postgres"
import { RabbitBus } from "@kanau/rabbitmq"
import { FaultProxy, OwnServers } from "@kanau/testing"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll } from "vitest"
import { eventually, start } from "./system.ts"

let postgres: OwnServers.OwnServer
let proxy: FaultProxy.FaultProxy
let buses: Readonly<Record<"RabbitMQ" | "NATS", OwnServers.OwnServer>>

if (OwnServers.missing === undefined) {
  beforeAll(async () => {
    const [own, rabbitmq, nats] = await Promise.all([OwnServers.postgres(), OwnServers.rabbitmq(), OwnServers.nats()])
    postgres = own
    buses = { RabbitMQ: rabbitmq, NATS: nats }
    const { hostname, port } = new URL(own.url)
    proxy = await FaultProxy.start({ host: hostname, port: Number(port) })
  }, 120_000)
  afterAll(async () => {
    await proxy.close()
    await Promise.all([postgres.stop(), buses.RabbitMQ.stop(), buses.NATS.stop()])
  })
}

interface Change {
  readonly id: string
  readonly subject: string
  readonly n: number
  readonly note: string
}

/** Everything the queue of a table's changes is given, in the order it came. */
const collecting = (table: string) =>
  Effect.gen(function*() {
    const seen: Array<Change> = []
    const bus = yield* Bus.Bus
    yield* Effect.retry(bus.declare({ name: table, types: [`${table}.changed`] }), { times: 50 })
    // RabbitMQ 3.10 forgets the leader of a quorum queue that was declared within a second of its crash: publishers and
    // consumers of it hang from then on, until it ends their connections with an internal error.
    yield* Effect.sleep("3 seconds")
    yield* bus.consume(table, { prefetch: 1 }, ({ envelope }) =>
      Effect.sync((): Bus.Settlement => {
        const { new: row } = JSON.parse(new TextDecoder().decode(envelope.data)) as { new: Omit<Change, "id"> }
        seen.push({ ...row, id: envelope.id, subject: envelope.subject })
        return { _tag: "Ack" }
      }))
    return seen
  })

const restart = async (server: OwnServers.OwnServer): Promise<void> => {
  await server.crash()
  await server.start()
}

describe.skipIf(OwnServers.missing !== undefined)("The event bridge on real servers", () => {
  for (const kind of ["RabbitMQ", "NATS"] as const) {
    for (const source of ["triggers", "replication"] as const) {
      const table = `${source}_${kind}`.toLowerCase()
      it.live(
        `SH-12 ${source}: PostgreSQL and ${kind} crash, connections are cut, the bridge is killed, during 1000 updates of 20 kB`,
        () =>
          Effect.gen(function*() {
            const environment = {
              DATABASE_URL: postgres.url.replace(new URL(postgres.url).host, `127.0.0.1:${proxy.port}`),
              [kind === "NATS" ? "NATS_URL" : "AMQP_URL"]: buses[kind].url,
              BRIDGE_SOURCE: source,
              BRIDGE_NAME: table,
              BRIDGE_TABLES: JSON.stringify([{ table: `public.${table}`, key: ["id"], prefix: table }])
            }
            const sql = yield* SqlClient.SqlClient
            yield* sql.unsafe(`create table ${table} (id integer primary key, n integer not null, note text)`)
            const seen = yield* collecting(table)
            let bridge = yield* Effect.promise(() => start("event-bridge", environment))
            const captures = source === "triggers"
              ? sql`select 1 from pg_trigger where tgname = ${`0_kanau_${table}_truncate`}`
              : sql`select 1 from pg_replication_slots join kanau.bridge_slots on slot = slot_name
                where slot_name = ${`kanau_${table}`} and active`
            yield* Effect.repeat(
              Effect.delay(Effect.orElseSucceed(captures, () => []), "20 millis"),
              { until: (rows) => rows.length > 0 }
            )
            yield* sql.unsafe(`insert into ${table} select id, 0, '' from generate_series(1, 10) id`)
            let restarting: Promise<void> = Promise.resolve()
            for (let round = 1; round <= 100; round++) {
              // The writer's own connection dies with the server; whether it had committed shows in the rows.
              yield* Effect.retry(
                sql.unsafe(
                  `update ${table} set n = ${round}, note = repeat(chr(${200 + round}), 10000) where n = ${round - 1}`
                ),
                { schedule: Schedule.spaced("100 millis"), times: 200 }
              )
              if (round === 20) proxy.reset()
              if (round === 30) restarting = restart(postgres)
              if (round === 40) {
                yield* Effect.promise(() => restarting)
                restarting = restart(buses[kind])
              }
              if (round === 50) proxy.set({ blackhole: true })
              if (round === 60) {
                proxy.reset()
                proxy.set({})
              }
              if (round === 80) {
                yield* Effect.promise(() => restarting)
                bridge.signal("SIGKILL")
                yield* Effect.promise(() => bridge.ended)
                bridge = yield* Effect.promise(() => start("event-bridge", environment))
              }
            }
            const ids = () => new Set(seen.map(({ id }) => id)).size
            yield* Effect.promise(() => eventually("every change has come", async () => ids() >= 1010, 90_000))
            const known = new Set<string>()
            const firsts = seen.filter(({ id }) => !known.has(id) && known.add(id))
            const bySubject = Map.groupBy(firsts, ({ subject }) => subject)
            assert.strictEqual(bySubject.size, 10)
            for (const changes of bySubject.values()) {
              assert.deepStrictEqual(changes.map(({ n }) => n), Array.from({ length: 101 }, (_, n) => n))
              const noteOf = (n: number) => n === 0 ? "" : String.fromCharCode(200 + n).repeat(10_000)
              assert.ok(changes.every(({ n, note }) => note === noteOf(n)))
            }
            bridge.signal("SIGTERM")
            assert.strictEqual(yield* Effect.promise(() => bridge.ended), 0)
          }).pipe(
            Effect.scoped,
            Effect.provide(Layer.unwrap(Effect.sync(() => {
              const url = Redacted.make(buses[kind].url)
              const bus: Layer.Layer<Bus.Bus> = kind === "NATS" ? NatsBus.layer({ url }) : RabbitBus.layer({ url })
              return Layer.merge(
                Database.layer({ url: Redacted.make(postgres.url), applicationName: "test" }),
                bus
              )
            })))
          ),
        180_000
      )
    }
  }
})
