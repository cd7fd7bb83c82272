/**
 * The contracts of a system at one moment, as a file that is committed: for every operation and message its version, the
 * JSON Schema of what crosses the wire, and a corpus of samples in the bytes of its codec. The samples of older versions
 * of a message stay, so that every version that ever was is decoded by every check.
 *
 * Making one is deterministic: the same contracts give the same file, so a difference in it is a difference in them.
 */
import type { System } from "@kanau/core"
import { Effect, Schema } from "effect"
import * as Samples from "./internal/samples.ts"
import { jsonSchema, working } from "./internal/working.ts"

/** What a snapshot is made of: a value of core's `System` has it. */
export type Contracts = Pick<System.System, "name" | "operations" | "messages">

/** Bytes that some version wrote: JSON as it is, other formats in base64. */
const SampleSchema = Schema.Struct({
  version: Schema.Int,
  contentType: Schema.String,
  json: Schema.optionalKey(Schema.Json),
  base64: Schema.optionalKey(Schema.String)
})

/** Bytes that some version wrote. */
export type Sample = typeof SampleSchema.Type

const PartSchema = Schema.Struct({
  /** Fault kind of an error. */
  faultKind: Schema.optionalKey(Schema.String),
  schema: Schema.Record(Schema.String, Schema.Json),
  samples: Schema.Array(SampleSchema)
})

const ContractSchema = Schema.Struct({
  kind: Schema.Literals(["operation", "event", "command", "signal"]),
  name: Schema.String,
  version: Schema.Int,
  /** Media type of its bytes. */
  format: Schema.String,
  /** By what they are: `input`, `output`, `error NoteNotFound`; or `fields`. */
  parts: Schema.Record(Schema.String, PartSchema)
})

/** One operation or message. */
export type Contract = typeof ContractSchema.Type

const SnapshotSchema = Schema.Struct({
  /** Version of the form of this file. */
  kanauSnapshot: Schema.Literal(1),
  system: Schema.String,
  /** Semantic version of the contracts together: additions raise the second number, breaks the first. */
  version: Schema.String.check(Schema.isPattern(/^\d+\.\d+\.\d+$/)),
  /** By family and name: `operation FindNote`, `message notes.note.written`. */
  contracts: Schema.Record(Schema.String, ContractSchema)
})

/** The whole file. */
export type Snapshot = typeof SnapshotSchema.Type

/** A sample file of a user: which contract and part it is of, which version wrote it, and its bytes. */
export interface UserSample {
  readonly contract: string
  readonly part: string
  readonly version: number
  readonly data: Uint8Array
}

/** How many samples are made of each part. */
const samplesPerPart = 8

/**
 * The snapshot of a system. `previous` gives the samples of older versions, `userSamples` are added to the generated
 * ones, `version` is that of the whole.
 *
 * @example
 * ```ts
 * import { Snapshot } from "@kanau/cli"
 * import { Operation } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class Ping extends Operation.define<Ping>()("Ping", { input: {}, output: Schema.Literal("pong") }) {}
 * const made = Effect.runSync(Snapshot.make({ name: "ping", operations: [Ping], messages: [] }, { version: "1.0.0" }))
 *
 * made.contracts["operation Ping"]?.parts["output"]?.schema // => { type: "string", enum: ["pong"] }
 * ```
 */
export const make = (contracts: Contracts, options: {
  readonly version: string
  readonly previous?: Snapshot
  readonly userSamples?: ReadonlyArray<UserSample>
}): Effect.Effect<Snapshot> =>
  Effect.gen(function*() {
    const made: Record<string, Contract> = {}
    for (const { format, key, kind, name, parts, version } of working(contracts)) {
      const kept: Record<string, Contract["parts"][string]> = {}
      for (const part of parts) {
        const generated = yield* Samples.generate(part, `${key} ${part.name}`, samplesPerPart, { version, format })
        const given = (options.userSamples ?? [])
          .filter((each) => each.contract === name && each.part === part.name)
          .map((each) => Samples.fromBytes(each.data, each.version, format))
        // Of an operation only the current version is served; messages of any version may still be on their way.
        const older = (options.previous?.contracts[key]?.parts[part.name]?.samples ?? [])
          .filter((sample) => kind !== "operation" && sample.version < version)
        kept[part.name] = {
          ...(part.faultKind === undefined ? {} : { faultKind: part.faultKind }),
          schema: jsonSchema(part.schema),
          samples: Samples.unique([...older, ...generated, ...given])
        }
      }
      made[key] = { kind, name, version, format, parts: kept }
    }
    return { kanauSnapshot: 1, system: contracts.name, version: options.version, contracts: made }
  })

/**
 * The text of the file.
 *
 * @example
 * ```ts
 * import { Snapshot } from "@kanau/cli"
 *
 * const empty = { kanauSnapshot: 1, system: "notes", version: "1.0.0", contracts: {} } as const
 *
 * Snapshot.parse(Snapshot.print(empty)) // => empty
 * ```
 */
export const print = (snapshot: Snapshot): string => `${JSON.stringify(snapshot, null, 2)}\n`

/**
 * Reads the text of a file; throws a `SchemaError` or a `SyntaxError` for what is no snapshot.
 *
 * @example
 * ```ts
 * import { Snapshot } from "@kanau/cli"
 *
 * Snapshot.parse(`{"kanauSnapshot":1,"system":"notes","version":"1.0.0","contracts":{}}`).system // => "notes"
 * ```
 */
export const parse = (text: string): Snapshot => decode(JSON.parse(text))

const decode = Schema.decodeUnknownSync(SnapshotSchema)
