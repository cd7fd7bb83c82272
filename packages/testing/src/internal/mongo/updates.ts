/** What an update makes of a document, and what an upsert starts from. */
import { Aggregator } from "mingo/aggregator"
import { update as apply } from "mingo/updater"
import type { Doc } from "./documents.ts"
import { clone, CommandError, docOf, docsOf, hasOperators, isPlain, keyOf, setAt } from "./documents.ts"
import { context } from "./queries.ts"

/** One statement of an `update` command. */
export interface Statement {
  readonly filter: Doc
  /** A replacement, operators, or a pipeline. */
  readonly change: unknown
  readonly arrayFilters: ReadonlyArray<Doc>
  readonly sort: Doc
  readonly isMulti: boolean
  readonly isUpsert: boolean
}

export const statementOf = (source: Doc): Statement => ({
  filter: docOf(source["q"] ?? source["filter"] ?? source["query"]),
  change: source["u"] ?? source["updateMods"] ?? source["update"],
  arrayFilters: docsOf(source["arrayFilters"]),
  sort: docOf(source["sort"]),
  isMulti: source["multi"] === true,
  isUpsert: source["upsert"] === true
})

/** The document after an update; the one given stays as it is. */
export const changed = (document: Doc, { change, filter, arrayFilters }: Statement, isInsert: boolean): Doc => {
  const id = document["_id"]
  if (Array.isArray(change)) {
    return keepingId(id, docOf(new Aggregator(docsOf(change), { context }).run([clone(document)])[0]))
  }
  if (!hasOperators(change)) {
    return id === undefined
      ? { ...docOf(change) }
      : Object.assign({ _id: id }, docOf(change), { _id: id })
  }
  const { $setOnInsert, ...operators } = change
  if (isInsert) operators["$set"] = { ...docOf(operators["$set"]), ...docOf($setOnInsert) }
  const next = clone(document)
  for (const [operator, operand] of Object.entries(operators)) {
    const fields = docOf(operand)
    if (Object.keys(fields).length === 0) continue
    if ("_id" in fields) keepingId(id, fields)
    apply(next, { [operator]: operand }, [...arrayFilters], isInsert ? {} : filter, {
      cloneMode: "none",
      queryOptions: { context }
    })
  }
  return keepingId(id, next)
}

/** The document an upsert starts from: what the filter says about equality. */
export const seedOf = ({ filter, change }: Statement): Doc => {
  const seed: Doc = {}
  const collect = (part: Doc): void => {
    for (const [path, wanted] of Object.entries(part)) {
      if (path === "$and") docsOf(wanted).forEach(collect)
      else if (path.startsWith("$") || wanted instanceof RegExp) continue
      else if (!hasOperators(wanted)) setAt(seed, path, wanted)
      else if ("$eq" in wanted) setAt(seed, path, wanted["$eq"])
    }
  }
  collect(filter)
  if (Array.isArray(change) || hasOperators(change)) return seed
  return "_id" in seed ? { _id: seed["_id"] } : {}
}

const keepingId = (id: unknown, next: Doc): Doc => {
  if (id !== undefined && keyOf(id) !== keyOf(next["_id"])) {
    throw new CommandError(66, "Performing an update on the path '_id' would modify the immutable field '_id'")
  }
  return isPlain(next) ? next : {}
}
