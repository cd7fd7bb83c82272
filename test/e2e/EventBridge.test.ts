/** The event bridge as the process it is in production, on a PostgreSQL and a RabbitMQ that come and go. */
import { assert, describe, it } from "@effect/vitest"
import { Bus } from "@kanau/messaging"
import { RabbitBus } from "@kanau/rabbitmq"
import { FaultProxy, Servers } from "@kanau/testing"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll } from "vitest"
import * as OwnBroker from "../../packages/rabbitmq/test/ownBroker.ts"
import { database, eventually, rooms, start } from "./system.ts"

const direct = await rooms()
const place = await Servers.postgresDatabase()
const target = new URL(place.url)

let broker: OwnBroker.OwnBroker
let proxy: FaultProxy.FaultProxy
if (OwnBroker.missing === undefined) {
  beforeAll(async () => {
    broker = await OwnBroker.start()
    proxy = await FaultProxy.start({ host: target.hostname, port: Number(target.port) })
  }, 60_000)
  afterAll(async () => {
    await proxy.close()
    await broker.stop()
  })
}

interface Change {
  readonly id: string
  readonly subject: string
  readonly n: number
  readonly note: string
}

/** Everything the queue of the changes is given, in the order it came. */
const collecting = (types: ReadonlyArray<string>, seen: Array<Change>) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    yield* Effect.retry(bus.declare({ name: "changes", types }), { times: 50 })
    yield* bus.consume("changes", { prefetch: 1 }, ({ envelope }) =>
      Effect.sync((): Bus.Settlement => {
        const { new: row } = JSON.parse(new TextDecoder().decode(envelope.data)) as { new: Omit<Change, "id"> }
        seen.push({ ...row, id: envelope.id, subject: envelope.subject })
        return { _tag: "Ack" }
      }))
  })

describe.skipIf(OwnBroker.missing !== undefined)("The event bridge on real servers", () => {
  for (const source of ["triggers", "replication"] as const) {
    it.live(
      `SH-12 ${source}: PostgreSQL cut off, RabbitMQ restarted and the bridge killed during 1000 updates of 20 kB`,
      () =>
        Effect.gen(function*() {
          const environment = {
            ...direct,
            DATABASE_URL: place.url.replace(target.host, `127.0.0.1:${proxy.port}`),
            AMQP_URL: broker.url,
            BRIDGE_SOURCE: source,
            BRIDGE_NAME: `e2e_${source}`,
            BRIDGE_TABLES: JSON.stringify([{ table: `public.${source}`, key: ["id"], prefix: `shop.${source}` }])
          }
          const sql = yield* SqlClient.SqlClient
          yield* sql.unsafe(`create table ${source} (id integer primary key, n integer not null, note text)`)
          const seen: Array<Change> = []
          yield* collecting([`shop.${source}.changed`], seen)
          let bridge = yield* Effect.promise(() => start("event-bridge", environment))
          const captures = source === "triggers"
            ? sql`select 1 from pg_trigger where tgname = '0_kanau_e2e_triggers_truncate'`
            : sql`select 1 from pg_replication_slots where slot_name = 'kanau_e2e_replication' and active`
          yield* Effect.repeat(Effect.delay(captures, "20 millis"), { until: (rows) => rows.length > 0 })
          yield* sql.unsafe(`insert into ${source} select id, 0, '' from generate_series(1, 10) id`)
          let restarting: Promise<void> = Promise.resolve()
          for (let round = 1; round <= 100; round++) {
            yield* sql.unsafe(`update ${source} set n = ${round}, note = repeat(chr(${200 + round}), 10000)`)
            if (round === 20 || round === 70) proxy.reset()
            if (round === 30) proxy.set({ down: true })
            if (round === 35) proxy.set({})
            if (round === 40) restarting = broker.restart()
            if (round === 50) proxy.set({ blackhole: true })
            if (round === 55) {
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
          yield* Effect.promise(() =>
            eventually(
              "every change has come",
              async () => new Set(seen.map(({ id }) => id)).size >= 1010,
              90_000
            )
          )
          const ids = new Set<string>()
          const firsts = seen.filter(({ id }) => !ids.has(id) && ids.add(id))
          const bySubject = Map.groupBy(firsts, ({ subject }) => subject)
          assert.strictEqual(bySubject.size, 10)
          for (const changes of bySubject.values()) {
            assert.deepStrictEqual(changes.map(({ n }) => n), Array.from({ length: 101 }, (_, n) => n))
            assert.ok(
              changes.every(({ n, note }) => note === (n === 0 ? "" : String.fromCharCode(200 + n).repeat(10000)))
            )
          }
          bridge.signal("SIGTERM")
          assert.strictEqual(yield* Effect.promise(() => bridge.ended), 0)
        }).pipe(
          Effect.scoped,
          Effect.provide(Layer.unwrap(Effect.sync(() =>
            Layer.merge(
              database({ ...direct, DATABASE_URL: place.url }),
              RabbitBus.layer({ url: Redacted.make(broker.url) })
            )
          )))
        ),
      180_000
    )
  }
})
