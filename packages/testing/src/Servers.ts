/**
 * Real servers for tests: PostgreSQL, RabbitMQ, NATS, Redis, MariaDB, MongoDB and Meilisearch, each with a room of its own for every test file,
 * so that files run in parallel.
 *
 * Ask at the top of a test file, outside any hook:
 *
 * ```ts
 * const database = await Servers.postgresDatabase()
 * describe("outbox", () => { it("…", () => connect(database.url)) })
 * ```
 *
 * A server is found in this order: its URL in the environment (`DATABASE_URL`, `AMQP_URL`, `NATS_URL`,
 * `REDIS_URL`, `MYSQL_URL`, `MONGODB_URL`, `MEILISEARCH_URL`); a Docker engine, with the services of `docker-compose.yml`; Debian packages, installed when this
 * runs as root. MongoDB and Meilisearch have no Debian package: without a URL or Docker they are the {@link MongoStandIn}
 * and the {@link MeiliStandIn}. When there is none, the whole file is reported as skipped, with the reason on stderr, or fails when `CI` is set.
 *
 * Needs `@kanau/testing/globalSetup` in the vitest configuration.
 */
import { afterAll, inject, TestRunner } from "vitest"
import type { Kind, Room, RoomReply, RoomRequest, Server } from "./internal/servers/server.ts"

export type { Kind, Room, Server, Via } from "./internal/servers/server.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the run hands out rooms; see `Servers`. */
    readonly servers: { readonly control: string }
  }
}

/** A room, and the server it is on. */
export interface Place extends Room {
  readonly server: Server
}

/** A new, empty PostgreSQL database. */
export const postgresDatabase = (): Promise<Place> => place("postgres")

/** A new RabbitMQ virtual host. On a broker named by `AMQP_URL` it is the given one: prefix every name with `name`. */
export const rabbitmqVhost = (): Promise<Place> => place("rabbitmq")

/** A NATS server with JetStream and a prefix for names, `name`, that no other file uses. */
export const natsPrefix = (): Promise<Place> => place("nats")

/** A Redis server with a key prefix, `name`, that no other file uses. */
export const redisPrefix = (): Promise<Place> => place("redis")

/** A new MongoDB database; `name` is the database's. */
export const mongoDatabase = (): Promise<Place> => place("mongodb")

/** A new, empty MariaDB database. */
export const mariadbDatabase = (): Promise<Place> => place("mariadb")

/**
 * A Meilisearch server and a prefix for the names of indexes, `name`, that no other file uses. Its key is in
 * `MEILISEARCH_KEY`, when it has one.
 */
export const meilisearchPrefix = (): Promise<Place> => place("meilisearch")

const place = async (kind: Kind): Promise<Place> => {
  const { file } = TestRunner.getCurrentSuite()
  const reply = await ask({ kind, file: file?.name ?? "" }) as RoomReply
  if ("room" in reply) {
    afterAll(() => ask({ close: reply.room.name }))
    return { ...reply.room, server: reply.server }
  }
  if (process.env["CI"] || file === undefined) throw new Error(reply.missing)
  process.stderr.write(`${file.name} is skipped: ${reply.missing}\n`)
  file.mode = "skip"
  return { name: "missing", url: "missing://", server: { url: "missing://", version: "", via: "environment" } }
}

const ask = async (request: RoomRequest): Promise<unknown> => {
  const response = await fetch(inject("servers").control, { method: "POST", body: JSON.stringify(request) })
  if (!response.ok) throw new Error(`A server could not be started: ${await response.text()}`)
  return response.json()
}
