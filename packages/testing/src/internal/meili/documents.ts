/** The routes below `/indexes/:uid/documents`. */
import { MeiliError } from "./errors.ts"
import type { Test } from "./filters.ts"
import { filter, parse } from "./filters.ts"
import type { Request } from "./routes.ts"
import type { Answer, Index, State } from "./state.ts"
import type { Json, JsonObject } from "./values.ts"
import { isObject, listOf, numberOr, pick, stringsOf, textOf } from "./values.ts"

export const documents = (state: State, request: Request, uid: string, id: string | undefined): Answer => {
  const { method, query } = request
  if (method === "POST" && id === "fetch") return fetched(state.index(uid), request.object())
  if (method === "POST" && id === "delete") return removedByFilter(state, uid, request.object())
  if (method === "POST" && id === "delete-batch") {
    const ids = new Set(listOf(request.json()).map(textOf))
    return removed(
      state,
      uid,
      { providedIds: ids.size, originalFilter: null },
      (index) => (document) => ids.has(keyOf(index, document))
    )
  }
  if (method === "GET" && id === undefined) {
    return listed([...state.index(uid).documents.values()], query, query["fields"]?.split(","))
  }
  if (method === "GET") {
    const found = state.index(uid).documents.get(id ?? "")
    if (found === undefined) throw new MeiliError(404, "document_not_found", `Document \`${id}\` not found.`)
    return [200, pick(found, query["fields"]?.split(","))]
  }
  if (method === "DELETE" && id === undefined) return removed(state, uid, {}, () => () => true)
  if (method === "DELETE") {
    return removed(
      state,
      uid,
      { providedIds: 1, originalFilter: null },
      (index) => (document) => keyOf(index, document) === id
    )
  }
  return added(state, request, uid)
}

const keyOf = ({ primaryKey }: Index, document: JsonObject): string => textOf(document[primaryKey ?? ""])

const listed = (
  found: ReadonlyArray<JsonObject>,
  page: JsonObject,
  fields: ReadonlyArray<string> | undefined
): Answer => {
  const [offset, limit] = [numberOr(page["offset"], 0), numberOr(page["limit"], 20)]
  const results = found.slice(offset, offset + limit).map((document) => pick(document, fields))
  return [200, { results, offset, limit, total: found.length }]
}

const fetched = (index: Index, body: JsonObject): Answer => {
  const fits = filter(index, body["filter"], "invalid_document_filter")
  const ids = body["ids"] === undefined ? undefined : stringsOf(body["ids"])
  const found = [...index.documents.values()].filter((document) =>
    fits(document) && (ids === undefined || ids.includes(keyOf(index, document)))
  )
  return listed(found, body, body["fields"] === undefined ? undefined : stringsOf(body["fields"]))
}

const removedByFilter = (state: State, uid: string, body: JsonObject): Answer => {
  const source = body["filter"]
  if (source === undefined) throw new MeiliError(400, "missing_document_filter", "Missing field `filter`")
  parse(source, "invalid_document_filter")
  const details = { providedIds: 0, originalFilter: JSON.stringify(source) }
  return removed(state, uid, details, (index) => filter(index, source, "invalid_document_filter"))
}

const removed = (state: State, uid: string, details: JsonObject, choose: (index: Index) => Test): Answer =>
  state.enqueue(uid, "documentDeletion", details, () => {
    const index = state.index(uid)
    const isChosen = choose(index)
    const gone = [...index.documents].filter(([, document]) => isChosen(document))
    for (const [key] of gone) index.documents.delete(key)
    return { deletedDocuments: gone.length }
  })

const added = (state: State, request: Request, uid: string): Answer => {
  const rows = [request.json()].flat().filter((row): row is JsonObject => isObject(row as Json))
  const details = { receivedDocuments: rows.length, indexedDocuments: null }
  return state.enqueue(uid, "documentAdditionOrUpdate", details, () => {
    const index = state.indexOrNew(uid)
    const primaryKey = index.primaryKey ?? request.query["primaryKey"] ?? inferred(rows)
    for (const row of rows) checkKey(row, primaryKey)
    index.primaryKey = primaryKey
    for (const row of rows) {
      const key = textOf(row[primaryKey])
      index.documents.set(key, request.method === "PUT" ? { ...index.documents.get(key), ...row } : row)
    }
    index.updatedAt = new Date().toISOString()
    return { indexedDocuments: rows.length }
  })
}

const inferred = ([row = {}]: ReadonlyArray<JsonObject>): string => {
  const candidates = Object.keys(row).filter((name) => /id$/i.test(name))
  const [only] = candidates
  if (only === undefined) {
    throw new MeiliError(
      400,
      "index_primary_key_no_candidate_found",
      "The primary key inference failed as the engine did not find any field ending with `id` in its name."
    )
  }
  if (candidates.length === 1) return only
  const message = `The primary key inference failed as the engine found ${candidates.length} fields ending with \`id\`.`
  throw new MeiliError(400, "index_primary_key_multiple_candidates_found", message)
}

const checkKey = (row: JsonObject, primaryKey: string): void => {
  const key = row[primaryKey]
  if (key === undefined) {
    throw new MeiliError(400, "missing_document_id", `Document doesn't have a \`${primaryKey}\` attribute.`)
  }
  if (!["string", "number"].includes(typeof key) || !/^[\w-]{1,511}$/.test(textOf(key))) {
    throw new MeiliError(400, "invalid_document_id", `Document identifier \`${JSON.stringify(key)}\` is invalid.`)
  }
}
