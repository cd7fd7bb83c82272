import { PgClient } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Servers } from "@kanau/testing"
import { Effect, Redacted } from "effect"
import { connect } from "node:net"

const [database, vhost, nats, redis] = await Promise.all([
  Servers.postgresDatabase(),
  Servers.rabbitmqVhost(),
  Servers.natsPrefix(),
  Servers.redisPrefix()
])

it.live("a file gets an empty PostgreSQL database of its own", () =>
  Effect.gen(function*() {
    const client = yield* PgClient.PgClient
    const rows =
      yield* client`select current_database() as name, (select count(*)::int from pg_stat_user_tables) as tables`
    expect(rows).toEqual([{ name: database.name, tables: 0 }])
  }).pipe(Effect.provide(PgClient.layer({ url: Redacted.make(database.url) }))))

it("a file gets a place of its own on RabbitMQ, NATS and Redis", async () => {
  for (const { url, name, server } of [vhost, nats, redis]) {
    expect(name).toMatch(/^kanau_[0-9a-f]+$/)
    expect(server.version).toMatch(/^\d+\.\d+/)
    await reaches(new URL(url))
  }
  if (vhost.server.via !== "environment") expect(new URL(vhost.url).pathname).toBe(`/${vhost.name}`)
})

const reaches = (url: URL): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) }, () => {
      socket.destroy()
      resolve()
    })
    socket.once("error", reject)
  })
