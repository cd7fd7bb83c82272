/** View documents as rows, and back. */
import type { ViewStore } from "@kanau/views"

export interface RenderedRow {
  readonly id: string
  readonly version: bigint
  readonly revision: number
  readonly derived_at: Date
  readonly etag: string
  readonly bytes: Uint8Array
  readonly gzip: Uint8Array | null
  readonly deleted: boolean
}

export interface Row extends RenderedRow {
  readonly base: bigint
  /** Versions as text: as numbers of JSON they would lose digits. */
  readonly parts: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, ViewStore.FieldValue>>
}

export const renderedColumns = "id, version, revision, derived_at, etag, bytes, gzip, deleted"

export const columns = `${renderedColumns}, base, parts, fields`

export const rendered = (row: RenderedRow): ViewStore.RenderedDocument => ({
  id: row.id,
  version: row.version,
  revision: row.revision,
  derivedAt: row.derived_at.getTime(),
  etag: row.etag,
  bytes: row.bytes,
  gzip: row.gzip,
  deleted: row.deleted
})

export const document = (row: Row): ViewStore.ViewDocument => ({
  ...rendered(row),
  base: row.base,
  parts: Object.fromEntries(Object.entries(row.parts).map(([part, version]) => [part, BigInt(version)])),
  fields: row.fields
})

export const partsJson = (parts: ViewStore.ViewDocument["parts"]): string =>
  JSON.stringify(Object.fromEntries(Object.entries(parts).map(([part, version]) => [part, version.toString()])))

export const fieldsJson = (fields: ViewStore.ViewDocument["fields"]): string =>
  JSON.stringify(fields, (_, value: unknown) => typeof value === "string" ? storable(value) : value)

/** PostgreSQL has neither the character 0 nor halves of surrogate pairs; both are kept as U+FFFD. */
export const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd")
