/** Conditional writes: the highest version of a document stays. */
import type { Collection } from "mongodb"
import { MongoBulkWriteError } from "mongodb"
import type { StoredView } from "./documents.ts"

/**
 * Replaces each document of which the collection holds a lower version or none, in one bulk write, and says how many.
 *
 * An upsert whose filter misses because the held version is not lower runs into the id: a duplicate. The same happens
 * to a newer version that races with another first insert, so duplicates are tried once more without the upsert. By
 * then the document is there and stays, so that second answer is final.
 */
export const replaceIfNewer = async (
  collection: Collection<StoredView>,
  documents: ReadonlyArray<StoredView>
): Promise<number> => {
  const first = await replace(collection, documents, true)
  if (first.duplicates.length === 0) return first.written
  const second = await replace(collection, first.duplicates, false)
  return first.written + second.written
}

/** Whether all that went wrong is that some writes found their id taken. A lost connection has no write errors at all. */
export const isOnlyDuplicates = (error: MongoBulkWriteError): boolean => {
  const errors = [error.writeErrors].flat()
  return errors.length > 0 && errors.every(({ code }) => code === duplicateKey) &&
    error.result.getWriteConcernError() === undefined
}

const duplicateKey = 11_000

const replace = async (
  collection: Collection<StoredView>,
  documents: ReadonlyArray<StoredView>,
  upsert: boolean
): Promise<{ readonly written: number; readonly duplicates: ReadonlyArray<StoredView> }> => {
  const operations = documents.map((replacement) => ({
    replaceOne: { filter: { _id: replacement._id, version: { $lt: replacement.version } }, replacement, upsert }
  }))
  try {
    const result = await collection.bulkWrite(operations, { ordered: false })
    return { written: result.modifiedCount + result.upsertedCount, duplicates: [] }
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isOnlyDuplicates(error)) throw error
    const duplicates = [error.writeErrors].flat().flatMap(({ index }) => documents[index] ?? [])
    return { written: error.modifiedCount + error.upsertedCount, duplicates }
  }
}
