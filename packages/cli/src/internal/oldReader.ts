/** Reads values of today with the schema of a snapshot. */
import { Ajv2020 } from "ajv/dist/2020.js"
import { Effect, Schema } from "effect"
import type { Node } from "./expand.ts"

/**
 * A reader as old code has it: the reason for which a value's JSON form does not fit the old schema, without the value;
 * `undefined` when it fits. A value without a JSON form (text that is no Unicode) says nothing about the schema and fits.
 */
export const ofOldSchema = (
  old: Node,
  schema: Schema.Codec<unknown, unknown>
): (value: unknown) => Effect.Effect<string | undefined> => {
  // Keywords that a later version may add are left to the rules; formats are words for people.
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const fits = ajv.compile(old)
  const toJson = Schema.encodeUnknownEffect(Schema.toCodecJson(schema))
  return (value) =>
    Effect.map(Effect.option(toJson(value)), (json) => {
      // As it would come over the wire: without members that are undefined.
      if (json._tag === "None" || fits(JSON.parse(JSON.stringify(json.value)))) return undefined
      return (fits.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? "is refused"}`.trim()).join(
        "; "
      )
    })
}
