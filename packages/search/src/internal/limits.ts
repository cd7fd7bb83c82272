/**
 * The bounds of a query. What exceeds one is refused with `InvalidInput`.
 *
 * @example
 * ```ts
 * import { SearchIndex } from "@kanau/search"
 *
 * SearchIndex.limits.text // => 256
 * ```
 */
export const limits = {
  /** Characters of the text. */
  text: 256,
  /** Hits on a page. */
  limit: 100,
  /** Hits that can be reached with `offset`. */
  reach: 1000,
  /** Filters within filters. */
  filterDepth: 8,
  /** Filters and their values altogether. */
  filterSize: 200,
  /** Queries at once. */
  queries: 20,
  /** Values counted of a facet; those that are most frequent. */
  facetValues: 100,
  /** Bytes of an id, in UTF-8. */
  id: 256
} as const
