/** Checks of queries, before anything is sent. Issues name fields and rules, never what was asked. */
import { Fault } from "@kanau/core"
import { Effect } from "effect"
import type { Filter, Scalar } from "../Filter.ts"
import type { Asked, Change, Definition, Query } from "../SearchIndex.ts"
import { limits } from "./limits.ts"

type Issue = Fault.InvalidInput["issues"][number]

export const checkQuery = (index: Definition, query: Query): Effect.Effect<void, Fault.InvalidInput> => {
  const issues = queryIssues(index, query)
  return issues.length === 0 ? Effect.void : Effect.fail(new Fault.InvalidInput({ issues }))
}

export const checkQueries = (queries: ReadonlyArray<Asked>): Effect.Effect<void, Fault.InvalidInput> =>
  queries.length > limits.queries
    ? Effect.fail(
      new Fault.InvalidInput({ issues: [{ path: "queries", message: `At most ${limits.queries} at once` }] })
    )
    : Effect.forEach(queries, ({ index, query }) => checkQuery(index, query), { discard: true })

/** Ids that no adapter could keep are bugs of whoever derives documents. */
export const checkChanges = (
  index: Definition,
  changes: ReadonlyArray<Change>
): Effect.Effect<void, Fault.Invariant> => {
  const ids = new Set<string>()
  for (const { id } of changes) {
    if (id === "" || encoder.encode(id).length > limits.id) {
      return Effect.fail(
        new Fault.Invariant({ reason: `A document of ${index.name} has an id that is empty or too long` })
      )
    }
    ids.add(id)
  }
  return ids.size === changes.length
    ? Effect.void
    : Effect.fail(new Fault.Invariant({ reason: `A batch for ${index.name} names a document twice` }))
}

const encoder = new TextEncoder()

const queryIssues = (index: Definition, query: Query): ReadonlyArray<Issue> => {
  const issues: Array<Issue> = []
  const demand = (holds: boolean, path: string, message: string): void => {
    if (!holds) issues.push({ path, message })
  }
  const declared = (path: string, fields: ReadonlyArray<string>, asked: ReadonlyArray<string>): void => {
    for (const field of asked) {
      demand(fields.includes(field), path, `Not a field of ${index.name} for this; there are: ${fields.join(", ")}`)
    }
    demand(new Set(asked).size === asked.length, path, "Each field once")
  }
  const { text = "", limit = 20, offset = 0, sort = [], facets = [], highlight } = query
  demand(text.length <= limits.text, "text", `At most ${limits.text} characters`)
  demand(Number.isSafeInteger(limit) && limit >= 0 && limit <= limits.limit, "limit", `From 0 to ${limits.limit}`)
  demand(
    Number.isSafeInteger(offset) && offset >= 0 && offset + limit <= limits.reach,
    "offset",
    `From 0 on, and with the limit at most ${limits.reach}`
  )
  declared("sort", index.sortable, sort.map(({ field }) => field))
  demand(sort.every(({ direction }) => direction === "asc" || direction === "desc"), "sort", "asc or desc")
  declared("facets", index.filterable, facets)
  declared("highlight", index.searchable, highlight?.fields ?? [])
  if (query.filter !== undefined) filterIssues(index, query.filter, demand)
  return issues
}

type Demand = (holds: boolean, path: string, message: string) => void

const filterIssues = (index: Definition, filter: Filter, demand: Demand): void => {
  let size = 0
  const value = (value: Scalar): void => {
    size++
    demand(typeof value !== "number" || Number.isFinite(value), "filter", "Numbers are finite")
    demand(
      typeof value !== "string" || (value.length <= limits.text && !/[\\\p{Cc}]/u.test(value)),
      "filter",
      `Text of at most ${limits.text} characters, without backslashes and control characters`
    )
  }
  const visit = (filter: Filter, depth: number): void => {
    size++
    if (depth > limits.filterDepth) return demand(false, "filter", `At most ${limits.filterDepth} within each other`)
    if (size > limits.filterSize) return
    switch (filter.op) {
      case "allOf":
      case "anyOf":
        return filter.filters.forEach((one) => visit(one, depth + 1))
      case "not":
        return visit(filter.filter, depth + 1)
      default:
        demand(
          index.filterable.includes(filter.field),
          "filter",
          `Not a field of ${index.name} for this; there are: ${index.filterable.join(", ")}`
        )
    }
    if (filter.op === "is") value(filter.value)
    else if (filter.op === "oneOf") filter.values.forEach(value)
    else if (filter.op === "between") [filter.atLeast ?? 0, filter.atMost ?? 0].forEach(value)
  }
  visit(filter, 1)
  demand(size <= limits.filterSize, "filter", `At most ${limits.filterSize} filters and values`)
}
