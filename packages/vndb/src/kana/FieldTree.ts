/**
 * Which members of answers a request selects: the language of its `fields` member, and what it costs to answer.
 *
 * Names are separated by commas; members of objects are named behind a dot or within braces; white space is ignored. `id` is
 * always among the members of entities. There are no wildcards.
 */
import { Result } from "effect"
import { LRUCache } from "lru-cache"
import { type Endpoint, fields, type Member, membersOf, type Table } from "./Fields.ts"
import { type KanaError, refused } from "./KanaError.ts"

/** The selected members, with those selected of each; a plain value has none. */
export interface FieldTree {
  readonly [name: string]: FieldTree
}

/** Objects within objects; the cost of more would be too much long before. */
const maxDepth = 30

/**
 * The members that a text selects.
 *
 * @example
 * ```ts
 * import * as FieldTree from "@kanau/vndb/kana/FieldTree"
 * import { Result } from "effect"
import { LRUCache } from "lru-cache"
 *
 * Result.getOrThrow(FieldTree.parse("vn", "title, image{url,dims}")) // => { id: {}, title: {}, image: { url: {}, dims: {} } }
 * Result.getOrThrow(Result.flip(FieldTree.parse("vn", "image"))).text // => "Invalid 'fields' member: The 'image' object requires specifying sub-field(s)."
 * ```
 */
export const parse = (endpoint: Endpoint, text: string): Result.Result<FieldTree, KanaError> => {
  const key = `${endpoint} ${text}`
  const known = parsed.get(key)
  if (known !== undefined) return Result.succeed(known)
  const grown: Growing = {}
  const problem = new Parser(text).members(fields[endpoint], grown, 0)
  if (problem !== undefined) return Result.fail(refused(`Invalid 'fields' member: ${problem}`))
  const tree = withIds({ inherits: endpoint }, grown)
  parsed.set(key, tree)
  return Result.succeed(tree)
}

/** A client asks for the same again and again; so many letters of what was asked are kept. */
const parsed = new LRUCache<string, FieldTree>({ maxSize: 2 ** 18, sizeCalculation: (_, { length }) => length })

/**
 * How many values an answer is expected to have, at most 100 000 of which VNDB accepts: selected members, times how many
 * objects there usually are, times results.
 *
 * @example
 * ```ts
 * import * as FieldTree from "@kanau/vndb/kana/FieldTree"
 *
 * FieldTree.cost("vn", { id: {}, titles: { lang: {}, title: {} } }, 10) // => 80
 * ```
 */
export const cost = (endpoint: Endpoint, tree: FieldTree, results: number): number =>
  costOf({ inherits: endpoint, count: results }, tree)

const costOf = (member: Member, tree: FieldTree): number => {
  const table = membersOf(member)
  if (table === undefined) return 0
  const own = Object.keys(tree).length + ("id" in table && !("id" in tree) ? 1 : 0)
  const inner = Object.entries(tree).reduce((sum, [name, each]) => sum + costOf(table[name] ?? {}, each), 0)
  return (own + inner) * (member.count ?? 1)
}

interface Growing {
  [name: string]: Growing
}

const withIds = (member: Member, tree: FieldTree): FieldTree => {
  const table = membersOf(member) ?? {}
  const inner = Object.entries(tree).map(([name, each]) => [name, withIds(table[name] ?? {}, each)] as const)
  return Object.fromEntries(member.inherits === undefined ? inner : [["id", {}], ...inner])
}

class Parser {
  /** Names and signs by turns; blank where there is no name between two signs. */
  readonly tokens: ReadonlyArray<string>
  at = 0

  constructor(text: string) {
    const tokens = text.trim().split(/\s*([,.{}])\s*/)
    this.tokens = tokens.slice(0, tokens.findLastIndex((token) => token !== "") + 1)
  }

  /** Reads up to the closing brace, or to the end; says what is wrong. */
  members(table: Table, tree: Growing, depth: number): string | undefined {
    // Where the next name is looked for: in `table`, behind a dot in the last object, and nowhere after a plain value.
    let from: Table | undefined = table
    let into = tree
    let last: string | undefined
    let path = depth
    for (let token = this.tokens[this.at++]; token !== undefined; token = this.tokens[this.at++]) {
      if (token === "") continue
      if (token === "}") {
        if (from !== undefined) return incomplete(last, "Expected (sub)field, got '}'")
        return depth > 0 ? undefined : "Unmatched '}'"
      }
      if (path > maxDepth) return "Too many levels"
      if (token === "{") {
        if (from === undefined) {
          return `Unexpected '{' after non-object field${last === undefined ? "" : ` '${last}'`}`
        }
        const problem = this.members(from, into, path + 1)
        if (problem !== undefined) return problem
        from = undefined
        last = undefined
        continue
      }
      if (token === ",") {
        if (from !== undefined) return incomplete(last, "Expected (sub)field, got comma")
        from = table
        into = tree
        last = undefined
        path = depth
        continue
      }
      if (from === undefined) {
        return last === undefined
          ? "Unexpected (sub)field after non-object field"
          : `Sub-field specified for non-object '${last}'`
      }
      const name = token === "." ? this.tokens[this.at++] : token
      if (name === undefined) return "Expected name after '.'"
      const member: Member | undefined = Object.hasOwn(from, name) ? from[name] : undefined
      if (member === undefined) return `Field '${name}' not found`
      last = name
      from = membersOf(member)
      into = into[name] ??= {}
      path++
    }
    if (from !== undefined && last !== undefined) return incomplete(last, "")
    return depth > 0 ? "Unmatched '{'" : undefined
  }
}

const incomplete = (last: string | undefined, otherwise: string): string =>
  last === undefined ? otherwise : `The '${last}' object requires specifying sub-field(s).`
