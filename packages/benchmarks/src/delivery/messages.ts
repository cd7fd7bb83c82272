/** The event that is relayed and consumed, and what is said about it. */
import type { Envelope } from "@kanau/core"
import { Message } from "@kanau/core"
import { Schema } from "effect"
import { randomUUID } from "node:crypto"

export class Noted extends Message.event<Noted>()("bench.noted", {
  fields: { id: Schema.String, n: Schema.Int, text: Schema.String },
  subject: ({ id }) => id
}) {}

export const queue = { name: "bench", types: [Noted.type] }

/** Where RabbitMQ routes messages of ours. */
export const exchange = "kanau.messages"

/** Subjects of the events: as many as pages have events, twice over. */
const subjectCount = 1000

const text = "x".repeat(250)

/** The payload of event number `n`: 300 bytes. */
export const payload = (n: number): string => JSON.stringify({ id: `v${n % subjectCount}`, n, text })

/** Event number `n` as the outbox would send it. */
export const envelope = (n: number): Envelope.Envelope => ({
  id: randomUUID(),
  source: "/bench",
  type: Noted.type,
  subject: `v${n % subjectCount}`,
  time: "2026-11-21T12:00:00.000Z",
  dataschema: "1",
  datacontenttype: "application/json",
  correlationid: "018f3f7e-0000-7000-8000-000000000001",
  causationid: "018f3f7e-0000-7000-8000-000000000002",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  position: String(n + 1),
  data: Buffer.from(payload(n))
})

/** SQL that appends so many events with the columns the outbox writes; pending too, unless they are history. */
export const appendSql = (count: number, pending: boolean): string => {
  const { causationid, correlationid, datacontenttype, dataschema, source, time, traceparent, type } = envelope(0)
  return `with appended as (
    insert into kanau.events (id, type, source, subject, version, content_type, time, correlation_id, causation_id,
      traceparent, data)
    select gen_random_uuid()::text, '${type}', '${source}', 'v' || (n % ${subjectCount}), '${dataschema}',
      '${datacontenttype}', '${time}', '${correlationid}', '${causationid}', '${traceparent}',
      convert_to('{"id":"v' || (n % ${subjectCount}) || '","n":' || n || ',"text":"${text}"}', 'UTF8')
    from generate_series(1, ${count}) n
    returning position, subject
  ) ${
    pending
      ? "insert into kanau.pending (position, subject) select position, subject from appended"
      : "select count(*) from appended"
  }`
}
