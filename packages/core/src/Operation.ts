/**
 * An operation is one thing the system can do, declared as the class of its input. Output and errors belong to the
 * class, so a processor, a route, a queue binding and a test all read the same contract.
 */
import { Schema } from "effect"
import type * as Fault from "./Fault.ts"

declare const OperationName: unique symbol
declare const OperationOutput: unique symbol

/**
 * What an instance of an operation knows of its class, for the compiler only: it keeps two operations with equal fields
 * apart, and finds the output from the input.
 */
export interface Named<Name extends string, Out> {
  readonly [OperationName]: Name
  readonly [OperationOutput]: Out
}

/** The name of the operation that an input belongs to. */
export type NameOf<In> = In extends { readonly [OperationName]: infer Name extends string } ? Name : never

/** The output of the operation that an input belongs to. */
export type OutputOf<In> = In extends { readonly [OperationOutput]: infer Out } ? Out : never

/** An operation class, seen from the outside. */
export type Any = Schema.Codec<unknown, unknown> & {
  new(...args: never): unknown
  readonly operation: string
  readonly summary: string
  readonly version: number
  readonly fields: Schema.Struct.Fields
  readonly output: Schema.Codec<unknown, unknown>
  readonly errors: ReadonlyArray<Fault.AnyClass>
}

/** The class of an operation, of which only the instances are known. */
export interface ClassOf<out In> extends Any {
  new(...args: never): In
}

/** The instance type: what a processor receives. */
export type Input<Op extends Any> = Op["Type"]

/** What a processor of this operation succeeds with. */
export type Output<Op extends Any> = Op["output"]["Type"]

/** The errors this operation declares. */
export type Failure<Op extends Any> = Op["errors"][number]["Type"]

/** The class {@link define} makes. */
export type OperationClass<
  Self,
  Name extends string,
  Fields extends Schema.Struct.Fields,
  Out extends Schema.Codec<unknown, unknown>,
  Errors extends ReadonlyArray<Fault.AnyClass>
> = Schema.Class<Self, Schema.Struct<Fields>, Named<Name, Out["Type"]>> & {
  readonly operation: Name
  readonly summary: string
  readonly version: number
  readonly output: Out
  readonly errors: Errors
}

/**
 * Declares an operation.
 *
 * @example
 * ```ts
 * import { Fault, Operation } from "@kanau/core"
 * import { Schema } from "effect"
 *
 * class NoteNotFound extends Fault.define<NoteNotFound>()("NoteNotFound", "not-found", {}, () => "No such note.") {}
 * class FindNote extends Operation.define<FindNote>()("FindNote", {
 *   input: { id: Schema.String },
 *   output: Schema.Struct({ text: Schema.String }),
 *   errors: [NoteNotFound]
 * }) {}
 * new FindNote({ id: "n1" }).id // => "n1"
 * FindNote.operation // => "FindNote"
 * ```
 */
export const define = <Self = never>() =>
<
  const Name extends string,
  const Fields extends Schema.Struct.Fields,
  Out extends Schema.Codec<unknown, unknown>,
  const Errors extends ReadonlyArray<Fault.AnyClass> = readonly []
>(name: Name, contract: {
  readonly input: Fields
  readonly output: Out
  readonly errors?: Errors
  /** One line for people: it becomes the summary in OpenAPI. */
  readonly summary?: string
  /** Grows when the contract changes; 1 when absent. */
  readonly version?: number
}): OperationClass<Self, Name, Fields, Out, Errors> => {
  class Declared extends Schema.Class<Declared>(name)(contract.input as Schema.Struct.Fields) {}
  return Object.assign(Declared, {
    operation: name,
    summary: contract.summary ?? name,
    version: contract.version ?? 1,
    output: contract.output,
    errors: contract.errors ?? []
  }) as unknown as OperationClass<Self, Name, Fields, Out, Errors>
}
