/** The HTTP interface: what a request asks for, and the answer. */
import { documents } from "./documents.ts"
import { MeiliError } from "./errors.ts"
import { filter } from "./filters.ts"
import { checkFacet, search } from "./search.ts"
import { changed, check, defaults } from "./settings.ts"
import type { Answer, Index, State } from "./state.ts"
import { Index as NewIndex } from "./state.ts"
import type { Json, JsonObject } from "./values.ts"
import { fold, isObject, listOf, member, numberOr, stringsOf, textOf, texts } from "./values.ts"

export interface Request {
  readonly method: string
  readonly path: ReadonlyArray<string>
  readonly query: Readonly<Record<string, string>>
  readonly json: () => Json
  /** The body, or an empty one, as an object. */
  readonly object: () => JsonObject
}

/** The version it claims to be. */
export const version = "1.53.0"

export const route = (state: State, request: Request): Answer => {
  const [root = "", uid, section, sub] = request.path
  switch (root) {
    case "version":
      return [200, { commitSha: "stand-in", commitDate: "stand-in", pkgVersion: version }]
    case "stats": {
      const indexes = Object.fromEntries([...state.indexes].map(([name, index]) => [name, statsOf(state, index)]))
      return [200, { databaseSize: 0, usedDatabaseSize: 0, lastUpdate: null, indexes }]
    }
    case "tasks":
      return tasks(state, request, uid)
    case "multi-search": {
      const queries = listOf(request.object()["queries"]).filter(isObject)
      return [200, {
        results: queries.map((query) => {
          const name = textOf(query["indexUid"])
          return { indexUid: name, ...search(state.index(name), query) }
        })
      }]
    }
    case "swap-indexes":
      return swap(state, listOf(request.json()))
    case "indexes":
      if (uid === undefined) return indexes(state, request)
      return section === undefined ? index(state, request, uid) : sections(state, request, uid, section, sub)
    default:
      throw new MeiliError(404, "not_found", "Not found")
  }
}

const sections = (state: State, request: Request, uid: string, section: string, sub: string | undefined): Answer => {
  switch (section) {
    case "stats":
      return [200, statsOf(state, state.index(uid))]
    case "search":
      return [200, search(state.index(uid), request.method === "POST" ? request.object() : fromUrl(request.query))]
    case "facet-search":
      return facetSearch(state.index(uid), request.object())
    case "settings":
      return settings(state, request, uid, sub?.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()))
    case "documents":
      return documents(state, request, uid, sub)
    default:
      throw new MeiliError(404, "not_found", "Not found")
  }
}

const fromUrl = ({ facets, sort, ...query }: Request["query"]): JsonObject => ({
  ...query,
  ...(sort === undefined ? {} : { sort: sort.split(",") }),
  ...(facets === undefined ? {} : { facets: facets.split(",") })
})

const statsOf = (state: State, { documents }: Index): JsonObject => {
  const fieldDistribution: Record<string, number> = {}
  for (const document of documents.values()) {
    for (const name of Object.keys(document)) fieldDistribution[name] = (fieldDistribution[name] ?? 0) + 1
  }
  return {
    numberOfDocuments: documents.size,
    rawDocumentDbSize: 0,
    avgDocumentSize: 0,
    isIndexing: state.isBusy,
    numberOfEmbeddings: 0,
    numberOfEmbeddedDocuments: 0,
    fieldDistribution
  }
}

const indexes = (state: State, request: Request): Answer => {
  if (request.method === "GET") {
    const [offset, limit] = [numberOr(request.query["offset"], 0), numberOr(request.query["limit"], 20)]
    const all = [...state.indexes.values()].map(({ info }) => info)
    return [200, { results: all.slice(offset, offset + limit), offset, limit, total: all.length }]
  }
  const { primaryKey = null, uid } = request.object()
  if (typeof uid !== "string") throw new MeiliError(400, "missing_index_uid", "Missing field `uid`")
  if (!/^[\w-]+$/.test(uid)) throw new MeiliError(400, "invalid_index_uid", `\`${uid}\` is not a valid index uid.`)
  return state.enqueue(uid, "indexCreation", { primaryKey }, () => {
    if (state.indexes.has(uid)) throw new MeiliError(409, "index_already_exists", `Index \`${uid}\` already exists.`)
    state.indexes.set(uid, new NewIndex(uid, primaryKey === null ? null : textOf(primaryKey)))
  })
}

