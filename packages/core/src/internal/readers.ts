/** Reads the payload of a message, of whatever version. */
import { Effect, Schema } from "effect"
import * as Codec from "../Codec.ts"
import type * as Message from "../Message.ts"

/** Reads a payload of any version. */
export type Readers<A> = (encoded: Message.Encoded) => Effect.Effect<A, Schema.SchemaError>

export const readers = <A extends object>(type: Schema.Codec<A, unknown> & Message.Any): Readers<A> => {
  const ofCurrent = inFormat(type.format, type)
  const current = String(type.version)
  const older = type.upcasts.map((upcast, index) => ({ upTo: upcast.from, read: upcasting<A>(type, index) }))
  return (encoded) => {
    if (encoded.dataschema === current) return ofCurrent(encoded)
    if (!/^[1-9][0-9]{0,14}$/.test(encoded.dataschema)) return Effect.fail(notAVersion)
    const version = Number(encoded.dataschema)
    return (older.find(({ upTo }) => version <= upTo)?.read ?? ofCurrent)(encoded)
  }
}

/** Reads payloads of one shape; others than the format's own media type are refused unread. */
const inFormat = <A>(format: Codec.Format, schema: Schema.Codec<A, unknown>): Readers<A> => {
  const { decode } = format.codec(schema)
  const { mediaType } = format
  const otherFormat = Codec.refusal(`datacontenttype to be ${mediaType}, the format of this message`)
  return ({ data, datacontenttype }) =>
    datacontenttype === mediaType || withoutParameters(datacontenttype) === mediaType
      ? decode(data)
      : Effect.fail(otherFormat)
}

/** Reads messages of the shape that one upcaster takes, and brings them all the way up. */
const upcasting = <A extends object>(type: Schema.Codec<A, unknown> & Message.Any, first: number): Readers<A> => {
  const upcasts = type.upcasts.slice(first)
  const [oldest] = upcasts
  if (oldest === undefined) throw new Error(`${type.type} has no upcaster ${first}`)
  const read = inFormat(oldest.format ?? type.format, oldest.schema)
  // What an upcaster makes is checked as if it had come over the wire, so that a wrong one shows as an issue.
  const steps = upcasts.map(({ up }, index) => {
    const next = upcasts[index + 1]
    const accept = next === undefined
      ? (newest: unknown) => Effect.mapErrorEager(type.makeEffect(newest), (issue) => new Schema.SchemaError(issue))
      : Schema.decodeUnknownEffect(Schema.toType(next.schema))
    return (older: object): Effect.Effect<object, Schema.SchemaError> => accept(up(older as never))
  })
  return (encoded) => {
    let message: Effect.Effect<object, Schema.SchemaError> = read(encoded)
    for (const step of steps) message = Effect.flatMapEager(message, step)
    // The last step makes an instance of the class.
    return message as Effect.Effect<A, Schema.SchemaError>
  }
}

const withoutParameters = (mediaType: string): string => mediaType.replace(/\s*;.*$/s, "").toLowerCase()

const notAVersion = Codec.refusal("dataschema to be the version of the message, a whole number")
