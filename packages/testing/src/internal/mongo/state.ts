import { Collection } from "./collection.ts"
import type { Doc } from "./documents.ts"
import { CommandError } from "./documents.ts"

interface Cursor {
  readonly namespace: string
  rest: ReadonlyArray<Doc>
}

/** Fails the commands it names, a number of times or until it is switched off. */
export interface FailPoint {
  times: number
  readonly commands: ReadonlyArray<unknown>
  readonly closesConnection: boolean
  readonly reply: Doc
}

const defaultBatch = 101

/** Everything the stand-in remembers. */
export class State {
  readonly collections = new Map<string, Collection>()
  readonly cursors = new Map<bigint, Cursor>()
  /** The last reply to a retryable write of each session, so that a retry is answered and not done again. */
  readonly replies = new Map<string, { readonly transaction: string; readonly reply: Doc }>()
  failPoint: FailPoint | undefined
  /** How many `find` commands were answered. */
  queries = 0
  /** Where clients reach it. */
  readonly address: string
  #lastCursor = 0n

  constructor(address: string) {
    this.address = address
  }

  /** A collection to read from; empty when there is none. */
  existing(namespace: string): Collection {
    return this.collections.get(namespace) ?? new Collection(namespace)
  }

  /** A collection to write to. */
  collection(namespace: string): Collection {
    const collection = this.existing(namespace)
    this.collections.set(namespace, collection)
    return collection
  }

  /** Answers with the first documents, and keeps the rest for `getMore`. */
  open(namespace: string, documents: ReadonlyArray<Doc>, batchSize: number | undefined, isSingle = false): Doc {
    const size = batchSize ?? defaultBatch
    const firstBatch = documents.slice(0, size)
    if (documents.length <= size || isSingle) return { cursor: { id: 0n, ns: namespace, firstBatch } }
    const id = ++this.#lastCursor
    this.cursors.set(id, { namespace, rest: documents.slice(size) })
    return { cursor: { id, ns: namespace, firstBatch } }
  }

  more(id: bigint, batchSize: number | undefined): Doc {
    const cursor = this.cursors.get(id)
    if (cursor === undefined) throw new CommandError(43, `cursor id ${id} not found`)
    const size = batchSize === undefined || batchSize === 0 ? cursor.rest.length : batchSize
    const nextBatch = cursor.rest.slice(0, size)
    cursor.rest = cursor.rest.slice(size)
    if (cursor.rest.length === 0) this.cursors.delete(id)
    return { cursor: { id: cursor.rest.length === 0 ? 0n : id, ns: cursor.namespace, nextBatch } }
  }
}

/** Answers one command. */
export type Handler = (state: State, command: Doc, database: string) => Doc
