/**
 * The adapter for Meilisearch.
 *
 * @module @kanau/search/meilisearch
 */
export * as MeiliSearchIndex from "./MeiliSearchIndex.ts"
