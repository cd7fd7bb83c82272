/**
 * The embedded adapter.
 *
 * @module @kanau/search/embedded
 */
export * as EmbeddedSearchIndex from "./EmbeddedSearchIndex.ts"
