/** The consumer beside bare clients and NestJS, on prefilled queues. */
import { connect } from "amqplib"
import { compare, type Options } from "./compare.ts"
import { payload, queue } from "./messages.ts"
import { database, loadBus, type Servers } from "./servers.ts"
import { launch } from "./subjects.ts"

const prefetch = 100

export const consuming = async (bench: string, servers: Servers, options: Options): Promise<void> => {
  const count = options.quick ? 10_000 : 20_000
  const rounds = options.quick ? 3 : 5
  const own = await database(servers.postgres.url, "bus", true)
  await own.query("create table bare_queue (id bigint generated always as identity primary key, data bytea not null)")

  for (const broker of ["rabbitmq", "nats", "postgres"] as const) {
    const BUS_URL = broker === "postgres" ? own.url : servers[broker].url
    const bus = loadBus(BUS_URL)
    const environment = { BUS_URL, DATABASE_URL: own.url }
    const consumer = await launch("consumer", environment)
    const bare = await launch(
      broker === "rabbitmq" ? "amqpConsumer" : broker === "nats" ? "natsConsumer" : "pgConsumer",
      environment
    )
    const nest = broker === "rabbitmq" ? await launch("nest", environment) : undefined
    const filled = async () => {
      await bus.fill(count)
      await bus.expectReady(queue.name, count)
    }
    await compare({
      bench,
      case: `consumer on ${broker}`,
      rounds,
      ours: async () => {
        await filled()
        const round = await consumer.ask({ count, prefetch })
        await bus.expectReady(queue.name, 0)
        return round
      },
      peers: [
        {
          name: `bare ${{ rabbitmq: "amqplib", nats: "JetStream", postgres: "pg" }[broker]}`,
          round: async () => {
            if (broker === "postgres") {
              await own.query(
                `insert into bare_queue (data) select convert_to(replace($1, '"n":0', '"n":' || n), 'UTF8')
                from generate_series(1, ${count}) n`,
                [payload(0)]
              )
              await own.query("vacuum (analyze) bare_queue")
            } else await filled()
            const round = await bare.ask({ count, prefetch })
            await bus.expectReady(queue.name, 0)
            return round
          },
          ...(broker === "rabbitmq" ? { goal: { atLeast: 0.9 } } : {})
        },
        ...(nest === undefined ? [] : [{
          name: "NestJS",
          round: async () => {
            await fillNest(BUS_URL, count)
            return nest.ask({ count, prefetch })
          },
          goal: { atLeast: 2.5 }
        }])
      ]
    })
    await Promise.all([consumer.child.stop(), bare.child.stop(), nest?.child.stop(), bus.close()])
  }
  await own.close()
}

/** The same events in the form NestJS reads; fails unless those of the last round are gone. */
const fillNest = async (url: string, count: number): Promise<void> => {
  const connection = await connect(url)
  const channel = await connection.createConfirmChannel()
  const { messageCount } = await channel.assertQueue("nest", {
    durable: true,
    arguments: { "x-queue-type": "quorum" }
  })
  if (messageCount > 0) throw new Error(`NestJS left ${messageCount} messages`)
  for (let n = 0; n < count; n++) {
    const content = Buffer.from(`{"pattern":"noted","data":${payload(n)}}`)
    if (!channel.sendToQueue("nest", content, { persistent: true })) await channel.waitForConfirms()
  }
  await channel.waitForConfirms()
  await connection.close()
}
