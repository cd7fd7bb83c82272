/**
 * A message on its way: CloudEvents 1.0 attributes, the correlation of whoever caused it, and the encoded payload.
 * Transports carry the attributes as headers (CloudEvents binary mode) and the payload as the body.
 */
import { Clock, Effect, Result, Schema } from "effect"
import { Correlation, outgoingTraceparent } from "./Correlation.ts"
import * as Id from "./Id.ts"
import * as Message from "./Message.ts"

const attributes = {
  id: Schema.NonEmptyString.check(Schema.isMaxLength(255)),
  source: Schema.NonEmptyString,
  type: Schema.NonEmptyString,
  /** The ordering key. */
  subject: Schema.NonEmptyString,
  /** When it happened, ISO 8601. */
  time: Schema.NonEmptyString,
  /** Version of the message class that wrote the payload. */
  dataschema: Schema.NonEmptyString,
  /** Media type of the payload. Carried as it came: only the reader of a message knows which one it needs. */
  datacontenttype: Schema.String.check(Schema.isPattern(/^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;.{0,255})?$/)),
  correlationid: Schema.NonEmptyString,
  causationid: Schema.optionalKey(Schema.NonEmptyString),
  traceparent: Schema.optionalKey(Schema.NonEmptyString),
  /** Place in the event log, decimal; absent on messages that never were in one. */
  position: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[1-9][0-9]{0,18}$/))),
  /** The channel on which whoever asked listens for the answer; absent where nobody waits for one. */
  replyto: Schema.optionalKey(Schema.NonEmptyString),
  /** When the message has lost its point, ISO 8601. */
  expirytime: Schema.optionalKey(Schema.NonEmptyString)
} as const

/**
 * The schema of the attributes.
 *
 * @example
 * ```ts
 * import { Envelope } from "@kanau/core"
 *
 * Object.keys(Envelope.Attributes.fields).slice(0, 4) // => ["id", "source", "type", "subject"]
 * ```
 */
export const Attributes = Schema.Struct(attributes)

/** The CloudEvents attributes of an envelope, all text. */
export type Attributes = typeof Attributes.Type

/** Attributes and payload. */
export interface Envelope extends Attributes {
  readonly data: Uint8Array
}

/**
 * Wraps a message for sending: new id, current time, and the correlation of the running work.
 *
 * @example
 * ```ts
 * import { Envelope, Message } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * class Tick extends Message.signal<Tick>()("clock.tick", { fields: {}, subject: () => "clock" }) {}
 * const envelope = Effect.runSync(Envelope.make(new Tick(), { source: "/scheduler" }))
 * envelope.type // => "clock.tick"
 * envelope.subject // => "clock"
 * ```
 */
export const make = (
  message: object,
  options: { readonly source: string }
): Effect.Effect<Envelope, Message.SerializeError> => {
  const type = message.constructor as Message.Any
  return Effect.flatMap(Message.encode(message), (encoded) =>
    Effect.gen(function*() {
      const { correlationId, causationId } = yield* Correlation
      return {
        id: yield* Id.next,
        source: options.source,
        type: type.type,
        // The class made the message, so its function takes it.
        subject: (type.subject as (message: object) => string)(message),
        time: new Date(yield* Clock.currentTimeMillis).toISOString(),
        correlationid: correlationId,
        ...(causationId === undefined ? {} : { causationid: causationId }),
        traceparent: yield* outgoingTraceparent,
        ...encoded
      }
    }))
}

/**
 * The attributes of an envelope, without the payload.
 *
 * @example
 * ```ts
 * import { Envelope, Message } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * class Tick extends Message.signal<Tick>()("clock.tick", { fields: {}, subject: () => "clock" }) {}
 * const envelope = Effect.runSync(Envelope.make(new Tick(), { source: "/scheduler" }))
 * "data" in Envelope.toAttributes(envelope) // => false
 * ```
 */
export const toAttributes = ({ data: _, ...rest }: Envelope): Attributes => rest

const decode = Schema.decodeUnknownResult(Attributes)

/**
 * Reads an envelope back from attributes that came over the wire.
 *
 * @example
 * ```ts
 * import { Envelope } from "@kanau/core"
 *
 * Envelope.fromAttributes({ id: "1" }, new Uint8Array())._tag // => "Failure"
 * ```
 */
export const fromAttributes = (
  wire: Record<string, unknown>,
  data: Uint8Array
): Result.Result<Envelope, Message.DeserializeError> =>
  Result.mapBoth(decode(wire), {
    onFailure: (error) => new Message.DeserializeError({ type: "CloudEvents envelope", issues: error.message }),
    onSuccess: (read) => ({ ...read, data })
  })
