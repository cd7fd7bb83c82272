/**
 * Envelopes as NATS messages: CloudEvents attributes in headers, percent-encoded as the CloudEvents binding for NATS
 * says, and what retried and dead-lettered copies carry.
 */
import { Envelope } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import type { MsgHdrs } from "@nats-io/transport-node"
import { MsgHdrsImpl } from "@nats-io/transport-node"

/** The prefix of the CloudEvents NATS binding. */
const prefix = "ce-"
const specVersion = `${prefix}specversion`

/** Names that are put together anew for each message are slow as keys. */
const headerOf = new Map(Object.keys(Envelope.Attributes.fields).map((name) => [name, prefix + name]))
  .set("datacontenttype", "content-type")
const attributeOf = new Map(Array.from(headerOf, ([name, header]) => [header, name]))

const header = {
  /** How many attempts have failed. */
  attempts: "Kanau-Attempts",
  /** When a delayed copy is due, in milliseconds since 1970. */
  due: "Kanau-Due",
  error: "Kanau-Error",
  /** Names the copy. */
  id: "Kanau-Id",
  queue: "Kanau-Queue",
  reason: "Kanau-Reason",
  /** When the copy was made, ISO 8601. */
  time: "Kanau-Time",
  /** JetStream stores a message with the same one only once within the window of its stream. */
  messageId: "Nats-Msg-Id"
} as const

/** Ours, and what the server sets or obeys: a copy that carried them would be judged by its past. */
const owned = /^(kanau|nats)-/i

/** A message as the client hands it over. */
export interface Incoming {
  readonly headers?: MsgHdrs
  readonly data: Uint8Array
}

/** The headers of a message with these attributes, valid or not. */
export const ofAttributes = (attributes: Readonly<Record<string, string>>, messageId?: string): MsgHdrs => {
  const made: Fields = { [specVersion]: ["1.0"] }
  for (const name of Object.keys(attributes)) {
    made[headerOf.get(name) ?? prefix + encode(name, plainName)] = [encode(attributes[name] as string)]
  }
  if (messageId !== undefined) made[header.messageId] = [messageId]
  return sealed(made)
}

/** Names a message of a source, so that publishing it again is noticed. */
export const messageIdOf = ({ id, source }: { readonly id: string; readonly source: string }): string =>
  `${encode(source)} ${encode(id)}`

/** Why and when a copy was made. */
export interface Failed {
  readonly id: string
  readonly attempts: number
  readonly failure: Bus.Failure
  readonly queue: string
  readonly time: number
  /** When it is due; absent on a dead letter. */
  readonly due?: number
}

/** The headers of a copy that waits or is a dead letter: all that came, and why it goes there. */
export const copy = (message: Incoming, messageId: string, failed: Failed): MsgHdrs => {
  const made = carried(message)
  made[header.messageId] = [messageId]
  made[header.attempts] = [String(failed.attempts)]
  made[header.id] = [failed.id]
  made[header.error] = [encode(failed.failure.error)]
  made[header.queue] = [encode(failed.queue)]
  made[header.reason] = [failed.failure.reason]
  made[header.time] = [new Date(failed.time).toISOString()]
  if (failed.due !== undefined) made[header.due] = [String(failed.due)]
  return sealed(made)
}

/** The headers of a delayed copy that goes back to its queue. */
export const again = (message: Incoming, messageId: string): MsgHdrs => {
  const made = carried(message)
  made[header.messageId] = [messageId]
  made[header.attempts] = [String(failedAttempts(message))]
  return sealed(made)
}

/** The text attributes of a message, whoever sent it. */
export const attributes = (message: Incoming): Record<string, string> => {
  const found: Record<string, string> = {}
  for (const [name, [value = ""]] of message.headers ?? []) {
    const known = attributeOf.get(name)
    if (known !== undefined) found[known] = decode(value)
    else if (owned.test(name) || name === specVersion) continue
    else if (name.toLowerCase() === "content-type") found["datacontenttype"] = decode(value)
    else if (name.startsWith(prefix)) found[decode(name.slice(prefix.length))] = decode(value)
    else found[name] = value
  }
  return found
}

/** How many attempts at a message have failed, by its header. */
export const failedAttempts = (message: Incoming): number => {
  const value = Number(message.headers?.get(header.attempts))
  return Number.isSafeInteger(value) && value > 0 ? value : 0
}

/** When a delayed copy is due; at once, when it does not say. */
export const due = (message: Incoming): number => {
  const value = Number(message.headers?.get(header.due))
  return Number.isFinite(value) ? value : 0
}

/** Reads a message from the dead letters. */
export const deadLetter = (queue: string, message: Incoming, seq: number): Bus.DeadLetter => {
  const text = (name: string) => decode(message.headers?.get(name) ?? "")
  const reason = Bus.reasons.find((each) => each === text(header.reason))
  const at = Date.parse(text(header.time))
  return {
    // A stranger's letter is named by where it lies.
    id: text(header.id) || `stranger ${seq}`,
    queue,
    at: Number.isFinite(at) ? at : 0,
    attributes: attributes(message),
    data: message.data,
    attempts: failedAttempts(message),
    failure: { reason: reason ?? "permanent-error", error: text(header.error) }
  }
}

/** Bytes of headers on the wire. */
export const sizeOf = (made: MsgHdrs): number => {
  let size = 12
  for (const [name, values] of made) for (const value of values) size += name.length + value.length + 4
  return size
}

type Fields = Record<string, Array<string>>

/** Everything but ours and the server's. */
const carried = (message: Incoming): Fields => {
  const made: Fields = {}
  for (const [name, values] of message.headers ?? []) if (!owned.test(name)) made[name] = [...values]
  return made
}

/** At once, because the client checks all headers for each that is set. Names and values are plain already. */
const sealed = (made: Fields): MsgHdrs => MsgHdrsImpl.fromRecord(made)

const encode = (text: string, plain = plainValue): string =>
  plain.test(text) ? text : Array.from(
    new TextEncoder().encode(text),
    (byte) => {
      const character = String.fromCharCode(byte)
      return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
    }
  ).join("")

/** Printable ASCII without space, `"` and `%`. */
const plainValue = /^[!#$&-~]*$/

/** The same without the colon that ends a name. */
const plainName = /^[!#$&-9;-~]*$/

const decode = (text: string): string => {
  if (!text.includes("%")) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // A stranger's per cent sign.
    return text
  }
}
