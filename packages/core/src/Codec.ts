/**
 * How a message becomes bytes and comes back. A {@link Format} is a wire format: its media type, and a pair of
 * functions for every schema. A message class chooses one in its contract (`format`); JSON is the default, and the
 * others live in modules of their own (`@kanau/core/codecs/MessagePack`, `@kanau/core/codecs/SchemaBinary`), so that
 * who does not use them does not load them.
 *
 * Every format guarantees: what it encodes, it decodes to an equal value; what it cannot carry, it refuses with an
 * issue; bytes of any kind end in a value or an issue with the path of the fault, never in a throw, and memory stays in
 * proportion to their number. Readers ignore members they do not know.
 *
 * Does not compress, encrypt or sign, and does not know versions (see `Message`).
 */
import { Effect, Exit, Schema, SchemaIssue } from "effect"

/** The media type of a format, without parameters: `application/json`. */
export type MediaType = `${string}/${string}`

/** What a format makes of one schema: build it once and keep it. */
export interface Codec<A> {
  readonly encode: (value: unknown) => Effect.Effect<Uint8Array, Schema.SchemaError>
  readonly decode: (bytes: Uint8Array) => Effect.Effect<A, Schema.SchemaError>
}

/** A wire format. */
export interface Format {
  /** Travels as the CloudEvents attribute `datacontenttype`. */
  readonly mediaType: MediaType
  /** The codec of a schema. */
  readonly codec: <A>(schema: Schema.Codec<A, unknown>) => Codec<A>
}

/**
 * JSON in UTF-8: dates, bigints, maps, bytes and the like in Effect's canonical JSON form (`Schema.toCodecJson`).
 *
 * @example
 * ```ts
 * import { Codec } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * const codec = Codec.json.codec(Schema.Struct({ at: Schema.Date, total: Schema.BigInt }))
 * const bytes = Effect.runSync(codec.encode({ at: new Date(0), total: 7n }))
 *
 * new TextDecoder().decode(bytes) // => '{"at":"1970-01-01T00:00:00.000Z","total":"7"}'
 * Effect.runSync(codec.decode(bytes)) // => { at: new Date(0), total: 7n }
 * ```
 */
export const json: Format = {
  mediaType: "application/json",
  codec: (schema) =>
    ofJson(schema, {
      write: (value) => utf8.encode(JSON.stringify(value)),
      read: (bytes) => JSON.parse(strict.decode(bytes)) as unknown,
      expected: "JSON in UTF-8"
    })
}

/**
 * A codec for a format that carries JSON values in bytes of its own. `write` and `read` may throw, {@link refusal}s to
 * say why; whatever else `read` throws means the bytes are not what was `expected`.
 *
 * @example
 * ```ts
 * import { Codec } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * const reversed: Codec.Format = {
 *   mediaType: "application/x-reversed",
 *   codec: (schema) =>
 *     Codec.ofJson(schema, {
 *       write: (value) => new TextEncoder().encode(JSON.stringify(value)).reverse(),
 *       read: (bytes) => JSON.parse(new TextDecoder().decode(bytes.toReversed())),
 *       expected: "JSON backwards"
 *     })
 * }
 * const codec = reversed.codec(Schema.Array(Schema.Int))
 *
 * Effect.runSync(Effect.flatMap(codec.encode([1, 2]), codec.decode)) // => [1, 2]
 * Effect.runSync(Effect.flip(codec.decode(Uint8Array.of(1)))).message // => "Expected JSON backwards"
 * ```
 */
export const ofJson = <A>(schema: Schema.Codec<A, unknown>, wire: {
  readonly write: (value: Schema.Json) => Uint8Array
  readonly read: (bytes: Uint8Array) => unknown
  /** What the bytes should have been, for the error. */
  readonly expected: string
}): Codec<A> => {
  const codec = Schema.toCodecJson(schema)
  const toJson = Schema.encodeUnknownEffect(codec)
  const fromJson = Schema.decodeUnknownEffect(codec)
  return {
    encode: (value) => bounded(() => Effect.flatMapEager(toJson(value), (tree) => attempt(() => wire.write(tree)))),
    decode: (bytes) => {
      let tree: unknown
      try {
        tree = wire.read(bytes)
      } catch (error) {
        return Effect.fail(Schema.isSchemaError(error) ? error : refusal(wire.expected))
      }
      return bounded(() => fromJson(tree))
    }
  }
}

/**
 * The error of a codec that was given something it cannot carry or read; says what was expected, never what was there.
 *
 * @example
 * ```ts
 * import { Codec } from "@kanau/core"
 *
 * Codec.refusal("a frame of at most 64 KiB").message // => "Expected a frame of at most 64 KiB"
 * ```
 */
export const refusal = (expected: string): Schema.SchemaError =>
  new Schema.SchemaError(new SchemaIssue.InvalidValue({ expected }))

/**
 * Runs a schema's parser and turns running out of stack, which only nesting without end can cause, into an issue. For
 * authors of formats that call a schema themselves.
 *
 * @example
 * ```ts
 * import { Codec } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * const parse = Schema.decodeUnknownEffect(Schema.Int)
 *
 * Effect.runSync(Codec.bounded(() => parse(1))) // => 1
 * ```
 */
export const bounded = <A>(run: () => Effect.Effect<A, Schema.SchemaError>): Effect.Effect<A, Schema.SchemaError> => {
  const endless = (error: unknown) =>
    error instanceof RangeError ? Effect.fail(refusal("less nesting")) : Effect.die(error)
  try {
    const parsed = run()
    return Exit.isExit(parsed) && Exit.isSuccess(parsed) ? parsed : Effect.catchDefect(parsed, endless)
  } catch (error) {
    return endless(error)
  }
}

/** A refusal thrown while writing is a failure; running out of stack is for {@link bounded}. */
const attempt = (write: () => Uint8Array): Effect.Effect<Uint8Array, Schema.SchemaError> => {
  try {
    return Effect.succeed(write())
  } catch (error) {
    if (Schema.isSchemaError(error)) return Effect.fail(error)
    throw error
  }
}

const utf8 = new TextEncoder()
const strict = new TextDecoder("utf-8", { fatal: true })
