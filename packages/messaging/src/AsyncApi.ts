/**
 * The queues and messages of a system as an AsyncAPI 3.0 document. Channels are queues; each message has its payload as
 * JSON Schema draft 07 and the attributes of its envelope as headers; each receiving operation says in
 * `x-kanau-dispositions` what becomes of a message for every error, and in `x-kanau-retry` how often it is tried. A
 * command that is answered has a channel for its answers, whose address is in the attribute `replyto`.
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
  readonly components: {
    readonly messages: Readonly<Record<string, object>>
    readonly schemas: Readonly<Record<string, object>>
  }
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
  const schemas: Record<string, object> = {}
  const schemaOf = (schema: Schema.Constraint, name: string): object => {
    const { definitions, root } = draft07(schema, name)
    for (const [key, definition] of definitions) schemas[key] = definition
    return root
  }
  const messages = Object.fromEntries(system.messages.map((message) => [message.type, {
    name: message.type,
    title: `${message.type}, version ${message.version}`,
    contentType: message.format.mediaType,
    headers,
    payload: schemaOf(message, message.type),
    "x-kanau-kind": message.messageKind,
    "x-kanau-version": message.version
  }]))
  const answerOf = ({ answer, message }: System.HandledMessage): ReadonlyArray<readonly [string, object]> =>
    answer === undefined ? [] : [[answers(message.type), {
      address: null,
      messages: {
        answer: {
          name: answers(message.type),
          contentType: message.format.mediaType,
          payload: schemaOf(answer, answers(message.type)),
          "x-kanau-frame": "36 bytes with the id of the command, then the payload"
        }
      }
    }]]
  const channels = Object.fromEntries(queues.flatMap((part) => [
    [part.queue, {
      address: part.queue,
      messages: Object.fromEntries(
        part.handlers.map(({ message }) => [message.type, reference("messages", message.type)])
      )
    }],
    ...part.handlers.flatMap(answerOf)
  ]))
  return {
    asyncapi: "3.0.0",
    info: { title: system.name, version: system.version },
    defaultContentType: "application/json",
    channels,
    operations: Object.fromEntries(queues.flatMap(operationsOf)),
    components: { messages, schemas }
  }
}

const operationsOf = (part: System.QueuePart): ReadonlyArray<readonly [string, object]> =>
  part.handlers.map(({ answer, dispositions, message }) => [`${part.queue}:${message.type}`, {
    action: "receive",
    channel: { $ref: `#/channels/${escape(part.queue)}` },
    messages: [{ $ref: `#/channels/${escape(part.queue)}/messages/${escape(message.type)}` }],
    ...(answer === undefined ? {} : {
      reply: {
        address: { location: "$message.header#/replyto" },
        channel: { $ref: `#/channels/${escape(answers(message.type))}` }
      }
    }),
    "x-kanau-retry": { attempts: part.attempts, waitsMillis: part.waitsMillis },
    "x-kanau-dispositions": {
      errors: Object.fromEntries(dispositions.map(({ error, disposition }) => [error, disposition])),
      kinds: Object.fromEntries(Object.entries(Fault.rules).map(([kind, { disposition }]) => [kind, disposition]))
    }
  }])

/** The channel on which a command is answered. */
const answers = (type: string): string => `${type}.answers`

const reference = (section: string, name: string) => ({ $ref: `#/components/${section}/${escape(name)}` })

/** A name as a step of a JSON pointer. */
const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1")

/**
 * A schema in draft 07, of which AsyncAPI's own language is a superset. What it defines goes to the components, because a
 * reference starts at the root of the document.
 */
const draft07 = (schema: Schema.Constraint, name: string) => {
  const { definitions, schema: root } = JsonSchema.toDocumentDraft07(Schema.toJsonSchemaDocument(schema))
  const moved = <A>(part: A): A =>
    JSON.parse(
      JSON.stringify(part).replaceAll(
        /"\$ref":"#\/definitions\/([^"]+)"/g,
        (_, definition: string) => `"$ref":"#/components/schemas/${escape(name)}.${definition}"`
      )
    ) as A
  return {
    root: moved(root),
    definitions: Object.entries(moved(definitions)).map(([key, value]) => [`${name}.${key}`, value] as const)
  }
}

const headers = draft07(Envelope.Attributes, "envelope").root
