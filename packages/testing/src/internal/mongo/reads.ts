import { Aggregator } from "mingo/aggregator"
import type { Doc } from "./documents.ts"
import { clone, CommandError, docOf, docsOf, keyOf, numberOf, valueAt } from "./documents.ts"
import { context, idFirst, projector } from "./queries.ts"
import type { Handler } from "./state.ts"

const find: Handler = (state, command, database) => {
  state.queries++
  const namespace = `${database}.${String(command["find"])}`
  const skip = numberOf(command["skip"], 0)
  const limit = Math.abs(numberOf(command["limit"], 0))
  const found = state.existing(namespace)
    .find(docOf(command["filter"]), docOf(command["sort"]), limit === 0 ? 0 : skip + limit)
    .slice(skip)
    .map(projector(docOf(command["projection"])))
  return state.open(namespace, found, batchSizeOf(command), command["singleBatch"] === true)
}

const getMore: Handler = (state, command) => state.more(BigInt(numberOf(command["getMore"], 0)), batchSizeOf(command))

const killCursors: Handler = (state, command) => {
  const cursors = Array.isArray(command["cursors"]) ? command["cursors"] : []
  for (const id of cursors) state.cursors.delete(BigInt(numberOf(id, 0)))
  return { cursorsKilled: cursors, cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [] }
}

const count: Handler = (state, command, database) => {
  const skip = numberOf(command["skip"], 0)
  const limit = numberOf(command["limit"], 0)
  const found = state.existing(`${database}.${String(command["count"])}`)
    .find(docOf(command["query"]), {}, limit === 0 ? 0 : skip + limit)
  return { n: Math.max(0, found.length - skip) }
}

const distinct: Handler = (state, command, database) => {
  const values = new Map<string, unknown>()
  for (const document of state.existing(`${database}.${String(command["distinct"])}`).find(docOf(command["query"]))) {
    for (const value of [valueAt(document, String(command["key"]))].flat()) {
      if (value !== undefined) values.set(keyOf(value), value)
    }
  }
  return { values: [...values.values()] }
}

const aggregateCommand: Handler = (state, command, database) => {
  const name = command["aggregate"]
  const namespace = `${database}.${typeof name === "string" ? name : "$cmd.aggregate"}`
  const stages = docsOf(command["pipeline"])
  const unknown = stages.flatMap(Object.keys).find((stage) => notModelled.has(stage))
  if (unknown !== undefined) throw new CommandError(40324, `The MongoDB stand-in has no ${unknown}.`)
  // A leading `$match` goes through the id map, which is what makes `countDocuments({ _id })` cheap.
  const first = docOf(stages[0]?.["$match"])
  const input = typeof name === "string" ? state.existing(namespace).find(first) : []
  const rest = "$match" in (stages[0] ?? {}) ? stages.slice(1) : stages
  const output = new Aggregator(rest, {
    context,
    collectionResolver: (other) => state.existing(`${database}.${other}`).find({}).map(clone),
    ...("let" in command && { variables: docOf(command["let"]) })
  }).run<Doc>(input.map((document) => ({ ...document })))
  return state.open(namespace, output.map(idFirst), batchSizeOf(docOf(command["cursor"])))
}

const notModelled = new Set(["$changeStream", "$out", "$merge", "$search"])

const batchSizeOf = (command: Doc): number | undefined =>
  command["batchSize"] === undefined ? undefined : numberOf(command["batchSize"], 0)

export const reads: Readonly<Record<string, Handler>> = {
  find,
  getmore: getMore,
  killcursors: killCursors,
  count,
  distinct,
  aggregate: aggregateCommand
}
