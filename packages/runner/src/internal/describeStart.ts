/** Why a process could not start, in one sentence that says what to do. */
import { Fault } from "@kanau/core"
import { Cause, Config, Schema } from "effect"
import { describeError } from "./describe.ts"

export const describeStart = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  if (error instanceof Config.ConfigError) {
    return Schema.isSchemaError(error.cause)
      ? `the configuration is not complete. ${
        Fault.issuesOf(error.cause).map((issue) =>
          `Set ${issue.path.replaceAll(".", "_")}: ${issue.message.toLowerCase()}`
        ).join("; ")
      }.`
      : "the configuration cannot be read. Check that its files exist and may be read."
  }
  const fault = Fault.faultOf(cause)
  if (fault?.kind === "unavailable") return `${fault.message}. Start it, or correct the address in the configuration.`
  return describeError(error)
}
