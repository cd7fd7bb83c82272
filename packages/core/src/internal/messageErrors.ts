/** What goes wrong between messages and bytes; exported by `Message`. */
import { Schema } from "effect"
import * as Fault from "../Fault.ts"

/**
 * The bytes are not the message they claim to be. `issues` name paths and rules, never values.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 *
 * new Message.DeserializeError({ type: "notes.note.written", issues: "id: Missing key" }).kind // => "undecodable"
 * ```
 */
export class DeserializeError extends Fault.define<DeserializeError>()("DeserializeError", "undecodable", {
  type: Schema.String,
  issues: Schema.String
}, (fault) => `These bytes are no ${fault.type}: ${fault.issues}`) {}

/**
 * The message does not fit its own schema, or holds what its format cannot carry.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 *
 * new Message.SerializeError({ type: "notes.note.written", issues: "at: Expected a valid Date" }).kind // => "invariant"
 * ```
 */
export class SerializeError extends Fault.define<SerializeError>()("SerializeError", "invariant", {
  type: Schema.String,
  issues: Schema.String
}, (fault) => `This ${fault.type} does not fit its schema: ${fault.issues}`) {}

/** Where and why, without the values: payloads never reach a log. */
export const describe = (error: Schema.SchemaError): string =>
  Fault.issuesOf(error).map((issue) => `${issue.path || "message"}: ${issue.message}`).join("; ")
