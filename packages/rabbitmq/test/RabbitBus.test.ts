import { RabbitBus } from "@kanau/rabbitmq"
import { BusConformance, FaultProxy, Servers } from "@kanau/testing"
import { connect } from "amqplib"
import { Redacted } from "effect"

const place = await Servers.rabbitmqVhost()
const prefixOf = (room: string) => `${place.name}.${room}`
const layer = (room: string, url = place.url) =>
  RabbitBus.layer({ url: Redacted.make(url), prefix: prefixOf(room), delays: [50, 200] })

BusConformance.suite("RabbitMQ bus", layer, {
  connection: async (room) => {
    const proxy = await FaultProxy.inFrontOf(place.url)
    return {
      layer: layer(room, proxy.url),
      cut: () => proxy.set({ down: true }),
      restore: () => proxy.set({}),
      close: proxy.close
    }
  },
  stranger: async (room, queue, data, headers) => {
    const model = await connect(place.url)
    const channel = await model.createConfirmChannel()
    channel.sendToQueue(prefixOf(room) + queue, Buffer.from(data), { headers })
    await channel.waitForConfirms()
    await model.close()
  },
  inspect: async (room, queue) => {
    const model = await connect(place.url)
    const channel = await model.createChannel()
    // Declaring with other properties than the queue has is refused.
    const same = await channel.assertQueue(prefixOf(room) + queue, {
      durable: true,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 100,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": `${prefixOf(room)}${queue}.dlq`,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish"
      }
    }).then(() => true, () => false)
    const message = await channel.get(prefixOf(room) + queue)
    await model.close()
    return { durableQueue: same, persistentMessage: message !== false && message.properties.deliveryMode === 2 }
  },
  restartBroker: { skip: "the broker is shared with other test files; Faults.test.ts kills one of its own" }
})
