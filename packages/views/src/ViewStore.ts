/**
 * The view store port: collections of documents, each holding its rendered answer as bytes, and a few small records
 * beside them. Adapters (MongoDB, PostgreSQL) pass the one conformance suite in `@kanau/testing`.
 *
 * A collection is one generation of a view; which one is shown is a matter of `Generations`. Every change of a document
 * is conditional, so writers need no agreement: of two, the newer wins, whatever the order.
 */
import type { Fault } from "@kanau/core"
import type { Option } from "effect"
import type { Effect } from "effect"
import { Context } from "effect"
import type { FieldValue, Shape } from "./internal/shape.ts"
import type { Predicate } from "./Predicate.ts"

export { checkAsked } from "./internal/mistakes.ts"
export {
  checkShape,
  type FieldType,
  type FieldValue,
  type FlatRecord,
  mistakeOf,
  type RecordsType,
  type Shape
} from "./internal/shape.ts"
export type { Predicate } from "./Predicate.ts"

/** A document as the gateway needs it. */
export interface RenderedDocument {
  readonly id: string
  /**
   * Order of the database snapshot the document was derived from. Of two documents with the same id the one with the
   * higher version has seen everything the other has. Of a document with {@link ViewDocument.parts}, the highest.
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
  /** The same, compressed; null where that saves nothing. */
  readonly gzip: Uint8Array | null
  /** A tombstone: the entity is gone, and older documents must not come back. */
  readonly deleted: boolean
}

/** One document. */
export interface ViewDocument extends RenderedDocument {
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Versions of the parts that were derived by themselves (see `View.define`); everything else is of `base`. */
  readonly parts: Readonly<Record<string, bigint>>
  /** Version of what was derived as a whole. */
  readonly base: bigint
}

/** What a list shows of a document, and what a cursor needs to go on behind it. */
export interface FoundDocument extends Pick<RenderedDocument, "id" | "etag" | "bytes"> {
  /** The values of the fields the list is sorted by, in that order. */
  readonly keys: ReadonlyArray<FieldValue>
}

/** One condition of a list; several are combined with "and". The field is declared in the {@link Shape}. */
export interface Condition {
  readonly field: string
  /**
   * `in`: equal to one of the values, or, of a list, holding one of them. The others are not for lists, and compare texts
   * by code point.
   */
  readonly is: "in" | "gt" | "gte" | "lt" | "lte"
  /** One value, except for `in`. `null` is equal to itself (also by `gte` and `lte`), and otherwise not compared. */
  readonly values: ReadonlyArray<string | number | boolean | null>
}

export interface Sort {
  readonly field: string
  readonly descending: boolean
}

/** A page of a list. Documents are ordered by `sort`, then by id in the direction of the last of `sort`; null is least. */
export interface Query {
  readonly where: ReadonlyArray<Condition>
  /** No lists among them. */
  readonly sort: ReadonlyArray<Sort>
  /** Only what comes behind the document with these keys and id. */
  readonly after?: { readonly keys: ReadonlyArray<string | number | boolean | null>; readonly id: string }
  readonly limit: number
}

/**
 * Documents by any predicate. They are ordered by `sort`, where null is least, then by id, ascending, by code point
 * ("v10" before "v2"). A page further back costs what all before it cost.
 */
export interface Selection {
  readonly where: Predicate
  /** No lists among them. */
  readonly sort: ReadonlyArray<Sort>
  readonly skip: number
  readonly limit: number
  /** The fields that each answer comes with; none when absent. */
  readonly fields?: ReadonlyArray<string>
  /** False for answers without bytes (they are empty), when there are many and only fields or ids are wanted. */
  readonly bytes?: boolean
}

/** What a selection finds. */
export interface SelectedDocument extends Pick<RenderedDocument, "id" | "etag" | "bytes"> {
  /** Those that were asked for; null where the document has none. */
  readonly fields: Readonly<Record<string, FieldValue>>
}

/**
 * Values that documents hold. With a list of records, of every record by itself: `where` looks at the pair of a document
 * and one of its records, whose members it names `list.member`; everything else is of the document.
 */
