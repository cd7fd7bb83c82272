/** Collections and their indexes. */
import type { ViewStore } from "@kanau/views"
import type { Collection } from "mongodb"
import { MongoServerError } from "mongodb"
import type { StoredView } from "./documents.ts"

/** Creates what is missing of the indexes; several processes may do so at the same time. */
export const prepare = async (collection: Collection<StoredView>, shape: ViewStore.Shape): Promise<void> => {
  await collection.createIndexes([...wanted(shape)])
}

/** What `prepare` would create: the collection, or some of its indexes. */
export const missing = async (
  collection: Collection<StoredView>,
  shape: ViewStore.Shape
): Promise<ReadonlyArray<string>> => {
  try {
    const there = new Set((await collection.listIndexes().toArray()).map(({ key }) => Object.keys(key).join(", ")))
    const names = wanted(shape).map(({ key }) => [...key.keys()].join(", "))
    return names.filter((name) => !there.has(name)).map((name) => `the index (${name})`)
  } catch (error) {
    if (error instanceof MongoServerError && error.code === notFound) return ["the collection"]
    throw error
  }
}

const wanted = ({ indexes }: ViewStore.Shape) => [
  // `count` reads this index instead of the documents.
  { key: new Map([["deleted", 1 as const]]) },
  ...indexes.filter((index) => index.length > 0).map((index) => ({
    key: new Map([...index.map((field) => [`fields.${field}`, 1] as const), ["_id", 1 as const]]),
    // Lists never show tombstones.
    partialFilterExpression: { deleted: false }
  }))
]

/** Removes the collection if it is there. */
export const drop = async (collection: Collection<StoredView>): Promise<void> => {
  try {
    await collection.drop()
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== notFound) throw error
  }
}

const notFound = 26
