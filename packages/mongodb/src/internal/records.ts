/** The small records beside the documents. */
import type { ViewStore } from "@kanau/views"
import type { Collection } from "mongodb"
import { MongoServerError } from "mongodb"
import { duplicateKey } from "./writes.ts"

export interface StoredRecord {
  readonly _id: string
  readonly revision: number
  readonly value: string
}

export const get = async (
  records: Collection<StoredRecord>,
  key: string
): Promise<ViewStore.StoredRecord | undefined> => {
  const found = await records.findOne({ _id: key })
  return found === null ? undefined : recordOf(found)
}

export const list = async (
  records: Collection<StoredRecord>,
  prefix: string
): Promise<ReadonlyArray<ViewStore.StoredRecord>> =>
  (await records.find({ _id: beginningWith(prefix) }, { sort: { _id: 1 } }).toArray()).map(recordOf)

export const put = async (
  records: Collection<StoredRecord>,
  key: string,
  value: string,
  revision: number
): Promise<boolean> => {
  if (revision > 0) {
    const { matchedCount } = await records.updateOne({ _id: key, revision }, {
      $set: { value, revision: revision + 1 }
    })
    return matchedCount === 1
  }
  try {
    await records.insertOne({ _id: key, revision: 1, value })
    return true
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== duplicateKey) throw error
    return false
  }
}

export const remove = async (records: Collection<StoredRecord>, prefix: string): Promise<void> => {
  await records.deleteMany({ _id: beginningWith(prefix) })
}

/** An anchored expression of plain text is looked up in the index. */
const beginningWith = (prefix: string): RegExp => new RegExp(`^${prefix.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`)

const recordOf = ({ _id, revision, value }: StoredRecord): ViewStore.StoredRecord => ({ key: _id, revision, value })