export interface Plucking {
  readonly where: Predicate
  readonly list?: string
  /** A member of the list's records that holds texts; without a list a field of text or texts, or `id`. */
  readonly member: string
  /** Most values; all when absent. Which ones is open. */
  readonly limit?: number
}

/** A small text kept beside the documents, such as which generation is shown. */
export interface StoredRecord {
  readonly key: string
  /** Counts its changes from 1. */
  readonly revision: number
  readonly value: string
}

export interface ViewStoreService {
  /** Makes the collection and its indexes if they are missing; safe to call from many processes. */
  readonly prepare: (collection: string, shape: Shape) => Effect.Effect<void, Fault.Unavailable>
  /** Removes the collection and what is in it, if it is there. */
  readonly drop: (collection: string) => Effect.Effect<void, Fault.Unavailable>
  /** The document, or none if there never was one. Tombstones are returned as such. */
  readonly get: (collection: string, id: string) => Effect.Effect<Option.Option<RenderedDocument>, Fault.Unavailable>
  /** The documents that exist, tombstones too, in any order. */
  readonly getMany: (
    collection: string,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<RenderedDocument>, Fault.Unavailable>
  /** The same with everything that is known of them. */
  readonly read: (
    collection: string,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<ViewDocument>, Fault.Unavailable>
  /** A page of a list, without tombstones. The collection must have been prepared. */
  readonly find: (
    collection: string,
    query: Query
  ) => Effect.Effect<ReadonlyArray<FoundDocument>, Fault.Unavailable>
  /** Documents by a predicate, without tombstones. The collection must have been prepared. */
  readonly select: (
    collection: string,
    selection: Selection
  ) => Effect.Effect<ReadonlyArray<SelectedDocument>, Fault.Unavailable>
  /** How many documents a predicate holds for, without tombstones. */
  readonly tally: (collection: string, where: Predicate) => Effect.Effect<number, Fault.Unavailable>
  /** The distinct texts that documents or records hold, null left out; of live documents only. */
  readonly pluck: (
    collection: string,
    plucking: Plucking
  ) => Effect.Effect<ReadonlySet<string>, Fault.Unavailable>
  /**
   * Writes each document unless the store already holds the same or a higher version of it, atomically per document.
   * Says which were written. A batch names no document twice.
   */
  readonly replaceIfNewer: (
    collection: string,
    documents: ReadonlyArray<ViewDocument>
  ) => Effect.Effect<ReadonlySet<string>, Fault.Unavailable>
  /** Writes the document if the one held is still exactly of these versions, atomically; says whether it was. */
  readonly replaceIfSame: (
    collection: string,
    document: ViewDocument,
    held: Pick<ViewDocument, "base" | "version" | "parts">
  ) => Effect.Effect<boolean, Fault.Unavailable>
  /** How many live documents (no tombstones) a collection has. */
  readonly count: (collection: string) => Effect.Effect<number, Fault.Unavailable>
  /** Records that the events at these positions are applied to every view. Kept for {@link appliedRetentionMillis}. */
  readonly markApplied: (positions: ReadonlyArray<string>) => Effect.Effect<void, Fault.Unavailable>
  /** Those of the positions that are not recorded as applied. */
  readonly unapplied: (positions: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, Fault.Unavailable>
  readonly records: {
    readonly get: (key: string) => Effect.Effect<Option.Option<StoredRecord>, Fault.Unavailable>
    /** Those whose key begins with the prefix, ordered by key (code points). */
    readonly list: (prefix: string) => Effect.Effect<ReadonlyArray<StoredRecord>, Fault.Unavailable>
    /** Writes the record if it is still at this revision, 0 meaning that there is none; says whether it was. */
    readonly put: (key: string, value: string, revision: number) => Effect.Effect<boolean, Fault.Unavailable>
    /** Removes those whose key begins with the prefix. */
    readonly remove: (prefix: string) => Effect.Effect<void, Fault.Unavailable>
  }
}

export class ViewStore extends Context.Service<ViewStore, ViewStoreService>()("@kanau/views/ViewStore") {}

/** How long an applied position is remembered: a day. */
export const appliedRetentionMillis = 86_400_000
