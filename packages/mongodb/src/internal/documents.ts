/** View documents as MongoDB holds them, and back. */
import type { ViewStore } from "@kanau/views"
import { Binary, Long } from "mongodb"

/** A view document as MongoDB holds it. Documents of the first release have no `base`, `parts` and `gzip`. */
export interface StoredView {
  readonly _id: string
  readonly version: Long | bigint
  readonly base?: Long | bigint
  /** Ordered by name, because sub-documents are only equal if their order is. */
  readonly parts?: Readonly<Record<string, Long | bigint>>
  readonly revision: number
  readonly derivedAt: Date
  readonly etag: string
  readonly bytes: Binary | Uint8Array
  readonly gzip?: Binary | Uint8Array | null
  readonly fields: Readonly<Record<string, ViewStore.FieldValue>>
  readonly deleted: boolean
}

/** Versions are 64-bit: as numbers they would lose digits. */
export const readOptions = { useBigInt64: true, promoteBuffers: true } as const

export const stored = (document: ViewStore.ViewDocument): Required<StoredView> => ({
  _id: document.id,
  version: Long.fromBigInt(document.version),
  base: Long.fromBigInt(document.base),
  parts: storedParts(document.parts),
  revision: document.revision,
  derivedAt: new Date(document.derivedAt),
  etag: document.etag,
  bytes: new Binary(document.bytes),
  gzip: document.gzip && new Binary(document.gzip),
  fields: document.fields,
  deleted: document.deleted
})

export const storedParts = (parts: ViewStore.ViewDocument["parts"]): Record<string, Long> => {
  const ordered: Record<string, Long> = {}
  for (const name of Object.keys(parts).sort()) ordered[name] = Long.fromBigInt(parts[name] ?? 0n)
  return ordered
}

/** Its bytes are views of the whole reply: see {@link detached}. */
export const rendered = (document: Omit<StoredView, "fields">): ViewStore.RenderedDocument => ({
  id: document._id,
  version: bigintOf(document.version),
  revision: document.revision,
  derivedAt: document.derivedAt.getTime(),
  etag: document.etag,
  bytes: bytesOf(document.bytes),
  gzip: document.gzip ? bytesOf(document.gzip) : null,
  deleted: document.deleted
})

/** The document with bytes of its own, so that keeping one does not keep a reply of hundreds in memory. */
export const detached = (document: ViewStore.RenderedDocument): ViewStore.RenderedDocument => ({
  ...document,
  bytes: Buffer.from(document.bytes),
  gzip: document.gzip && Buffer.from(document.gzip)
})

export const complete = (document: StoredView): ViewStore.ViewDocument => ({
  ...rendered(document),
  base: bigintOf(document.base ?? document.version),
  parts: Object.fromEntries(Object.entries(document.parts ?? {}).map(([name, version]) => [name, bigintOf(version)])),
  fields: document.fields
})

const bigintOf = (value: Long | bigint): bigint => typeof value === "bigint" ? value : value.toBigInt()

export const bytesOf = (value: Binary | Uint8Array): Uint8Array => value instanceof Uint8Array ? value : value.value()
