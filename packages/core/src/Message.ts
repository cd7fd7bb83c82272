/**
 * A message is a schema with a stable name, a version, and one wire format ({@link Codec.Format}, JSON by default).
 *
 * Encoding and decoding belong to the class, and fail with values only. A reader takes messages of every version: of its
 * own; older ones, through the contract's {@link from upcasters} where the shape has changed; and newer ones, of which it
 * reads the members it knows.
 *
 * Does not know where messages come from or go to (see `Envelope` and the bus).
 */
import { Effect, Schema } from "effect"
import * as Codec from "./Codec.ts"
import { describe, DeserializeError, SerializeError } from "./internal/messageErrors.ts"
import { type Readers, readers } from "./internal/readers.ts"
import type { Upcast, UpcastChain } from "./internal/upcast.ts"
import { writer } from "./internal/writer.ts"

/** `event`: a fact for whoever listens. `command`: work for one handler. `signal`: a nudge, such as a tick. */
export type MessageKind = "event" | "command" | "signal"

/** A message class, seen from the outside. */
export type Any = Schema.Codec<object, unknown> & {
  new(...args: never): object
  readonly type: string
  readonly version: number
  readonly messageKind: MessageKind
  readonly fields: Schema.Struct.Fields
  readonly format: Codec.Format
  readonly upcasts: ReadonlyArray<Upcast>
  readonly subject: (message: never) => string
}

/** The class {@link event}, {@link command} and {@link signal} make. */
export type MessageClass<Self, Type extends string, Fields extends Schema.Struct.Fields> =
  & Schema.Class<Self, Schema.Struct<Fields>, {}>
  & {
    readonly type: Type
    readonly version: number
    readonly messageKind: MessageKind
    readonly format: Codec.Format
    readonly upcasts: ReadonlyArray<Upcast>
    readonly subject: (message: Self) => string
  }

/** The payload of a message and the CloudEvents attributes that say how to read it. */
export interface Encoded {
  /** Version of the message class that wrote the payload, decimal. */
  readonly dataschema: string
  /** Media type of the payload. */
  readonly datacontenttype: string
  readonly data: Uint8Array
}

export { DeserializeError, SerializeError }

/** What a message class is declared with. */
export interface Contract<Fields extends Schema.Struct.Fields, Upcasts extends ReadonlyArray<Upcast>> {
  readonly fields: Fields
  /** Grows when anything in the contract changes; 1 when absent. */
  readonly version?: number
  /** The ordering key: messages with the same subject are handled in the order they happened. */
  readonly subject: (message: Schema.Struct.Type<Fields>) => string
  /** The wire format; `Codec.json` when absent. */
  readonly format?: Codec.Format
  /** How messages of older shapes become messages of this one, oldest first; see {@link from}. */
  readonly upcast?: readonly [...Upcasts] & UpcastChain<Upcasts, Schema.Struct.Type<Fields>>
}

const define = (messageKind: MessageKind) =>
<Self = never>() =>
<
  const Type extends string,
  const Fields extends Schema.Struct.Fields,
  const Upcasts extends ReadonlyArray<Upcast> = readonly []
>(
  type: Type,
  contract: Contract<Fields, Upcasts>
): MessageClass<Self, Type, Fields> => {
  const version = contract.version ?? 1
  const upcasts: ReadonlyArray<Upcast> = contract.upcast ?? []
  const unordered = upcasts.findIndex(({ from }, index) => from >= (upcasts[index + 1]?.from ?? version))
  if (unordered !== -1) {
    throw new Error(`${type}: upcasters go up from the oldest version and end below ${version}; put them in order`)
  }
  class Declared extends Schema.Class<Declared>(type)(contract.fields as Schema.Struct.Fields) {}
  // The compiler knows the declared fields only through the type parameters of this function.
  return Object.assign(Declared, {
    type,
    version,
    messageKind,
    format: contract.format ?? Codec.json,
    upcasts,
    subject: contract.subject
  }) as unknown as MessageClass<Self, Type, Fields>
}

/**
 * Declares a fact that happened.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Schema } from "effect"
 *
 * class NoteWritten extends Message.event<NoteWritten>()("notes.note.written", {
 *   fields: { id: Schema.String },
 *   subject: (note) => note.id
 * }) {}
 *
 * NoteWritten.subject(new NoteWritten({ id: "a" })) // => "a"
 * ```
 */
