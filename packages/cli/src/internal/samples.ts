/** Samples of contracts: made from the schema with a seed, kept as JSON where they are JSON. */
import { Arbitrary, Effect, type Schema } from "effect"
import type { Sample } from "../Snapshot.ts"
import type { WorkingPart } from "./working.ts"

/** Values of a part, the same ones for the same seed; none when the schema's conditions are too hard to meet by chance. */
export const values = (part: WorkingPart, seed: string, count: number): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.suspend(() => Arbitrary.sampleEffect(Arbitrary.schema(part.schema), { seed, count })).pipe(
    Effect.catchCause(() => Effect.succeed([]))
  )

/** The bytes of generated values. A value that its own format refuses (text that is no Unicode) is left out. */
export const generate = (
  part: WorkingPart,
  seed: string,
  count: number,
  as: { readonly version: number; readonly format: string }
): Effect.Effect<ReadonlyArray<Sample>> =>
  Effect.gen(function*() {
    const made: Array<Sample> = []
    for (const value of yield* values(part, seed, count)) {
      const encoded = yield* Effect.option(part.encode(value))
      if (encoded._tag === "Some") made.push(fromBytes(encoded.value, as.version, as.format))
    }
    return made
  })

/** Bytes as they stand in the file. */
export const fromBytes = (data: Uint8Array, version: number, contentType: string): Sample =>
  contentType === "application/json"
    ? { version, contentType, json: JSON.parse(new TextDecoder().decode(data)) as Schema.Json }
    : { version, contentType, base64: Buffer.from(data).toString("base64") }

/** The bytes of a sample. */
export const toBytes = (sample: Sample): Uint8Array =>
  sample.base64 === undefined
    ? new TextEncoder().encode(JSON.stringify(sample.json))
    : Uint8Array.from(Buffer.from(sample.base64, "base64"))

/** Each sample once. */
export const unique = (samples: ReadonlyArray<Sample>): ReadonlyArray<Sample> => [
  ...new Map(samples.map((sample) => [JSON.stringify(sample), sample])).values()
]
