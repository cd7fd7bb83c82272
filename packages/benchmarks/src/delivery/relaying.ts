/** The relay beside bare publishers, job queues, and itself with more history. */
import { compare, type Options } from "./compare.ts"
import { appendSql, queue } from "./messages.ts"
import { purgeAt } from "./purge.ts"
import { database, loadBus, type PostgresDatabase, type Servers } from "./servers.ts"
import { launch } from "./subjects.ts"

/** Puts so many events into the log and the pending list; the position of the last. */
export const preload = async (into: PostgresDatabase, count: number): Promise<string> => {
  await into.query(appendSql(count, true))
  // The list has gone through many rounds; what earlier ones left behind is not part of this one.
  await into.query("vacuum (analyze) kanau.pending")
  await into.query("analyze kanau.events")
  const [row] = await into.query<{ readonly last: string }>("select max(position) as last from kanau.pending")
  return row?.last ?? ""
}

export const relaying = async (bench: string, servers: Servers, options: Options): Promise<void> => {
  const count = options.quick ? 10_000 : 20_000
  const rounds = options.quick ? 3 : 5
  const own = await database(servers.postgres.url, "relay", true)
  const peers = await database(servers.postgres.url, "jobs", false)

  for (const [broker, bare] of [["rabbitmq", "amqpPublisher"], ["nats", "natsPublisher"]] as const) {
    const BUS_URL = servers[broker].url
    const bus = loadBus(BUS_URL)
    const relay = await launch("relay", { DATABASE_URL: own.url, BUS_URL })
    const publisher = await launch(bare, { BUS_URL })
    const { close, purge } = await purgeAt(BUS_URL)
    const ours = async () => {
      await own.query("truncate kanau.events, kanau.pending, kanau.parked")
      const round = await relay.ask({ count, last: await preload(own, count) })
      await bus.expectReady(queue.name, count)
      await purge(queue.name)
      return round
    }
    const theirs = async () => {
      const round = await publisher.ask({ count, subject: `kanau.queue.${queue.name}` })
      await bus.expectReady(queue.name, count)
      await purge(queue.name)
      return round
    }
    await compare({
      bench,
      case: `relay to ${broker}`,
      rounds,
      ours,
      peers: [{
        name: `bare ${broker === "nats" ? "JetStream" : "amqplib"} publisher`,
        round: theirs,
        ...(broker === "rabbitmq" ? { goal: { atLeast: 0.9 } } : {})
      }]
    })
    await publisher.child.stop()
    if (broker === "rabbitmq") {
      const environment = { DATABASE_URL: peers.url, REDIS_URL: servers.redis.url }
      const [graphile, pgBoss, bullmq] = await Promise.all([
        launch("graphile", environment),
        launch("pgBoss", environment),
        launch("bullmq", environment)
      ])
      const goal = { atLeast: 1 }
      await compare({
        bench,
        case: "relay beside job queues",
        rounds,
        ours,
        peers: [
          { name: "graphile-worker, batched", round: () => graphile.ask({ count }), goal },
          { name: "pg-boss, batches of 500", round: () => pgBoss.ask({ count, batchSize: 500 }), goal },
          { name: "BullMQ, 50 at a time", round: () => bullmq.ask({ count }), goal }
        ]
      })
      await Promise.all([graphile, pgBoss, bullmq].map(({ child }) => child.stop()))
    }
    await relay.child.stop()
    await Promise.all([close(), bus.close()])
  }
  await Promise.all([own.close(), peers.close()])
}
