/**
 * The body of a request for entries: its members with their defaults and bounds, understood and checked as a whole.
 *
 * Refusals say what VNDB says, and the first of several that VNDB finds. Whether a token is right is not looked at here.
 */
import { Result } from "effect"
import type { Endpoint } from "./Fields.ts"
import * as FieldTree from "./FieldTree.ts"
import type { Filter } from "./Filter.ts"
import * as FilterParser from "./FilterParser.ts"
import { idOf, scalarOf, wholeNumber } from "./internal/scalars.ts"
import { type KanaError, refused } from "./KanaError.ts"
import { words } from "./SearchText.ts"
import { sortNames } from "./Sorts.ts"

/** A request that has been understood. */
export interface Query {
  readonly endpoint: Endpoint
  readonly filter: Filter | null
  readonly fields: FieldTree.FieldTree
  readonly sort: string
  /** The words to rank entries by, when they are sorted by `searchrank`. */
  readonly rankedBy: ReadonlyArray<string> | null
  readonly reverse: boolean
  readonly results: number
  readonly page: number
  readonly count: boolean
  readonly compactFilters: boolean
  readonly normalizedFilters: boolean
  readonly time: boolean
  /** Whose lists are meant: the request's, or that of the token. */
  readonly user: string | null
}

/** Most values of an answer, as expected by `FieldTree.cost`. */
const maxCost = 100_000

const members = new Set(
  "compact_filters count fields filters normalized_filters page results reverse sort time user".split(" ")
)

/**
 * The query that a body means. `reader` is the user of the token, if there is one.
 *
 * @example
 * ```ts
 * import * as Query from "@kanau/vndb/kana/Query"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Query.parse("vn", { filters: ["id", "=", "v17"], fields: "title" }, null)).results // => 10
 * Result.getOrThrow(Result.flip(Query.parse("vn", { limit: 10 }, null))).text // => "Unknown member 'limit'."
 * ```
 */
export const parse = (endpoint: Endpoint, body: unknown, reader: string | null): Result.Result<Query, KanaError> =>
  Result.gen(function*() {
    if (typeof body !== "object" || body === null || Array.isArray(body)) return yield* wrong("Invalid query.")
    const input: Readonly<Record<string, unknown>> = { ...body }
    const unknown = Object.keys(input).sort().find((name) => !members.has(name))
    if (unknown !== undefined) return yield* wrong(`Unknown member '${unknown}'.`)
    const compactFilters = yield* flag(input, "compact_filters")
    const count = yield* flag(input, "count")
    const selected = scalarOf(input["fields"])
    if (selected === undefined) return yield* wrong("Invalid 'fields' member.")
    const fields = yield* FieldTree.parse(endpoint, selected)
    const owner = isMissing(input["user"]) ? reader : input["user"]
    const filter = yield* FilterParser.parse(endpoint === "ulist" ? "vn" : endpoint, input["filters"], owner)
    const normalizedFilters = yield* flag(input, "normalized_filters")
    const page = yield* whole(input, "page", 1, 1, 1_000_000)
    const results = yield* whole(input, "results", 10, 0, 100)
    const reverse = yield* flag(input, "reverse")
    const sorts = sortNames(endpoint)
    const sort = sorts.find((name) => name === (isMissing(input["sort"]) ? sorts[0] : scalarOf(input["sort"])))
    if (sort === undefined) return yield* wrong("Invalid 'sort' member.")
    const time = yield* flag(input, "time")
    const user = owner === null ? null : idOf("u", owner)
    if (user === undefined) return yield* wrong("Invalid 'user' member.")
    const cost = FieldTree.cost(endpoint, fields, results)
    if (cost > maxCost) return yield* wrong(`Too much data selected (estimated ${cost} fields)`)
    const rankedBy = sort === "searchrank" ? searchOf(filter) : null
    if (sort === "searchrank" && rankedBy === null) {
      return yield* wrong(
        "\"searchrank\" sort is only available when the top-level filter is \"search\", or an \"and\" with at most one \"search\"."
      )
    }
    if (endpoint === "ulist" && user === null) {
      return yield* wrong("Missing \"user\" parameter and not authenticated.")
    }
    const asked = { compactFilters, count, normalizedFilters, time }
    return { endpoint, filter, fields, sort, rankedBy, reverse, results, page, user, ...asked }
  })

/**
 * The query that a body in JSON means.
 *
 * @example
 * ```ts
 * import * as Query from "@kanau/vndb/kana/Query"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Result.flip(Query.fromJson("vn", "{", null))) // => { status: 400, text: "Invalid query." }
 * ```
 */
export const fromJson = (endpoint: Endpoint, text: string, reader: string | null): Result.Result<Query, KanaError> => {
  try {
    return parse(endpoint, JSON.parse(text), reader)
  } catch {
    return wrong("Invalid query.")
  }
}

const wrong = (text: string): Result.Result<never, KanaError> => Result.fail(refused(text))

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ""

const flag = (input: Readonly<Record<string, unknown>>, name: string): Result.Result<boolean, KanaError> => {
  const value = isMissing(input[name]) ? false : input[name]
  return typeof value === "boolean" ? Result.succeed(value) : wrong(`Invalid '${name}' member.`)
}

const whole = (
  input: Readonly<Record<string, unknown>>,
  name: string,
  missing: number,
  min: number,
  max: number
): Result.Result<number, KanaError> => {
  const value = isMissing(input[name]) ? missing : wholeNumber(scalarOf(input[name]), min, max)
  return value === undefined ? wrong(`Invalid '${name}' member.`) : Result.succeed(value)
}

/** The words of the only search, alone or at the top of an "and"; null where there is none, or it has no words. */
const searchOf = (filter: Filter | null): ReadonlyArray<string> | null => {
  const top = filter === null ? [] : filter.is === "and" ? filter.of : [filter]
  const searches = top.filter((each) => each.is === "search").filter(({ op }) => op === "=")
  const found = searches.length === 1 ? words(searches[0]?.value ?? "") : []
  return found.length === 0 ? null : found
}
