/** A bare JetStream publisher: the messages of the relay with as many confirms in flight, and no database. */
import { jetstream } from "@nats-io/jetstream"
import { connect, headers } from "@nats-io/transport-node"
import { environment } from "../connections.ts"
import { envelope } from "../messages.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

const window = 256

export const prepare = async () => {
  const js = jetstream(await connect({ servers: environment("BUS_URL") }))
  return async ({ count, subject }: { readonly count: number; readonly subject: string }): Promise<Round> => {
    const messages = Array.from({ length: count }, (_, n) => envelope(n))
    const stop = stopwatch()
    let next = 0
    const publish = async () => {
      for (let message = messages[next++]; message !== undefined; message = messages[next++]) {
        const { data, datacontenttype, ...attributes } = message
        const made = headers()
        made.set("ce-specversion", "1.0")
        made.set("content-type", datacontenttype)
        for (const [name, value] of Object.entries(attributes)) made.set(`ce-${name}`, value)
        await js.publish(subject, data, { headers: made, msgID: `${message.source} ${message.id}` })
      }
    }
    await Promise.all(Array.from({ length: window }, publish))
    return stop(count)
  }
}