const index = (state: State, request: Request, uid: string): Answer => {
  if (request.method === "GET") return [200, state.index(uid).info]
  if (request.method === "DELETE") {
    return state.enqueue(uid, "indexDeletion", {}, () => {
      const { documents } = state.index(uid)
      state.indexes.delete(uid)
      return { deletedDocuments: documents.size }
    })
  }
  const primaryKey = textOf(request.object()["primaryKey"])
  return state.enqueue(uid, "indexUpdate", { primaryKey }, () => {
    const found = state.index(uid)
    if (found.documents.size > 0) {
      throw new MeiliError(400, "index_primary_key_already_exists", `Index \`${uid}\` has a primary key already.`)
    }
    found.primaryKey = primaryKey
  })
}

const swap = (state: State, swaps: ReadonlyArray<Json>): Answer =>
  state.enqueue(null, "indexSwap", { swaps }, () => {
    for (const one of swaps) {
      const [a = "", b = ""] = stringsOf(member(one, "indexes"))
      const [x, y] = [state.index(a), state.index(b)]
      state.indexes.set(a, y)
      state.indexes.set(b, x)
      y.uid = a
      x.uid = b
    }
  })

const settings = (state: State, request: Request, uid: string, name: string | undefined): Answer => {
  if (request.method === "GET") {
    const { settings: all } = state.index(uid)
    return [200, name === undefined ? all : all[name] ?? null]
  }
  const changes = request.method === "DELETE"
    ? name === undefined ? defaults() : { [name]: null }
    : name === undefined
    ? request.object()
    : { [name]: request.json() }
  check(changes)
  return state.enqueue(uid, "settingsUpdate", changes, () => {
    const found = state.indexOrNew(uid)
    found.settings = changed(found.settings, changes)
    found.updatedAt = new Date().toISOString()
  })
}

const facetSearch = (index: Index, body: JsonObject): Answer => {
  const [name, beginning] = [textOf(body["facetName"]), fold(textOf(body["facetQuery"] ?? ""))]
  checkFacet(index, name)
  const fits = filter(index, body["filter"], "invalid_search_filter")
  const counts = new Map<string, number>()
  for (const document of [...index.documents.values()].filter(fits)) {
    for (const value of texts(member(document, name))) {
      if (fold(value).startsWith(beginning)) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  }
  const facetHits = [...counts].toSorted().map(([value, count]) => ({ value, count }))
  return [200, { facetHits, facetQuery: body["facetQuery"] ?? null, processingTimeMs: 0 }]
}

const filters = { uids: "uid", statuses: "status", types: "type", indexUids: "indexUid" } as const

const tasks = (state: State, { method, query }: Request, id: string | undefined): Answer => {
  const isAsked = (task: JsonObject): boolean =>
    Object.entries(filters).every(([name, field]) => {
      const wanted = query[name]
      return wanted === undefined || wanted === "*" || wanted.split(",").includes(textOf(task[field]))
    })
  if (id === "cancel" && method === "POST") {
    const count = state.cancel(isAsked)
    return state.enqueue(null, "taskCancelation", { matchedTasks: count, canceledTasks: count }, () => undefined)
  }
  if (id !== undefined) {
    const task = state.task(Number(id))
    if (task === undefined) throw new MeiliError(404, "task_not_found", `Task \`${id}\` not found.`)
    return [200, task]
  }
  const found = state.tasks.filter(isAsked).toReversed()
  const limit = numberOr(query["limit"], 20)
  const from = query["from"] === undefined ? found[0]?.["uid"] ?? null : Number(query["from"])
  const rest = found.filter((task) => typeof from !== "number" || Number(task["uid"]) <= from)
  return [200, {
    results: rest.slice(0, limit),
    total: found.length,
    limit,
    from,
    next: rest[limit]?.["uid"] ?? null
  }]
}
