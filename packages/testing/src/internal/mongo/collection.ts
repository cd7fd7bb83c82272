import { BSON, ObjectId } from "bson"
import type { Doc } from "./documents.ts"
import { CommandError, isEqual, keyOf, valueAt } from "./documents.ts"
import { Lookups } from "./lookups.ts"
import { idFirst, idsOf, isIdOnly, matcher, sorted } from "./queries.ts"
import type { Statement } from "./updates.ts"
import { changed, seedOf } from "./updates.ts"

/** A declared index. All are looked up in; unique ones keep duplicates out. */
export interface Index {
  readonly name: string
  readonly key: Doc
  readonly unique: boolean
  readonly sparse: boolean
  /** The test of `partialFilterExpression`. */
  readonly covers: (document: Doc) => boolean
  /** The declaration as it was given, for `listIndexes`. */
  readonly spec: Doc
  /** Key of the indexed values → key of the document's id. */
  readonly entries: Map<string, string>
}

export interface UpdateResult {
  readonly matched: number
  readonly modified: number
  readonly upserted?: unknown
  readonly before?: Doc
  readonly after?: Doc
}

const maxDocumentBytes = 16 * 1024 * 1024

/** The documents of one collection, by id, and its unique indexes. */
export class Collection {
  readonly namespace: string
  readonly documents = new Map<string, Doc>()
  readonly indexes = new Map<string, Index>()
  readonly #lookups = new Lookups()

  constructor(namespace: string) {
    this.namespace = namespace
  }

  find(filter: Doc, sort: Doc = {}, limit = 0): ReadonlyArray<Doc> {
    const ids = idsOf(filter)
    let candidates = ids === undefined ? this.#candidates(filter) : this.#held(ids.map(keyOf))
    if (ids === undefined || !isIdOnly(filter)) candidates = candidates.filter(matcher(filter))
    const ordered = sorted(candidates, sort)
    return limit > 0 ? ordered.slice(0, limit) : ordered
  }

  insert(document: Doc): Doc {
    const complete = idFirst(document["_id"] === undefined ? { _id: new ObjectId(), ...document } : document)
    const key = keyOf(complete["_id"])
    if (this.documents.has(key)) throw this.#duplicate("_id_", { _id: 1 }, complete)
    this.#put(key, complete)
    return complete
  }

  update(statement: Statement): UpdateResult {
    const found = this.find(statement.filter, statement.sort, statement.isMulti ? 0 : 1)
    if (found.length === 0) {
      if (!statement.isUpsert) return { matched: 0, modified: 0 }
      const after = this.insert(changed(seedOf(statement), statement, true))
      return { matched: 0, modified: 0, upserted: after["_id"], after }
    }
    let modified = 0
    let after: Doc | undefined
    for (const document of found) {
      after = changed(document, statement, false)
      if (isEqual(document, after)) continue
      this.#put(keyOf(document["_id"]), after)
      modified++
    }
    return { matched: found.length, modified, ...(found[0] && { before: found[0] }), ...(after && { after }) }
  }

  delete(filter: Doc, sort: Doc, limit: number): ReadonlyArray<Doc> {
    const found = this.find(filter, sort, limit)
    for (const document of found) {
      const key = keyOf(document["_id"])
      this.#unindex(key)
      this.#lookups.remove(key, document)
      this.documents.delete(key)
    }
    return found
  }

  /** Adds an index; fails when the documents that are there break it. */
  declare(index: Index): void {
    if (index.unique) {
      for (const [key, document] of this.documents) {
        for (const entry of entriesOf(index, document)) {
          if (index.entries.has(entry)) throw this.#duplicate(index.name, index.key, document)
          index.entries.set(entry, key)
        }
      }
    }
    this.indexes.set(index.name, index)
  }

  #candidates(filter: Doc): Array<Doc> {
    const isDeclared = (path: string) => [...this.indexes.values()].some((index) => Object.hasOwn(index.key, path))
    const keys = this.#lookups.narrowed(filter, isDeclared, this.documents)
    if (keys === undefined || keys.size > this.documents.size / 2) return [...this.documents.values()]
    return this.#held(keys)
  }

  /** Those that are there, each once. */
  #held(keys: Iterable<string>): Array<Doc> {
    const found: Array<Doc> = []
    for (const key of new Set(keys)) {
      const document = this.documents.get(key)
      if (document !== undefined) found.push(document)
    }
    return found
  }

  #put(key: string, document: Doc): void {
    if (BSON.calculateObjectSize(document) > maxDocumentBytes) {
      throw new CommandError(10334, "BSONObj size is invalid (more than 16 MB)")
    }
    const unique = [...this.indexes.values()].filter((index) => index.unique)
    for (const index of unique) {
      for (const entry of entriesOf(index, document)) {
        if ((index.entries.get(entry) ?? key) !== key) throw this.#duplicate(index.name, index.key, document)
      }
    }
    this.#unindex(key)
    for (const index of unique) for (const entry of entriesOf(index, document)) index.entries.set(entry, key)
    const before = this.documents.get(key)
    if (before !== undefined) this.#lookups.remove(key, before)
    this.#lookups.put(key, document)
    this.documents.set(key, document)
  }

  #unindex(key: string): void {
    const before = this.documents.get(key)
    if (before === undefined) return
    for (const index of this.indexes.values()) {
      if (index.unique) { for (const entry of entriesOf(index, before)) index.entries.delete(entry) }
    }
  }

  #duplicate(index: string, keyPattern: Doc, document: Doc): CommandError {
    const keyValue = Object.fromEntries(Object.keys(keyPattern).map((path) => [path, valueAt(document, path) ?? null]))
    const shown = Object.entries(keyValue).map(([path, value]) =>
      `${path}: ${BSON.EJSON.stringify({ value }).slice(9, -1)}`
    )
    return new CommandError(
      11000,
      `E11000 duplicate key error collection: ${this.namespace} index: ${index} dup key: { ${shown.join(", ")} }`,
      { keyPattern, keyValue }
    )
  }
}

/** The entries a document has in an index: one for every combination of array elements. */
const entriesOf = (index: Index, document: Doc): ReadonlyArray<string> => {
  if (!index.covers(document)) return []
  const values = Object.keys(index.key).map((path) => valueAt(document, path))
  if (index.sparse && values.every((value) => value === undefined)) return []
  return values.reduce<ReadonlyArray<string>>((prefixes, value) => {
    const elements: ReadonlyArray<unknown> = Array.isArray(value) && value.length > 0 ? value : [value ?? null]
    return elements.flatMap((element) => prefixes.map((prefix) => `${prefix}\0${keyOf(element)}`))
  }, [""])
}
