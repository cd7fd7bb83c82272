/**
 * What a system is, as JSON: for `kanau describe`, for documents, for reviews of a change. Has the contracts as JSON
 * Schema (draft 2020-12) and the fault table that decides whatever is not said beside a message.
 */
import { type JsonSchema, Schema } from "effect"
import * as Fault from "./Fault.ts"
import type { LayerInfo, Shape } from "./internal/shape.ts"
import type * as Message from "./Message.ts"
import type * as Operation from "./Operation.ts"
import type { ErrorDisposition, Part, System } from "./System.ts"

/** A processor: its name, its layers from the outside in, the stages of a chain. */
export interface ProcessorDescription {
  readonly name: string
  readonly layers: ReadonlyArray<LayerInfo>
  readonly stages?: ReadonlyArray<ProcessorDescription>
}

/** What a role does, one entry for each part, with names in place of contracts. */
export type PartDescription =
  | { readonly kind: "operation"; readonly operation: string; readonly processor: ProcessorDescription }
  | {
    readonly kind: "route"
    readonly method: string
    readonly path: string
    readonly operation: string
    readonly security: string
  }
  | { readonly kind: "page"; readonly path: string; readonly view: string; readonly summary: string }
  | {
    readonly kind: "queue"
    readonly queue: string
    readonly attempts: number
    readonly waitsMillis: ReadonlyArray<number>
    readonly handlers: ReadonlyArray<{
      readonly message: string
      readonly processor: ProcessorDescription
      readonly dispositions: ReadonlyArray<ErrorDisposition>
    }>
  }
  | { readonly kind: "view"; readonly view: string; readonly events: ReadonlyArray<string> }
  | {
    readonly kind: "schedule"
    readonly job: string
    readonly calendar: string
    readonly zone?: string
    readonly catchUp: string
    readonly jitterMillis: number
    readonly signal: string
  }

/** An error that an operation declares. */
export interface ErrorDescription {
  readonly error: string
  readonly kind: Fault.Kind
  readonly status: number
  readonly schema: JsonSchema.JsonSchema
}

/** The contract of an operation. */
export interface OperationDescription {
  readonly summary: string
  readonly version: number
  readonly input: JsonSchema.JsonSchema
  readonly output: JsonSchema.JsonSchema
  readonly errors: ReadonlyArray<ErrorDescription>
}

/** The contract of a message. */
export interface MessageDescription {
  readonly kind: Message.MessageKind
  readonly version: number
  /** Media type of its bytes. */
  readonly format: string
  readonly schema: JsonSchema.JsonSchema
}

/** Everything about a system. */
export interface Description {
  readonly name: string
  readonly version: string
  readonly roles: Readonly<Record<string, ReadonlyArray<PartDescription>>>
  readonly operations: Readonly<Record<string, OperationDescription>>
  readonly messages: Readonly<Record<string, MessageDescription>>
  /** Kind → what it leads to, where nothing else is said. */
  readonly faults: Readonly<Record<string, Fault.Rule>>
}

/**
 * Describes a system.
 *
 * @example
 * ```ts
 * import { Description, System } from "@kanau/core"
 *
 * const description = Description.of(System.make({ name: "notes", version: "1", roles: { api: [] } }))
 * description.roles // => { api: [] }
 * ```
 */
export const of = (system: System): Description => ({
  name: system.name,
  version: system.version,
  roles: Object.fromEntries(Object.entries(system.roles).map(([role, parts]) => [role, parts.map(describePart)])),
  operations: Object.fromEntries(system.operations.map((operation) => [operation.operation, contractOf(operation)])),
  messages: Object.fromEntries(system.messages.map((message) => [message.type, {
    kind: message.messageKind,
    version: message.version,
    format: message.format.mediaType,
    schema: jsonSchema(message)
  }])),
  faults: Fault.rules
})

const describePart = (part: Part): PartDescription => {
  switch (part.kind) {
    case "operation":
      return { kind: "operation", operation: part.operation.operation, processor: processorOf(part.shape) }
    case "route":
      return { ...part, operation: part.operation.operation }
    case "queue":
      return {
        ...part,
        handlers: part.handlers.map(({ message, shape, dispositions }) => ({
          message: message.type,
          processor: processorOf(shape),
          dispositions
        }))
      }
    case "view":
      return { ...part, events: part.events.map(({ type }) => type) }
    case "schedule":
      return { ...part, signal: part.signal.type }
    case "page":
      return part
  }
}

const processorOf = ({ name, layers, stages }: Shape): ProcessorDescription => ({
  name,
  layers,
  ...(stages.length === 0 ? {} : { stages: stages.map(processorOf) })
})

const contractOf = (operation: Operation.Any): OperationDescription => ({
  summary: operation.summary,
  version: operation.version,
  input: jsonSchema(operation),
  output: jsonSchema(operation.output),
  errors: operation.errors.map((error) => ({
    error: error.identifier,
    kind: error.kind,
    status: Fault.rule(error.kind).status,
    schema: jsonSchema(error)
  }))
})

/** The schema of the JSON form of a value. Parts that have names stand in `$defs`. */
const jsonSchema = (schema: Schema.Constraint): JsonSchema.JsonSchema => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions }
}
