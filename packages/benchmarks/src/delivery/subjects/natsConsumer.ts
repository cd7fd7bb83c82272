/** A bare JetStream consumer on the consumer of ours: `JSON.parse` and an acknowledgement per message. */
import { jetstream } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { environment } from "../connections.ts"
import { queue } from "../messages.ts"
import type { Round } from "../round.ts"
import { settled, tally } from "../round.ts"

export const prepare = async () => {
  const connection = await connect({ servers: environment("BUS_URL") })
  const { expect, tick } = tally()
  return async ({ count, prefetch }: { readonly count: number; readonly prefetch: number }): Promise<Round> => {
    const finished = expect(count)
    const consumer = await jetstream(connection).consumers.get(queue.name, "kanau")
    const messages = await consumer.consume({
      max_messages: prefetch,
      callback: (message) => {
        if (message.json<{ readonly n: number }>().n >= 0) tick()
        message.ack()
      }
    })
    const round = await finished
    await settled()
    await messages.close()
    await connection.flush()
    return round
  }
}
