/**
 * MessagePack: the JSON form of a message in fewer bytes, readable from most languages. Import it only where it is
 * used: `import { MessagePack } from "@kanau/core/codecs/MessagePack"`.
 *
 * Guarantees: all of `Codec.Format`. Lengths that promise more than the bytes hold, nesting beyond 512, extension types
 * and map keys that are no text are refused before anything is allocated for them. Text must be well-formed Unicode,
 * and `__proto__` is no member name.
 *
 * Dates, bigints and bytes travel as in JSON, as text; choose SchemaBinary for messages that are mostly bytes.
 */
import { Decoder, Encoder } from "@msgpack/msgpack"
import type { Schema } from "effect"
import * as Codec from "../Codec.ts"
import { check, maxDepth } from "../internal/messagePackFrame.ts"

/**
 * The format, for a message's contract.
 *
 * @example
 * ```ts
 * import { messagePack } from "@kanau/core/codecs/MessagePack"
 * import { Effect, Schema } from "effect"
 *
 * const codec = messagePack.codec(Schema.Struct({ id: Schema.String, done: Schema.Boolean }))
 * const bytes = Effect.runSync(codec.encode({ id: "a", done: true }))
 *
 * bytes.length // => 12
 * Effect.runSync(codec.decode(bytes)) // => { id: "a", done: true }
 * ```
 */
export const messagePack: Codec.Format = {
  mediaType: "application/vnd.msgpack",
  codec: (schema) =>
    Codec.ofJson(schema, {
      write: (value) => {
        carriable(value)
        return encoder.encode(value)
      },
      read: (bytes) => {
        if (!check(bytes)) throw Codec.refusal("one complete MessagePack value")
        return decoder.decode(bytes)
      },
      expected: "MessagePack"
    })
}

const encoder = new Encoder({ maxDepth: Infinity })
const decoder = new Decoder()

/** Refuses what would come back as something else, or not at all. */
const carriable = (value: Schema.Json, depth = 0): void => {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw Codec.refusal("well-formed Unicode")
  } else if (typeof value === "object" && value !== null) {
    if (depth === maxDepth) throw Codec.refusal(`nesting of at most ${maxDepth}`)
    for (const [key, member] of Object.entries(value)) {
      if (key === "__proto__") throw Codec.refusal("another member name than __proto__")
      carriable(key)
      carriable(member as Schema.Json, depth + 1)
    }
  }
}
