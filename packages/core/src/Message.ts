/**
 * A message is a schema with a stable name and a version. Its codec belongs to the class: JSON, with dates, bigints
 * and the like in their JSON form. Readers ignore members they do not know.
 */
import { Effect, Schema } from "effect"
import * as Fault from "./Fault.ts"

/** `event`: a fact for whoever listens. `command`: work for one handler. `signal`: a nudge, such as a tick. */
export type MessageKind = "event" | "command" | "signal"

/** A message class, seen from the outside. */
export type Any = Schema.Codec<any, any> & {
  new(...args: Array<any>): any
  readonly type: string
  readonly version: number
  readonly messageKind: MessageKind
  readonly subject: (message: any) => string
}

/** The class {@link event}, {@link command} and {@link signal} make. */
export type MessageClass<Self, Type extends string, Fields extends Schema.Struct.Fields> =
  & Schema.Class<Self, Schema.Struct<Fields>, {}>
  & {
    readonly type: Type
    readonly version: number
    readonly messageKind: MessageKind
    readonly subject: (message: Self) => string
  }

/** The bytes are not the message they claim to be. `issues` name paths and rules, never values. */
export class DeserializeError extends Fault.define<DeserializeError>()("DeserializeError", "undecodable", {
  type: Schema.String,
  issues: Schema.String
}, (fault) => `These bytes are no ${fault.type}: ${fault.issues}`) {}

/** The message does not fit its own schema. */
export class SerializeError extends Fault.define<SerializeError>()("SerializeError", "invariant", {
  type: Schema.String,
  issues: Schema.String
}, (fault) => `This ${fault.type} does not fit its schema: ${fault.issues}`) {}

const define =
  (messageKind: MessageKind) =>
  <Self = never>() =>
  <const Type extends string, const Fields extends Schema.Struct.Fields>(
    type: Type,
    contract: {
      readonly fields: Fields
      /** Grows when the shape changes. */
      readonly version?: number
      /** The ordering key: messages with the same subject are handled in the order they happened. */
      readonly subject: (message: Schema.Struct.Type<Fields>) => string
    }
  ): MessageClass<Self, Type, Fields> => {
    class Declared extends Schema.Class<Declared>(type)(contract.fields as Schema.Struct.Fields) {}
    return Object.assign(Declared, {
      type,
      version: contract.version ?? 1,
      messageKind,
      subject: contract.subject
    }) as unknown as MessageClass<Self, Type, Fields>
  }

/**
 * Declares a fact that happened.
 *
 * @example
 * ```ts
 * class NoteWritten extends Message.event<NoteWritten>()("notes.note.written", {
 *   fields: { id: Schema.String },
 *   subject: (note) => note.id
 * }) {}
 * ```
 */
export const event = define("event")

/** Declares work that one handler must do. */
export const command = define("command")

/** Declares a nudge: a schedule tick, a request to refresh. */
export const signal = define("signal")

const encoders = new WeakMap<Any, (message: unknown) => Effect.Effect<Uint8Array, SerializeError>>()
const utf8 = new TextEncoder()

/** The bytes of a message in its class's format. */
export const encode = (message: object): Effect.Effect<Uint8Array, SerializeError> => {
  const type = message.constructor as Any
  let encoder = encoders.get(type)
  if (encoder === undefined) {
    const toJson = Schema.encodeUnknownEffect(Schema.toCodecJson(type))
    encoder = (value) =>
      Effect.mapBoth(toJson(value), {
        onFailure: (error) => new SerializeError({ type: type.type, issues: describe(error) }),
        onSuccess: (json) => utf8.encode(JSON.stringify(json))
      })
    encoders.set(type, encoder)
  }
  return encoder(message)
}

/** A decoder for one message class; make it once and keep it. */
export const decoder = <M extends Any>(
  type: M
): (bytes: Uint8Array) => Effect.Effect<M["Type"], DeserializeError> => {
  const fromJson = Schema.decodeUnknownEffect(Schema.toCodecJson(type))
  const fail = (issues: string) => new DeserializeError({ type: type.type, issues })
  return (bytes) =>
    Effect.flatMap(
      Effect.try({ try: () => JSON.parse(strict.decode(bytes)) as unknown, catch: () => fail("not JSON in UTF-8") }),
      (json) => Effect.mapError(fromJson(json), (error) => fail(describe(error)))
    )
}

const strict = new TextDecoder("utf-8", { fatal: true })

/** Where and why, without the values: payloads never reach a log. */
const describe = (error: Schema.SchemaError): string =>
  Fault.issuesOf(error).map((issue) => `${issue.path || "message"}: ${issue.message}`).join("; ")
