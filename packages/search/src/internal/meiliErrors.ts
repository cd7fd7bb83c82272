/**
 * What went wrong, without quoting what the server said: its messages hold ids and values. Codes are words of its
 * documentation.
 */
import { Fault } from "@kanau/core"
import type { Task } from "meilisearch"
import { MeilisearchApiError, MeilisearchError } from "meilisearch"
import { SearchTaskFailed } from "../SearchIndex.ts"

/** A request that was not answered, or refused. */
export const unavailable = (error: unknown): Fault.Unavailable =>
  new Fault.Unavailable({ dependency: "meilisearch", reason: reasonOf(error) })

const reasonOf = (error: unknown): string => {
  const code = codeOf(error)
  if (code === "index_not_found") return "an index is not there; prepare it first"
  if (code !== undefined) return `the server answered ${code}`
  if (error instanceof MeilisearchApiError) return `the server answered with status ${error.response.status}`
  return error instanceof MeilisearchError ? "it does not answer" : "the client failed"
}

/** The code of an answer that is an error. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof MeilisearchApiError ? error.cause?.code : undefined

/** A write that was refused at once: for good when it is wrong, for now in all other cases. */
export const refused = (index: string) => (error: unknown): Fault.Unavailable | SearchTaskFailed => {
  const isWrong = error instanceof MeilisearchApiError && error.cause?.type === "invalid_request"
  return isWrong ? new SearchTaskFailed({ index, code: codeOf(error) ?? "no code" }) : unavailable(error)
}

/** A task that was not carried out. */
export const failed = (index: string, task: Pick<Task, "error" | "status">): Fault.Unavailable | SearchTaskFailed => {
  const { code = task.status, type } = task.error ?? {}
  return type === "invalid_request"
    ? new SearchTaskFailed({ index, code })
    : new Fault.Unavailable({ dependency: "meilisearch", reason: `a write to ${index} was not carried out: ${code}` })
}
