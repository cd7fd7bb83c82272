/**
 * The queues and messages of a system as an AsyncAPI 3.0 document. Channels are queues; each message has its payload as
 * JSON Schema draft 07 and the attributes of its envelope as headers; each receiving operation says in
 * `x-kanau-dispositions` what becomes of a message for every error, and in `x-kanau-retry` how often it is tried.
 */
import { Envelope, Fault, type System } from "@kanau/core"
import { JsonSchema, Schema } from "effect"

/** An AsyncAPI document, ready for `JSON.stringify`. */
export interface Document {
  readonly asyncapi: "3.0.0"
  readonly info: { readonly title: string; readonly version: string }
  readonly defaultContentType: string
  readonly channels: Readonly<Record<string, object>>
  readonly operations: Readonly<Record<string, object>>
  readonly components: { readonly messages: Readonly<Record<string, object>> }
}

/**
 * Describes the queues and messages of a system.
 *
 * @example
 * ```ts
 * import { Message, System } from "@kanau/core"
 * import { AsyncApi, Consumer } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * class Tick extends Message.signal<Tick>()("clock.tick", { fields: {}, subject: () => "clock" }) {}
 * const clock = Consumer.make({ queue: "clock", handlers: [Consumer.on(Tick, () => Effect.void)] })
 * const system = System.make({ name: "clock", version: "1", roles: { worker: [Consumer.part(clock)] } })
 * Object.keys(AsyncApi.document(system).channels) // => ["clock"]
 * ```
 */
export const document = (system: System.System): Document => {
  const queues = Object.values(system.roles).flat().filter((part) => part.kind === "queue")
  return {
    asyncapi: "3.0.0",
    info: { title: system.name, version: system.version },
    defaultContentType: "application/json",
    channels: Object.fromEntries(queues.map((part) => [part.queue, {
      address: part.queue,
      messages: Object.fromEntries(
        part.handlers.map(({ message }) => [message.type, reference("messages", message.type)])
      )
    }])),
    operations: Object.fromEntries(queues.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries(system.messages.map((message) => [message.type, {
        name: message.type,
        title: `${message.type}, version ${message.version}`,
        contentType: message.format.mediaType,
        headers,
        payload: draft07(message),
        "x-kanau-kind": message.messageKind,
        "x-kanau-version": message.version
      }]))
    }
  }
}

const operationsOf = (part: System.QueuePart): ReadonlyArray<readonly [string, object]> =>
  part.handlers.map(({ message, dispositions }) => [`${part.queue}:${message.type}`, {
    action: "receive",
    channel: { $ref: `#/channels/${escape(part.queue)}` },
    messages: [{ $ref: `#/channels/${escape(part.queue)}/messages/${escape(message.type)}` }],
    "x-kanau-retry": { attempts: part.attempts, waitsMillis: part.waitsMillis },
    "x-kanau-dispositions": {
      errors: Object.fromEntries(dispositions.map(({ error, disposition }) => [error, disposition])),
      kinds: Object.fromEntries(Object.entries(Fault.rules).map(([kind, { disposition }]) => [kind, disposition]))
    }
  }])

const reference = (section: string, name: string) => ({ $ref: `#/components/${section}/${escape(name)}` })

/** A name as a step of a JSON pointer. */
const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1")

/** AsyncAPI's own schema language is a superset of draft 07. */
const draft07 = (schema: Schema.Constraint): JsonSchema.JsonSchema => {
  const { definitions, schema: root } = JsonSchema.toDocumentDraft07(Schema.toJsonSchemaDocument(schema))
  return Object.keys(definitions).length === 0 ? root : { ...root, definitions }
}

const headers = draft07(Envelope.Attributes)
