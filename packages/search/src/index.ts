/**
 * The search index port, what keeps indexes current, and folding. The adapters have entries of their own:
 * `@kanau/search/meilisearch` and `@kanau/search/embedded`.
 *
 * @module @kanau/search
 */
export * as Filter from "./Filter.ts"
export * as Folding from "./Folding.ts"
export * as Indexing from "./Indexing.ts"
export * as Reindex from "./Reindex.ts"
export * as SearchIndex from "./SearchIndex.ts"
