/** Documents as they are written: rendered, compressed, tagged, and put together from parts. */
import { hash } from "node:crypto"
import { gzipSync } from "node:zlib"
import type { Derived, DerivedPart, View } from "../View.ts"
import type { FieldValue, ViewDocument } from "../ViewStore.ts"

/** The document of a derivation of the whole. */
export const whole = (view: View<unknown>, derived: Derived, now: number): ViewDocument => ({
  id: derived.id,
  version: derived.version,
  base: derived.version,
  parts: {},
  revision: derived.revision,
  derivedAt: now,
  ...rendered(derived.json, hasParts(view)),
  fields: derived.json === null ? {} : derived.fields
})

export const hasParts = (view: View<unknown>): boolean => Object.keys(view.parts).length > 0

/**
 * The derivation of the whole where the store holds parts that are newer: those stay. None if nothing of the whole is
 * newer, and none for an entity that is gone while a newer part says that it is there: its return will be told.
 */
export const merged = (view: View<unknown>, document: ViewDocument, held: ViewDocument): ViewDocument | undefined => {
  if (held.base >= document.version || document.deleted || held.deleted) return undefined
  const answer = parse(document)
  const heldAnswer = parse(held)
  const fields: Record<string, FieldValue> = { ...document.fields }
  const parts: Record<string, bigint> = {}
  for (const [name, version] of Object.entries(held.parts)) {
    const part = view.parts[name]
    if (part === undefined || version <= document.version) continue
    parts[name] = version
    answer[name] = heldAnswer[name]
    for (const field of part.fields) fields[field] = held.fields[field] ?? null
  }
  return {
    ...document,
    version: latest(document.version, parts),
    parts,
    fields,
    ...rendered(JSON.stringify(answer), false)
  }
}

/** The document held with one member replaced; none if what is held is as new. */
export const withPart = (
  name: string,
  part: DerivedPart & { readonly json: string },
  held: ViewDocument,
  now: number
): ViewDocument | undefined => {
  if ((held.parts[name] ?? held.base) >= part.version) return undefined
  const answer = parse(held)
  answer[name] = JSON.parse(part.json)
  const parts = { ...held.parts, [name]: part.version }
  return {
    ...held,
    version: latest(held.base, parts),
    parts,
    derivedAt: now,
    fields: { ...held.fields, ...part.fields },
    ...rendered(JSON.stringify(answer), false)
  }
}

const latest = (base: bigint, parts: Readonly<Record<string, bigint>>): bigint =>
  Object.values(parts).reduce((most, version) => version > most ? version : most, base)

const parse = ({ bytes }: ViewDocument): Record<string, unknown> => JSON.parse(new TextDecoder().decode(bytes))

/** `reformat` where parts may be put in later: the answer then reads the same however it came about. */
const rendered = (json: string | null, reformat: boolean) => {
  const text = json === null ? "" : reformat ? JSON.stringify(JSON.parse(json)) : json
  const bytes = utf8.encode(text)
  return {
    etag: `"${hash("sha1", bytes, "base64url")}"`,
    bytes,
    gzip: compressed(bytes),
    deleted: json === null
  }
}

/** Nothing is gained by compressing what fits into one packet, nor by what hardly gets smaller. */
const compressed = (bytes: Uint8Array): Uint8Array | null => {
  if (bytes.byteLength < 1024) return null
  const gzip = gzipSync(bytes)
  return gzip.byteLength < bytes.byteLength * 0.9 ? gzip : null
}

const utf8 = new TextEncoder()
