/**
 * The view store port: one document per view and id, holding the rendered answer as bytes. Adapters (MongoDB,
 * PostgreSQL) pass the one conformance suite in `@kanau/testing`.
 */
import type { Fault } from "@kanau/core"
import type { Effect, Option } from "effect"
import { Context } from "effect"

/** What a field of a document may hold, for filters and sorts. */
export type FieldValue = string | number | boolean | null | ReadonlyArray<string> | ReadonlyArray<number>

/** One document. */
export interface ViewDocument {
  /** The view, such as `vn`. Lower-case letters, digits, `_`. */
  readonly view: string
  readonly id: string
  /**
   * Order of the database snapshot the document was derived from. Of two documents with the same id the one with the
   * higher version has seen everything the other has.
   */
  readonly version: bigint
  /** The revision of the entity the document is about. */
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly derivedAt: number
  /** Entity tag of `bytes`, quoted as HTTP wants it. */
  readonly etag: string
  /** The JSON answer in UTF-8; empty for a tombstone. */
  readonly bytes: Uint8Array
  readonly fields: Readonly<Record<string, FieldValue>>
  /** A tombstone: the entity is gone, and older documents must not come back. */
  readonly deleted: boolean
}

/** What the gateway reads: a document without its filter fields. */
export type RenderedDocument = Omit<ViewDocument, "fields">

export interface ViewStoreService {
  /** Prepares collections or tables for these views; safe to call from many processes. */
  readonly prepare: (views: ReadonlyArray<string>) => Effect.Effect<void, Fault.Unavailable>
  /** The document, or none if there never was one. Tombstones are returned as such. */
  readonly get: (view: string, id: string) => Effect.Effect<Option.Option<RenderedDocument>, Fault.Unavailable>
  /** The documents that exist, in any order. */
  readonly getMany: (
    view: string,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<RenderedDocument>, Fault.Unavailable>
  /**
   * Writes each document unless the store already holds the same or a higher version of it, atomically per document.
   * Says how many were written. A batch names no document twice.
   */
  readonly replaceIfNewer: (documents: ReadonlyArray<ViewDocument>) => Effect.Effect<number, Fault.Unavailable>
  /** Records that the events at these positions are applied to every view. Kept for {@link appliedRetentionMillis}. */
  readonly markApplied: (positions: ReadonlyArray<string>) => Effect.Effect<void, Fault.Unavailable>
  /** Whether all these positions are recorded as applied. */
  readonly areApplied: (positions: ReadonlyArray<string>) => Effect.Effect<boolean, Fault.Unavailable>
  /** How many live documents (no tombstones) a view has. */
  readonly count: (view: string) => Effect.Effect<number, Fault.Unavailable>
}

export class ViewStore extends Context.Service<ViewStore, ViewStoreService>()("@kanau/views/ViewStore") {}

/** How long an applied position is remembered: a day. */
export const appliedRetentionMillis = 86_400_000
