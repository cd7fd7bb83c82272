/** The servers of a run, each started once, and the databases in them. */
import { Bus } from "@kanau/messaging"
import { Migrations } from "@kanau/postgres"
import * as OwnServers from "@kanau/testing/OwnServers"
import { Effect, ManagedRuntime } from "effect"
import { Client } from "pg"
import { busAt, databaseAt } from "./connections.ts"
import { envelope } from "./messages.ts"

export interface Servers {
  readonly postgres: OwnServers.OwnServer
  readonly rabbitmq: OwnServers.OwnServer
  readonly nats: OwnServers.OwnServer
  readonly redis: OwnServers.OwnServer
  readonly stop: () => Promise<void>
}

export const startServers = async (): Promise<Servers> => {
  const [postgres, rabbitmq, nats, redis] = await Promise.all([
    OwnServers.postgres({ durable: true }),
    OwnServers.rabbitmq(),
    OwnServers.nats(),
    OwnServers.redis()
  ])
  const stop = async () => {
    await Promise.all([postgres, rabbitmq, nats, redis].map((server) => server.stop()))
  }
  return { postgres, rabbitmq, nats, redis, stop }
}

/** A database and a connection of the load generator to it. */
export interface PostgresDatabase {
  readonly url: string
  readonly query: <Row>(sql: string, values?: ReadonlyArray<unknown>) => Promise<ReadonlyArray<Row>>
  readonly close: () => Promise<void>
}

/** A new database; with our tables, unless it is for a peer. */
export const database = async (server: string, name: string, ours: boolean): Promise<PostgresDatabase> => {
  const admin = new Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database "${name}"`)
  await admin.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  if (ours) await Effect.runPromise(Effect.provide(Migrations.run(Migrations.kanau), databaseAt(url.href)))
  const client = new Client({ connectionString: url.href })
  // It ends with its server when a run is broken off; its queries say so.
  client.on("error", () => undefined)
  await client.connect()
  return {
    url: url.href,
    query: async <Row>(sql: string, values: ReadonlyArray<unknown> = []) =>
      (await client.query<Row & object>(sql, [...values])).rows,
    close: () => client.end()
  }
}

/** The load generator's own way to a bus. */
export const loadBus = (url: string) => {
  const runtime = ManagedRuntime.make(busAt(url))
  const use = <A>(work: (bus: Bus.BusService) => Effect.Effect<A, unknown>): Promise<A> =>
    runtime.runPromise(Effect.flatMap(Bus.Bus, work))
  return {
    use,
    /** Publishes so many events. */
    fill: (count: number) =>
      use((bus) => {
        let n = 0
        return Effect.forEach(
          Array.from({ length: 256 }),
          () => Effect.whileLoop({ while: () => n < count, body: () => bus.publish(envelope(n++)), step: () => {} }),
          { concurrency: 256, discard: true }
        )
      }),
    /** Fails unless the queue is empty. */
    expectReady: async (queue: string, count: number) => {
      // The broker's count lags behind; what is wrong stays wrong.
      for (let tries = 0;; tries++) {
        const status = await use((bus) => bus.status(queue))
        if (status?.ready === count && status.deadLetters === 0) return
        if (tries === 40) throw new Error(`${queue} holds ${JSON.stringify(status)} instead of ${count} messages`)
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    },
    close: () => runtime.dispose()
  }
}
