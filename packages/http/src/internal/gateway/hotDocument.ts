/** A document ready to be sent, in one or two forms. */
import type { ViewStore } from "@kanau/views"
import * as Negotiation from "./negotiation.ts"

/** One form of a document. */
export interface Form {
  readonly etag: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of `bytes`, as the header says it. */
  readonly length: string
  readonly encoding: "gzip" | undefined
}

export interface HotDocument {
  readonly plain: Form
  readonly gzip: Form | undefined
  /** About what it takes of memory, in bytes. */
  readonly size: number
}

export const make = ({ bytes, etag, gzip }: ViewStore.RenderedDocument): HotDocument => {
  const plain = form(bytes, etag, undefined)
  const compressed = gzip === null ? undefined : form(gzip, Negotiation.gzipTag(etag), "gzip")
  const size = overhead + plain.bytes.byteLength + (compressed?.bytes.byteLength ?? 0)
  return { plain, gzip: compressed, size }
}

/** The form that this client wants. */
export const formFor = (document: HotDocument, acceptEncoding: string | undefined): Form =>
  document.gzip !== undefined && Negotiation.acceptsGzip(acceptEncoding) ? document.gzip : document.plain

/** A driver may hand out a view into the whole message it received, which would be kept alive with it. */
const form = (bytes: Uint8Array, etag: string, encoding: Form["encoding"]): Form => ({
  etag,
  bytes: new Uint8Array(bytes),
  length: String(bytes.byteLength),
  encoding
})

/** About what a document costs beside its bytes: two buffers, tags, lengths, and its place in the cache. */
const overhead = 1024
