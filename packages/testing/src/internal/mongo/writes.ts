import type { Doc } from "./documents.ts"
import { CommandError, docOf, docsOf, numberOf } from "./documents.ts"
import { projector } from "./queries.ts"
import type { Handler } from "./state.ts"
import { statementOf } from "./updates.ts"

const insert: Handler = (state, command, database) => {
  const collection = state.collection(`${database}.${String(command["insert"])}`)
  let n = 0
  const errors = each(command, "documents", (document) => {
    collection.insert(document)
    n++
  })
  return { n, ...errors }
}

const update: Handler = (state, command, database) => {
  const collection = state.collection(`${database}.${String(command["update"])}`)
  const upserted: Array<Doc> = []
  let n = 0
  let nModified = 0
  const errors = each(command, "updates", (source, index) => {
    const result = collection.update(statementOf(source))
    const isUpsert = "upserted" in result
    n += isUpsert ? 1 : result.matched
    nModified += result.modified
    if (isUpsert) upserted.push({ index, _id: result.upserted })
  })
  return { n, nModified, ...(upserted.length > 0 && { upserted }), ...errors }
}

const deleteCommand: Handler = (state, command, database) => {
  const collection = state.existing(`${database}.${String(command["delete"])}`)
  let n = 0
  const errors = each(command, "deletes", (source) => {
    n += collection.delete(docOf(source["q"]), {}, numberOf(source["limit"], 0)).length
  })
  return { n, ...errors }
}

const findAndModify: Handler = (state, command, database) => {
  const collection = state.collection(`${database}.${String(command["findAndModify"])}`)
  const show = projector(docOf(command["fields"]))
  const value = (document: Doc | undefined) => document === undefined ? null : show(document)
  if (command["remove"] === true) {
    const [removed] = collection.delete(docOf(command["query"]), docOf(command["sort"]), 1)
    return { value: value(removed), lastErrorObject: { n: removed === undefined ? 0 : 1 } }
  }
  const result = collection.update({ ...statementOf(command), isMulti: false })
  return {
    value: value(command["new"] === true ? result.after : result.before),
    lastErrorObject: {
      n: result.after === undefined ? 0 : 1,
      updatedExisting: result.before !== undefined,
      ...("upserted" in result && { upserted: result.upserted })
    }
  }
}

/** The one command of MongoDB 8.0 that writes to several collections. */
const bulkWrite: Handler = (state, command) => {
  const sum = { nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0, nErrors: 0 }
  const rows: Array<Doc> = []
  const namespaces = docsOf(command["nsInfo"]).map((info) => String(info["ns"]))
  const target = (operation: Doc, kind: string) => state.collection(namespaces[numberOf(operation[kind], 0)] ?? "")
  const errors = each(command, "ops", (operation, idx) => {
    if ("insert" in operation) {
      target(operation, "insert").insert(docOf(operation["document"]))
      sum.nInserted++
      rows.push({ ok: 1, idx, n: 1 })
    } else if ("update" in operation) {
      const result = target(operation, "update").update(statementOf(operation))
      const isUpsert = "upserted" in result
      sum.nUpserted += isUpsert ? 1 : 0
      sum.nMatched += result.matched
      sum.nModified += result.modified
      const n = isUpsert ? 1 : result.matched
      rows.push({ ok: 1, idx, n, nModified: result.modified, ...(isUpsert && { upserted: { _id: result.upserted } }) })
    } else {
      const limit = operation["multi"] === true ? 0 : 1
      const n = target(operation, "delete").delete(docOf(operation["filter"]), {}, limit).length
      sum.nDeleted += n
      rows.push({ ok: 1, idx, n })
    }
  })
  for (const { index, ...error } of docsOf(errors["writeErrors"])) {
    sum.nErrors++
    rows.push({ ok: 0, idx: index, n: 0, ...error })
  }
  rows.sort((a, b) => numberOf(a["idx"], 0) - numberOf(b["idx"], 0))
  return {
    ...sum,
    ...state.open(
      "admin.$cmd.bulkWrite",
      command["errorsOnly"] === true ? rows.filter((row) => row["ok"] === 0) : rows,
      undefined
    )
  }
}

/** Runs every statement of a write command; an ordered one ends at the first error. */
const each = (command: Doc, field: string, run: (statement: Doc, index: number) => void): Doc => {
  const writeErrors: Array<Doc> = []
  for (const [index, statement] of docsOf(command[field]).entries()) {
    try {
      run(statement, index)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.extra })
      if (command["ordered"] !== false) break
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {}
}

export const writes: Readonly<Record<string, Handler>> = {
  insert,
  update,
  delete: deleteCommand,
  findandmodify: findAndModify,
  bulkwrite: bulkWrite
}
