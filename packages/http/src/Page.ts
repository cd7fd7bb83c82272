/**
 * What the gateway shows of a view: by id, by several ids, and as lists with declared filters and sorts. Everything a
 * client may ask is declared here, and everything else is refused with a sentence that says what is allowed.
 */
import type { ViewStore } from "@kanau/views"
import type { Schema } from "effect"

/** One kind of public page. */
export interface Page {
  /** As in OpenAPI, with the parameter `id` at the end: `/v1/notes/{id}`. By ids and lists are at `/v1/notes`. */
  readonly path: string
  readonly view: string
  readonly summary: string
  /** Schema of the id; anything else is not found, without asking the store. */
  readonly id: Schema.Codec<string, string>
  /** Schema of the answer, for documentation and clients: the bytes were rendered when the view was derived. */
  readonly document: Schema.Constraint
  /** Top-level members that `?fields=` may name; without any there is no such parameter. */
  readonly fields?: ReadonlyArray<string>
  /** Most ids of one request; 100 when absent. */
  readonly maxIds?: number
  /** What lists there are; none when absent. */
  readonly list?: List
  /** `public, no-cache` when absent: shared caches may keep an answer and must ask whether it is still current. */
  readonly cacheControl?: string
}

/** Lists of a page. */
export interface List {
  /** The types of fields, as the view declares them: `view.shape.fields`. */
  readonly types: ViewStore.Shape["fields"]
  /**
   * Fields to filter by: `?olang=ja,en` for one of several values, and for texts and numbers also `.gt`, `.gte`, `.lt`
   * and `.lte`.
   */
  readonly filters: ReadonlyArray<string>
  /** The sorts there are, each as a client writes it: `title`, `-released,title`. Each needs an index of the view. */
  readonly sorts: ReadonlyArray<string>
  /** The first of `sorts` when absent. */
  readonly defaultSort?: string
  readonly maxLimit: number
  /** 50, or `maxLimit` when that is less. */
  readonly defaultLimit?: number
}
