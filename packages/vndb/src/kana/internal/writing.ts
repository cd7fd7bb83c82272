/** Results in JSON, written once for as long as their pages stay the same. */
import { Effect } from "effect"
import type { Endpoint } from "../Fields.ts"
import type { FieldTree } from "../FieldTree.ts"
import { attempt, type Page, project } from "../project.ts"
import type { Document, Store } from "../Store.ts"

/** What is written of documents, and where it may have been written before. */
export interface Writing<E, R> {
  readonly endpoint: Endpoint
  readonly fields: FieldTree
  readonly read: (
    entity: Endpoint,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Page>, E, R>
  readonly store: Pick<Store, "pageOf" | "written">
}

/** A result for every document. Those that took other pages are not kept: these may change. */
export const written = <E, R>(
  { endpoint, fields, read, store }: Writing<E, R>,
  documents: ReadonlyArray<Document>
): Effect.Effect<ReadonlyArray<Uint8Array>, E, R> => {
  const results: Array<Uint8Array> = []
  const open: Array<{ readonly at: number; readonly page: Page }> = []
  for (const [at, document] of documents.entries()) {
    const key = `${numberOf(fields)} ${document.etag}`
    const kept = store.written.get(key)
    if (kept !== undefined) {
      results[at] = kept
      continue
    }
    const page = store.pageOf(document)
    const { missing, results: [result] } = attempt(endpoint, fields, [page], new Map())
    if (missing.size > 0) open.push({ at, page })
    else {
      const text = inJson(result)
      store.written.set(key, text)
      results[at] = text
    }
  }
  if (open.length === 0) return Effect.succeed(results)
  return Effect.map(project(endpoint, fields, open.map(({ page }) => page), read), (more) => {
    for (const [index, { at }] of open.entries()) results[at] = inJson(more[index])
    return results
  })
}

/** A value as JSON in UTF-8, in memory of its own: a part of a larger piece would keep all of that. */
export const inJson = (value: unknown): Uint8Array<ArrayBuffer> => utf8.encode(JSON.stringify(value))

const utf8 = new TextEncoder()

/** Trees are parsed once for as long as they are asked for, so a number is enough to know one by. */
const numberOf = (tree: FieldTree): number => {
  const known = numbers.get(tree)
  if (known !== undefined) return known
  last++
  numbers.set(tree, last)
  return last
}

const numbers = new WeakMap<FieldTree, number>()
let last = 0
