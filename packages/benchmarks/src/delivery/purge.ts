/** Empties queues between rounds, past the bus port, which has no way to throw messages away. */
import { jetstreamManager } from "@nats-io/jetstream"
import { connect as connectNats } from "@nats-io/transport-node"
import { connect as connectRabbit } from "amqplib"

export interface Purge {
  readonly purge: (queue: string) => Promise<void>
  readonly close: () => Promise<void>
}

export const purgeAt = async (url: string): Promise<Purge> => {
  if (url.startsWith("nats:")) {
    const connection = await connectNats({ servers: url })
    const manager = await jetstreamManager(connection)
    return {
      purge: async (queue) => {
        await manager.streams.purge(queue)
      },
      close: () => connection.close()
    }
  }
  const connection = await connectRabbit(url)
  connection.on("error", () => undefined)
  const channel = await connection.createChannel()
  return {
    purge: async (queue) => {
      await channel.purgeQueue(queue)
    },
    close: () => connection.close()
  }
}