export const event: ReturnType<typeof define> = define("event")

/**
 * Declares work that one handler must do.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 *
 * class Rebuild extends Message.command<Rebuild>()("search.rebuild", { fields: {}, subject: () => "all" }) {}
 *
 * Rebuild.messageKind // => "command"
 * ```
 */
export const command: ReturnType<typeof define> = define("command")

/**
 * Declares a nudge: a schedule tick, a request to refresh.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 *
 * class Tick extends Message.signal<Tick>()("clock.tick", { fields: {}, subject: () => "clock" }) {}
 *
 * Tick.messageKind // => "signal"
 * ```
 */
export const signal: ReturnType<typeof define> = define("signal")

/**
 * An upcaster: messages up to this version, back to the previous upcaster's, have these fields, and `up` makes of one
 * what the next upcaster or, after the last, the class itself expects. Versions that only added what readers may miss
 * need none. `format` names the wire format those messages were written in, where it has changed since.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class Renamed extends Message.event<Renamed>()("people.person.renamed", {
 *   version: 2,
 *   fields: { first: Schema.String, last: Schema.String },
 *   subject: (person) => person.last,
 *   upcast: [
 *     Message.from(1, { name: Schema.String }, ({ name }) => {
 *       const [first = "", last = ""] = name.split(" ")
 *       return { first, last }
 *     })
 *   ]
 * }) {}
 * const old = {
 *   dataschema: "1",
 *   datacontenttype: "application/json",
 *   data: new TextEncoder().encode(`{"name":"Ada Lovelace"}`)
 * }
 *
 * Effect.runSync(Message.decoder(Renamed)(old)).last // => "Lovelace"
 * ```
 */
export const from = <const Fields extends Schema.Struct.Fields, Newer>(
  version: number,
  fields: Fields,
  up: (old: Schema.Struct.Type<Fields>) => Newer,
  options: { readonly format?: Codec.Format } = {}
): Upcast<Schema.Struct.Type<Fields>, Newer> => ({
  from: version,
  // A message is plain data: its fields need no services.
  schema: Schema.Struct(fields) as unknown as Schema.Codec<object, unknown>,
  up,
  format: options.format
})

export type { Upcast, UpcastChain }

/**
 * The payload of a message in its class's format, with the attributes that say how to read it.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class NoteWritten extends Message.event<NoteWritten>()("notes.note.written", {
 *   fields: { id: Schema.String },
 *   subject: (note) => note.id
 * }) {}
 *
 * const { data, dataschema } = Effect.runSync(Message.encode(new NoteWritten({ id: "a" })))
 *
 * dataschema // => "1"
 * new TextDecoder().decode(data) // => '{"id":"a"}'
 * ```
 */
export const encode = (message: object): Effect.Effect<Encoded, SerializeError> => {
  const type = message.constructor as Any
  let encoder = encoders.get(type)
  if (encoder === undefined) {
    if (type.format === undefined) {
      return Effect.fail(new SerializeError({ type: type.name, issues: "message: it is of no message class" }))
    }
    encoder = writer(type)
    encoders.set(type, encoder)
  }
  return encoder(message)
}

const encoders = new WeakMap<Any, (message: unknown) => Effect.Effect<Encoded, SerializeError>>()

/**
 * A decoder for one message class; make it once and keep it.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class NoteWritten extends Message.event<NoteWritten>()("notes.note.written", {
 *   fields: { id: Schema.String },
 *   subject: (note) => note.id
 * }) {}
 * const decode = Message.decoder(NoteWritten)
 * const newer = {
 *   dataschema: "2",
 *   datacontenttype: "application/json",
 *   data: new TextEncoder().encode(`{"id":"a","colour":"red"}`)
 * }
 *
 * Effect.runSync(decode(newer)) // => new NoteWritten({ id: "a" })
 * Effect.runSync(Effect.flip(decode({ ...newer, data: Uint8Array.of(1) }))).issues // => "message: Expected JSON in UTF-8"
 * ```
 */
export const decoder = <M extends Any>(
  type: M
): (encoded: Encoded) => Effect.Effect<M["Type"], DeserializeError> => {
  const read: Readers<M["Type"]> = readers(type)
  const fail = (error: Schema.SchemaError) => new DeserializeError({ type: type.type, issues: describe(error) })
  return (encoded) => Effect.mapErrorEager(read(encoded), fail)
}
