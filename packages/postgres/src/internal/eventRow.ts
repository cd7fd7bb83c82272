/** Rows of the event log, and how many are read at a time. */
import type { Envelope } from "@kanau/core"

/** Most events of one page. */
export const pageSize = 500
/** A page ends early when its events have this many bytes together. */
export const pageBytes = 8 * 1024 * 1024

/** What an envelope is made of, of the table `kanau.events e`. */
export const envelopeColumns = `e.position, e.id, e.type, e.source, e.subject, e.version, e.content_type, e.time,
  e.correlation_id, e.causation_id, e.traceparent, e.data`

export interface EventRow {
  readonly position: bigint
  readonly id: string
  readonly type: string
  readonly source: string
  readonly subject: string
  readonly version: string
  readonly content_type: string
  readonly time: Date
  readonly correlation_id: string
  readonly causation_id: string | null
  readonly traceparent: string | null
  readonly data: Uint8Array
}

/** The envelope of a row of the event log. */
export const toEnvelope = (event: EventRow): Envelope.Envelope => ({
  id: event.id,
  source: event.source,
  type: event.type,
  subject: event.subject,
  time: event.time.toISOString(),
  dataschema: event.version,
  datacontenttype: event.content_type,
  correlationid: event.correlation_id,
  ...(event.causation_id === null ? {} : { causationid: event.causation_id }),
  ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
  position: String(event.position),
  data: event.data
})

/** The row of an envelope, without its position; `time` is that of the event. */
export const toRow = (envelope: Envelope.Envelope) => ({
  id: envelope.id,
  type: envelope.type,
  source: envelope.source,
  subject: envelope.subject,
  version: envelope.dataschema,
  content_type: envelope.datacontenttype,
  time: envelope.time,
  correlation_id: envelope.correlationid,
  causation_id: envelope.causationid ?? null,
  traceparent: envelope.traceparent ?? null,
  data: envelope.data
})
