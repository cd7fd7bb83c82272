/** Conditional writes: each is one operation on one document, so nothing can come in between. */
import type { ViewStore } from "@kanau/views"
import type { Collection, Filter } from "mongodb"
import { Long, MongoBulkWriteError } from "mongodb"
import type { StoredView } from "./documents.ts"
import { stored, storedParts } from "./documents.ts"

/**
 * Replaces each document of which the collection holds a lower version or none, in one bulk write, and says which.
 *
 * An upsert finds a lower version and replaces it, or inserts. So one whose held version is not lower runs into the id:
 * a duplicate; all others were written. A newer version that races with another first insert is a duplicate too, so
 * duplicates are tried once more. By then the document is there and stays, so that second answer is final.
 */
export const replaceIfNewer = async (
  collection: Collection<StoredView>,
  documents: ReadonlyArray<StoredView>
): Promise<ReadonlySet<string>> => {
  const first = await upsert(collection, documents)
  const second = first.length === 0 ? [] : await upsert(collection, first)
  const refused = new Set(second.map(({ _id }) => _id))
  return new Set(documents.flatMap(({ _id }) => refused.has(_id) ? [] : [_id]))
}

/** Replaces the document if it is still exactly of these versions. */
export const replaceIfSame = async (
  collection: Collection<StoredView>,
  document: ViewStore.ViewDocument,
  held: Pick<ViewStore.ViewDocument, "base" | "version" | "parts">
): Promise<boolean> => {
  const parts = storedParts(held.parts)
  const base = Long.fromBigInt(held.base)
  const filter: Filter<StoredView> = {
    _id: document.id,
    version: Long.fromBigInt(held.version),
    // A document of the first release has neither: that reads as the same version, and no parts.
    $and: [
      held.base === held.version ? { $or: [{ base }, { base: { $exists: false } }] } : { base },
      Object.keys(parts).length === 0 ? { $or: [{ parts }, { parts: { $exists: false } }] } : { parts }
    ]
  }
  const { matchedCount } = await collection.replaceOne(filter, stored(document))
  return matchedCount === 1
}

/** Whether all that went wrong is that some writes found their id taken. A lost connection has no write errors at all. */
export const isOnlyDuplicates = (error: MongoBulkWriteError): boolean => {
  const errors = [error.writeErrors].flat()
  return errors.length > 0 && errors.every(({ code }) => code === duplicateKey) &&
    error.result.getWriteConcernError() === undefined
}

export const duplicateKey = 11_000

/** The documents that were refused as duplicates. */
const upsert = async (
  collection: Collection<StoredView>,
  documents: ReadonlyArray<StoredView>
): Promise<ReadonlyArray<StoredView>> => {
  const operations = documents.map((replacement) => ({
    replaceOne: { filter: { _id: replacement._id, version: { $lt: replacement.version } }, replacement, upsert: true }
  }))
  try {
    await collection.bulkWrite(operations, { ordered: false })
    return []
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isOnlyDuplicates(error)) throw error
    return [error.writeErrors].flat().flatMap(({ index }) => documents[index] ?? [])
  }
}
