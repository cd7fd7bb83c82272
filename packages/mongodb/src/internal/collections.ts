/** Collections and their indexes. */
import type { ViewStore } from "@kanau/views"
import { Effect } from "effect"
import type { Collection } from "mongodb"
import { MongoServerError } from "mongodb"
import type { StoredView } from "./documents.ts"

/** Creates what is missing of the indexes; several processes may do so at the same time. */
export const prepare = async (collection: Collection<StoredView>, { indexes }: ViewStore.Shape): Promise<void> => {
  await collection.createIndexes([
    // `count` reads this index instead of the documents.
    { key: { deleted: 1 } },
    ...indexes.filter((index) => index.length > 0).map((index) => ({
      key: new Map([...index.map((field) => [`fields.${field}`, 1] as const), ["_id", 1]]),
      // Lists never show tombstones.
      partialFilterExpression: { deleted: false }
    }))
  ])
}

/** Removes the collection if it is there. */
export const drop = async (collection: Collection<StoredView>): Promise<void> => {
  try {
    await collection.drop()
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== notFound) throw error
  }
}

const notFound = 26

/** Names of fields stand in paths, so they are nothing but words. Anything else is a mistake in code. */
export const check = (collection: string, { fields, indexes }: ViewStore.Shape): Effect.Effect<void> => {
  const isList = (field: string) => fields[field] === "texts" || fields[field] === "numbers"
  const odd = Object.keys(fields).find((field) => !/^[a-z][a-z0-9_]*$/.test(field))
  const unknown = indexes.flat().find((field) => !Object.hasOwn(fields, field))
  return odd !== undefined
    ? mistake(collection, `the field ${JSON.stringify(odd)} must be named by a lower-case word`)
    : unknown !== undefined
    ? mistake(collection, `an index names the field ${JSON.stringify(unknown)}, which is not declared`)
    : indexes.some((index) => index.filter(isList).length > 1)
    ? mistake(collection, "an index has two fields that are lists; declare an index for each")
    : Effect.void
}

const mistake = (collection: string, what: string) => Effect.die(new Error(`The collection ${collection}: ${what}.`))
