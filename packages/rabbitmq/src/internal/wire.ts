/** Envelopes as AMQP messages: CloudEvents attributes in headers, and what retried and dead-lettered copies carry. */
import { Envelope } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import type { Message, Options } from "amqplib"

/** The prefix of the CloudEvents AMQP binding. */
const prefix = "cloudEvents_"
const specVersion = `${prefix}specversion`

/** Names that are put together anew for each message are slow as keys. */
const headerOf = new Map(Object.keys(Envelope.Attributes.fields).map((name) => [name, prefix + name]))
const attributeOf = new Map(Array.from(headerOf, ([name, header]) => [header, name]))

const header = {
  /** How many attempts have failed. */
  attempts: "x-kanau-attempts",
  error: "x-kanau-error",
  /** Names the copy. */
  id: "x-kanau-id",
  queue: "x-kanau-queue",
  reason: "x-kanau-reason",
  /** When the copy was made, ISO 8601. */
  time: "x-kanau-time"
} as const

/** Set by the broker or read by it to route; a copy that carried them would be routed or counted by its past. */
const brokerOwned = /^(x-(death|first-death-.*|last-death-.*|delivery-count|acquired-count|opt-.*)|cc|bcc)$/i

/** The properties of a first publish. */
export const properties = (envelope: Envelope.Envelope): Options.Publish =>
  ofAttributes(Envelope.toAttributes(envelope))

/** The properties of a message with these attributes, valid or not. */
export const ofAttributes = (attributes: Readonly<Record<string, string>>): Options.Publish => {
  const { datacontenttype, id } = attributes
  const headers: Record<string, string> = { [specVersion]: "1.0" }
  for (const name of Object.keys(attributes)) {
    if (name !== "datacontenttype") headers[headerOf.get(name) ?? prefix + name] = attributes[name] as string
  }
  return {
    headers,
    ...(datacontenttype === undefined ? {} : { contentType: datacontenttype }),
    // The property holds 255 bytes; the header has the whole id.
    ...(id !== undefined && Buffer.byteLength(id) <= 255 ? { messageId: id } : {})
  }
}

/** The properties of a copy that goes to a delay queue or to the dead letters: all that came, and why it goes there. */
export const copy = (
  { properties }: Message,
  failed: {
    readonly id: string
    readonly attempts: number
    readonly failure: Bus.Failure
    readonly queue: string
    readonly time: string
    /** How long it stays in a delay queue. */
    readonly waitMillis?: number
  }
): Options.Publish => {
  const headers: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(properties.headers ?? {})) {
    if (!brokerOwned.test(name)) headers[name] = value
  }
  headers[header.attempts] = failed.attempts
  headers[header.id] = failed.id
  headers[header.error] = failed.failure.error
  headers[header.queue] = failed.queue
  headers[header.reason] = failed.failure.reason
  headers[header.time] = failed.time
  // Not the expiration it had, which would drop the copy, and not the user id, which must be ours.
  const { appId, contentEncoding, contentType, correlationId, messageId, priority, replyTo, timestamp, type } =
    properties
  return {
    appId,
    contentEncoding,
    contentType,
    correlationId,
    headers,
    messageId,
    priority,
    replyTo,
    timestamp,
    type,
    ...(failed.waitMillis === undefined ? {} : { expiration: failed.waitMillis })
  }
}

/** The text attributes of a message, whoever sent it. */
export const attributes = ({ properties }: Message): Record<string, string> => {
  const found: Record<string, string> = {}
  const headers: Readonly<Record<string, unknown>> = properties.headers ?? {}
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (typeof value !== "string") continue
    const known = attributeOf.get(name)
    if (known !== undefined) found[known] = value
    else if (!name.startsWith("x-") && name !== specVersion) {
      found[name.startsWith(prefix) ? name.slice(prefix.length) : name] = value
    }
  }
  if (typeof properties.contentType === "string") found["datacontenttype"] = properties.contentType
  return found
}

/** How many attempts at a message have failed, by its header. */
export const failedAttempts = ({ properties }: Message): number => {
  const value: unknown = properties.headers?.[header.attempts]
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0
}

/** Reads a message from a dead-letter queue. */
export const deadLetter = (queue: string, message: Message): Bus.DeadLetter => {
  const { headers = {}, messageId } = message.properties
  const time = headers[header.time]
  const [death] = headers["x-death"] ?? []
  const at = typeof time === "string" ? Date.parse(time) : (death?.time.value ?? 0) * 1000
  const reason = Bus.reasons.find((each) => each === headers[header.reason])
  return {
    // The broker names nothing when it gives up a message by itself.
    id: String(headers[header.id] ?? `${messageId ?? ""}-${at}`),
    queue,
    at: Number.isFinite(at) ? at : 0,
    attributes: attributes(message),
    data: message.content,
    attempts: failedAttempts(message),
    failure: reason === undefined
      ? { reason: "retries-exhausted", error: "Its consumers went away too often without settling it" }
      : { reason, error: String(headers[header.error]) }
  }
}
