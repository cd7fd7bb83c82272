/**
 * Effect's SchemaBinary: the smallest and fastest of the formats, between TypeScript processes that share the contract.
 * Import it only where it is used: `import { schemaBinary } from "@kanau/core/codecs/SchemaBinary"`.
 *
 * Members travel under a 32-bit hash of their name (or the number of a `SchemaBinary.fieldId` annotation) with their
 * wire type. So, as in JSON: members may be added if readers may miss them, reordered, and removed if readers could miss
 * them; unknown members are skipped; a renamed member is another member unless its field id stays. Beyond JSON: a member
 * may not change between one value and a union, nor change its type; union members are told apart by their `_tag`s or
 * kinds, so a union may grow but its writers must not use the new member before readers know it. The module is marked
 * unstable in Effect: a new minor release may change its envelope byte, which readers refuse as such.
 *
 * Guarantees: all of `Codec.Format`. Text must be well-formed Unicode. Dates, bigints and bytes travel in binary.
 */
import { Effect, Schema } from "effect"
import * as Binary from "effect/encoding/SchemaBinary"
import * as Codec from "../Codec.ts"

/**
 * The format, for a message's contract.
 *
 * @example
 * ```ts
 * import { schemaBinary } from "@kanau/core/codecs/SchemaBinary"
 * import { Effect, Schema } from "effect"
 *
 * const codec = schemaBinary.codec(Schema.Struct({ at: Schema.Date, picture: Schema.Uint8Array }))
 * const bytes = Effect.runSync(codec.encode({ at: new Date(0), picture: Uint8Array.of(1, 2) }))
 *
 * Effect.runSync(codec.decode(bytes)) // => { at: new Date(0), picture: Uint8Array.of(1, 2) }
 * ```
 */
export const schemaBinary: Codec.Format = {
  mediaType: "application/vnd.effect.schema-binary",
  codec: <A>(schema: Schema.Codec<A, unknown>) => {
    const codec = Binary.toCodec(schema)
    const write = Schema.encodeUnknownEffect(codec)
    const read = Schema.decodeUnknownEffect(codec)
    const same = Schema.toEquivalence(schema)
    const decode = (bytes: Uint8Array) => Codec.bounded(() => read(bytes))
    // The encoder writes half a surrogate pair as the replacement character. Bytes that hold one are read back to see
    // whether it was in the text.
    const unharmed = (value: unknown) => (view: Uint8Array): Effect.Effect<Uint8Array, Schema.SchemaError> => {
      // What the encoder returns is a view on memory it goes on using.
      const bytes = view.slice()
      return holdsReplacement(bytes)
        ? Effect.flatMapEager(
          decode(bytes),
          (back) => same(back, value as A) ? Effect.succeed(bytes) : Effect.fail(Codec.refusal("well-formed Unicode"))
        )
        : Effect.succeed(bytes)
    }
    return {
      encode: (value) => Codec.bounded(() => Effect.flatMapEager(write(value), unharmed(value))),
      decode
    }
  }
}

/** Whether the bytes hold U+FFFD in UTF-8. */
const holdsReplacement = (bytes: Uint8Array): boolean => {
  for (let at = bytes.indexOf(0xef); at !== -1; at = bytes.indexOf(0xef, at + 1)) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) return true
  }
  return false
}
