import { Fault } from "@kanau/core"
import { MongoBulkWriteError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from "mongodb"

/**
 * What went wrong, without quoting what the server said: its messages hold ids and values. Network errors name hosts
 * and ports only.
 */
export const unavailable = (error: unknown): Fault.Unavailable =>
  new Fault.Unavailable({ dependency: "mongodb", reason: reasonOf(error) })

const reasonOf = (error: unknown): string => {
  if (error instanceof MongoBulkWriteError) {
    // A bulk write wraps what stopped it.
    const cause: unknown = error.errorResponse
    if (cause instanceof Error) return reasonOf(cause)
  }
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return error.message
  if (error instanceof MongoServerError) {
    return `the server answered ${error.codeName ?? "with error"} (${error.code ?? "no code"})`
  }
  return error instanceof Error ? error.name : "the driver failed"
}
