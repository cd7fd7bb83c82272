/** Errors as text for logs and operators: what went wrong and where, never the values that caused it. */
import { Fault } from "@kanau/core"
import type { Cause } from "effect"
import { Schema } from "effect"

const most = 500
const frames = 8

/** Every reason of a cause, each with its own stack. */
export const describeCause = (cause: Cause.Cause<unknown>): string =>
  cause.reasons.map((reason) =>
    reason._tag === "Interrupt"
      ? "interrupted"
      : reason._tag === "Fail"
      ? describeError(reason.error)
      : `${describeError(reason.defect)}${stackOf(reason.defect)}`
  ).join("\n")

/** Name and sentence of one error. */
export const describeError = (error: unknown): string => {
  if (Schema.isSchemaError(error)) {
    return `SchemaError: ${
      Fault.issuesOf(error).map((issue) => `${issue.path || "value"}: ${issue.message}`).join("; ")
    }`
  }
  if (Fault.isFault(error)) return `${error._tag}: ${error.message}`
  if (!(error instanceof Error)) return typeof error === "string" ? error.slice(0, most) : `a thrown ${typeof error}`
  // JSON.parse quotes its input in the message.
  const sentence = error instanceof SyntaxError ? "" : `: ${error.message.split("\n", 1)[0]?.slice(0, most)}`
  return `${error.name}${codeOf(error)}${sentence}${causeOf(error)}`
}

/** Codes of system calls and databases say a lot and quote nothing. */
const codeOf = (error: Error): string => "code" in error && typeof error.code === "string" ? ` [${error.code}]` : ""

/** The name and code of what is underneath; its message may quote values (a driver's does), so it stays out. */
const causeOf = (error: Error): string =>
  error.cause instanceof Error ? ` (caused by ${error.cause.name}${codeOf(error.cause)})` : ""

const stackOf = (error: unknown): string =>
  error instanceof Error && error.stack !== undefined
    ? `\n${error.stack.split("\n").filter((line) => line.startsWith("    at ")).slice(0, frames).join("\n")}`
    : ""
