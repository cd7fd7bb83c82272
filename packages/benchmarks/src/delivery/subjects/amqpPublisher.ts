/** A bare `amqplib` publisher: the messages of the relay with as many confirms in flight, and no database. */
import type { ConfirmChannel } from "amqplib"
import { connect } from "amqplib"
import { environment } from "../connections.ts"
import { envelope, exchange } from "../messages.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

/** Most publishes that wait for their confirm, as in the relay. */
const window = 256

export const prepare = async () => {
  const connection = await connect(environment("BUS_URL"), { noDelay: true })
  const channel = await connection.createConfirmChannel()
  return async ({ count }: { readonly count: number }): Promise<Round> => {
    const messages = Array.from({ length: count }, (_, n) => envelope(n))
    const stop = stopwatch()
    await publishAll(channel, messages)
    return stop(count)
  }
}

const publishAll = (channel: ConfirmChannel, messages: ReadonlyArray<ReturnType<typeof envelope>>): Promise<void> =>
  new Promise((resolve, reject) => {
    let next = 0
    let confirmed = 0
    const confirm = (error: Error | null) => {
      if (error !== null) return reject(error)
      confirmed++
      if (confirmed === messages.length) resolve()
      else publish()
    }
    const publish = () => {
      const message = messages[next++]
      if (message === undefined) return
      const { data, id } = message
      channel.publish(exchange, message.type, Buffer.from(data.buffer, data.byteOffset, data.byteLength), {
        persistent: true,
        mandatory: true,
        messageId: id,
        contentType: message.datacontenttype,
        headers: {
          cloudEvents_specversion: "1.0",
          cloudEvents_id: id,
          cloudEvents_source: message.source,
          cloudEvents_type: message.type,
          cloudEvents_subject: message.subject,
          cloudEvents_time: message.time,
          cloudEvents_dataschema: message.dataschema,
          cloudEvents_correlationid: message.correlationid,
          cloudEvents_causationid: message.causationid,
          cloudEvents_traceparent: message.traceparent,
          cloudEvents_position: message.position
        }
      }, confirm)
    }
    for (let each = 0; each < window; each++) publish()
  })
