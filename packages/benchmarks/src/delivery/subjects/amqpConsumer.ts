/** A bare `amqplib` consumer: `JSON.parse` and an acknowledgement per message. */
import { connect } from "amqplib"
import { environment } from "../connections.ts"
import { queue } from "../messages.ts"
import type { Round } from "../round.ts"
import { settled, tally } from "../round.ts"

export const prepare = async () => {
  const connection = await connect(environment("BUS_URL"), { noDelay: true })
  const { expect, tick } = tally()
  return async ({ count, prefetch }: { readonly count: number; readonly prefetch: number }): Promise<Round> => {
    const channel = await connection.createChannel()
    await channel.prefetch(prefetch)
    const finished = expect(count)
    await channel.consume(queue.name, (message) => {
      if (message === null) return
      const { n } = JSON.parse(message.content.toString()) as { readonly n: number }
      if (n >= 0) tick()
      channel.ack(message)
    })
    const round = await finished
    await settled()
    await channel.close()
    return round
  }
}
