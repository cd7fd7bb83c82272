/** The contracts of the code as the snapshot and the check see them: operations and messages made alike. */
import type { Fault, Message, Operation, System } from "@kanau/core"
import { Codec, Message as Messages } from "@kanau/core"
import { Effect, Schema } from "effect"
import type { Direction } from "../Rules.ts"

/** Something of a contract that crosses the wire. */
export interface WorkingPart {
  /** `input`, `output`, `error NoteNotFound`; `fields` of a message. */
  readonly name: string
  readonly schema: Schema.Codec<unknown, unknown>
  readonly directions: ReadonlyArray<Direction>
  readonly faultKind?: Fault.Kind
  /** A value in the bytes of the contract's format. */
  readonly encode: (value: unknown) => Effect.Effect<Uint8Array, { readonly message: string }>
  /** Reads bytes that a version of the contract wrote. */
  readonly decode: (bytes: {
    readonly version: number
    readonly contentType: string
    readonly data: Uint8Array
  }) => Effect.Effect<unknown, { readonly message: string }>
}

/** An operation or a message. */
export interface WorkingContract {
  /** `operation FindNote`, `message notes.note.written`. */
  readonly key: string
  readonly kind: "operation" | Message.MessageKind
  readonly name: string
  readonly version: number
  /** Media type of its bytes. */
  readonly format: string
  /** The versions up to which its upcasters reach; only a message has any. */
  readonly upcasts: ReadonlyArray<number>
  readonly parts: ReadonlyArray<WorkingPart>
}

/** All contracts, in the order of their keys. */
export const working = (
  contracts: Pick<System.System, "operations" | "messages">
): ReadonlyArray<WorkingContract> =>
  [...contracts.operations.map(ofOperation), ...contracts.messages.map(ofMessage)].sort((a, b) =>
    a.key < b.key ? -1 : 1
  )

const ofOperation = (operation: Operation.Any): WorkingContract => ({
  key: `operation ${operation.operation}`,
  kind: "operation",
  name: operation.operation,
  version: operation.version,
  format: Codec.json.mediaType,
  upcasts: [],
  parts: [
    jsonPart("input", operation, ["backward"]),
    jsonPart("output", operation.output, ["forward"]),
    ...operation.errors.map((error) => ({
      ...jsonPart(`error ${error.identifier}`, error, ["forward"]),
      faultKind: error.kind
    }))
  ]
})

const jsonPart = (
  name: string,
  schema: Schema.Codec<unknown, unknown>,
  directions: ReadonlyArray<Direction>
): WorkingPart => {
  const { decode, encode } = Codec.json.codec(schema)
  return { name, schema, directions, encode, decode: ({ data }) => decode(data) }
}

const ofMessage = (message: Message.Any): WorkingContract => {
  const decode = Messages.decoder(message)
  return {
    key: `message ${message.type}`,
    kind: message.messageKind,
    name: message.type,
    version: message.version,
    format: message.format.mediaType,
    upcasts: message.upcasts.map(({ from }) => from),
    parts: [{
      name: "fields",
      schema: message,
      directions: ["backward", "forward"],
      encode: (value) => Effect.map(Messages.encode(value as object), ({ data }) => data),
      decode: ({ contentType, data, version }) =>
        decode({ data, dataschema: String(version), datacontenttype: contentType })
    }]
  }
}

/** The schema of the JSON form of a part. Pieces that have names stand in `$defs`. */
export const jsonSchema = (schema: Schema.Constraint): Readonly<Record<string, Schema.Json>> => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  const whole = Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions }
  // A JSON Schema is JSON; its type says less.
  return whole as unknown as Readonly<Record<string, Schema.Json>>
}
