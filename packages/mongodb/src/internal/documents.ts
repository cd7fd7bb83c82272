import type { ViewStore } from "@kanau/views"
import { Binary, Long } from "mongodb"

/** A view document as MongoDB holds it. */
export interface StoredView {
  readonly _id: string
  readonly version: Long | bigint
  readonly revision: number
  readonly derivedAt: Date
  readonly etag: string
  readonly bytes: Binary | Uint8Array
  readonly fields: Readonly<Record<string, ViewStore.FieldValue>>
  readonly deleted: boolean
}

export const stored = (document: ViewStore.ViewDocument): StoredView => ({
  _id: document.id,
  version: Long.fromBigInt(document.version),
  revision: document.revision,
  derivedAt: new Date(document.derivedAt),
  etag: document.etag,
  bytes: new Binary(document.bytes),
  fields: document.fields,
  deleted: document.deleted
})

export const rendered = (view: string, document: StoredView): ViewStore.RenderedDocument => ({
  view,
  id: document._id,
  version: typeof document.version === "bigint" ? document.version : document.version.toBigInt(),
  revision: document.revision,
  derivedAt: document.derivedAt.getTime(),
  etag: document.etag,
  bytes: document.bytes instanceof Uint8Array ? document.bytes : document.bytes.value(),
  deleted: document.deleted
})
