import type * as PgClient from "@effect/sql-pg/PgClient"
import { BusConformance, FaultProxy, OwnServers, Servers } from "@kanau/testing"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll } from "vitest"
import { Database, Migrations, PgBus } from "../src/index.ts"
import { embedded as inProcess } from "./embedded.ts"

const migrated = Layer.effectDiscard(Migrations.run(Migrations.kanau))
type Clients = PgClient.PgClient | SqlClient.SqlClient

/** A database that stays for the whole file. */
const keep = async (database: Layer.Layer<Clients, unknown>) => {
  const runtime = ManagedRuntime.make(Layer.provideMerge(migrated, database))
  afterAll(() => runtime.dispose())
  const services = await runtime.context()
  return {
    bus: (room: string) =>
      PgBus.layer({ prefix: room, leaseSeconds: 5 }).pipe(Layer.provide(Layer.succeedContext(services))),
    query: <A>(use: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
      runtime.runPromise(Effect.flatMap(SqlClient.SqlClient, use))
  }
}

type Kept = Awaited<ReturnType<typeof keep>>

const stranger =
  ({ query }: Kept) => (room: string, queue: string, data: Uint8Array, headers: Record<string, string>) =>
    query((sql) =>
      Effect.asVoid(sql`insert into kanau.bus_messages (queue, attributes, data)
      values (${room + queue}, ${JSON.stringify(headers)}, ${data})`)
    )

const inspect = ({ query }: Kept) => (room: string, queue: string) =>
  query((sql) =>
    Effect.map(
      sql<{ queue: boolean; message: boolean }>`select
        exists (select 1 from kanau.bus_queues where name = ${room + queue}) as queue,
        exists (select 1 from kanau.bus_messages where queue = ${room + queue}) as message
        from pg_class where oid = 'kanau.bus_messages'::regclass and relpersistence = 'p'`,
      ([row]) => ({ durableQueue: row?.queue ?? false, persistentMessage: row?.message ?? false })
    )
  )

// A server of its own where there can be one, because it is crashed.
const own = OwnServers.missing === undefined ? await OwnServers.postgres() : undefined
afterAll(() => own?.stop())
const place = own ?? await Servers.postgresDatabase()
const serverAt = (url: string) =>
  Database.layer({ url: Redacted.make(url), applicationName: "test", maxConnections: 20 })
const server = await keep(serverAt(place.url))

BusConformance.suite("PostgreSQL bus", server.bus, {
  connection: async (room) => {
    const url = new URL(place.url)
    const proxy = await FaultProxy.start({ host: url.hostname, port: Number(url.port || 5432) })
    url.hostname = "127.0.0.1"
    url.port = String(proxy.port)
    return {
      layer: PgBus.layer({ prefix: room, leaseSeconds: 5 }).pipe(Layer.provide(serverAt(url.href))),
      cut: () => proxy.set({ down: true }),
      // As if the loss had outlasted the lease: what was in hand has been given to others.
      restore: () =>
        void server.query((sql) =>
          sql`with gone as (
              delete from kanau.bus_owners where array_to_string(queues, ' ') like ${`%${room}%`}
            ) update kanau.bus_messages set owner = null where queue like ${`${room}%`}`
        ).finally(() => proxy.set({})),
      close: proxy.close
    }
  },
  stranger: stranger(server),
  inspect: inspect(server),
  restartBroker: own === undefined ? { skip: OwnServers.missing ?? "" } : async () => {
    await own.crash()
    await own.start()
  }
})

const embedded = await keep(inProcess)

BusConformance.suite("PostgreSQL bus, embedded", embedded.bus, {
  connection: { skip: "there is no connection that could be cut" },
  stranger: stranger(embedded),
  inspect: inspect(embedded),
  restartBroker: { skip: "it is this process" }
})
