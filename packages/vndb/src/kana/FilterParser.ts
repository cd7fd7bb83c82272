/**
 * Understands filters in all their forms: lists, JSON text, and the compact form as text or with codes instead of names.
 *
 * What comes out is safe to evaluate: values follow the rules of their filters, there are at most 1000 of them, and they
 * are nested no deeper than 20 levels. Refusals say what VNDB says.
 */
import { Result } from "effect"
import { type Filter, type Leaf, type Operator, operators } from "./Filter.ts"
import { type Definition, type Entity, filters } from "./Filters.ts"
import { decode, maxDepth } from "./internal/compactText.ts"
import { read } from "./internal/filterValues.ts"
import { type KanaError, refused } from "./KanaError.ts"
import { words } from "./SearchText.ts"

/** Most filters of a request, not counting the outermost "and" or "or". */
const maxFilters = 1000

/**
 * The filter that an input stands for; null for none. `user` is whose list a label without a user is of.
 *
 * @example
 * ```ts
 * import * as FilterParser from "@kanau/vndb/kana/FilterParser"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(FilterParser.parse("vn", "Nv0h")) // => { is: "id", name: "id", op: "=", value: "v17" }
 * Result.flip(FilterParser.parse("vn", ["lang", "=", "x"])).pipe(Result.getOrThrow) // => { status: 400, text: "Invalid 'lang' filter: Invalid value." }
 * ```
 */
export const parse = (entity: Entity, input: unknown, user?: unknown): Result.Result<Filter | null, KanaError> => {
  const tree = treeOf(input)
  if (typeof tree === "string") return Result.fail(refused(`Invalid 'filters' member: ${tree}`))
  if (Array.isArray(tree) && tree.length === 0) return Result.succeed(null)
  return new Parser(user).filter(entity, tree, 0)
}

/** Whatever the form, a list; or what is wrong with the form. */
const treeOf = (input: unknown): ReadonlyArray<unknown> | string => {
  if (Array.isArray(input)) return input
  if (input === null || input === undefined) return []
  const text = typeof input === "string" ? input.trim() : typeof input === "number" ? String(input) : undefined
  if (text === undefined) return "Invalid query"
  if (text === "") return []
  if (!text.startsWith("[")) return decode(text)
  try {
    // Text that starts like this is a list, or no JSON.
    return JSON.parse(text) as ReadonlyArray<unknown>
  } catch {
    return "Invalid JSON"
  }
}

class Parser {
  readonly user: unknown
  seen = 0

  constructor(user: unknown) {
    this.user = user
  }

  filter(entity: Entity, input: unknown, depth: number): Result.Result<Filter, KanaError> {
    if (!Array.isArray(input) || input.length < 2) return wrong("Invalid query")
    const [head, op, value] = input as ReadonlyArray<unknown>
    if (typeof head !== "string" && typeof head !== "number") return wrong("Invalid query")
    if (this.seen++ > maxFilters) return wrong("Too many predicates")
    if (depth > maxDepth) return wrong("Too many levels")
    const name = nameOf(entity, String(head))
    if (name === "and" || name === "or") return this.combined(name, entity, input.slice(1), depth)
    if (input.length !== 3 || typeof op !== "string") return wrong("Invalid predicate")
    const definition = Object.hasOwn(filters[entity], name) ? filters[entity][name] : undefined
    if (definition === undefined) return wrong("Unknown field", name)
    if (!allows(definition, op)) return wrong("Invalid operator", name)
    const { rule } = definition
    if (rule.is === "nested") {
      // A filter that is not ordered has these two operators only.
      const nested = { is: "nested", name, op: op as "=" | "!=", of: rule.of } as const
      return Result.map(this.filter(rule.of, value, depth + 1), (filter) => ({ ...nested, filter }))
    }
    const found = read(rule, value, this.user)
    if (found === undefined) return wrong("Invalid value", name)
    // The kind and the value of what is found belong together.
    const leaf = { name, op, ...found } as Leaf
    // Words of a search are looked for one by one.
    if (leaf.is === "search") this.seen += Math.max(0, words(leaf.value).length - 1)
    return this.seen > maxFilters + 1 ? wrong("Too many predicates") : Result.succeed(leaf)
  }

  private combined(
    is: "and" | "or",
    entity: Entity,
    inputs: ReadonlyArray<unknown>,
    depth: number
  ): Result.Result<Filter, KanaError> {
    const of: Array<Filter> = []
    for (const input of inputs) {
      const each = this.filter(entity, input, depth + 1)
      if (Result.isFailure(each)) return each
      of.push(each.success)
    }
    return Result.succeed({ is, of })
  }
}

const allows = (definition: Definition, op: string): op is Operator =>
  op === "=" || op === "!=" || (definition.ordered && operators.some((known) => known === op))

/** Names by their codes, for each entity. */
const names: ReadonlyMap<string, string> = new Map(
  Object.entries(filters).flatMap(([entity, each]) =>
    Object.entries(each).map(([name, { code }]) => [`${entity} ${code}`, name] as const)
  )
)

const nameOf = (entity: Entity, head: string): string => {
  if (!/^\d+$/.test(head)) return head
  const code = Number(head)
  return code === 0 ? "and" : code === 1 ? "or" : names.get(`${entity} ${code}`) ?? head
}

const wrong = (text: string, filter?: string): Result.Result<never, KanaError> =>
  Result.fail(
    refused(filter === undefined ? `Invalid 'filters' member: ${text}` : `Invalid '${filter}' filter: ${text}.`)
  )
