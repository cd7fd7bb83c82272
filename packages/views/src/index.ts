/**
 * View definitions, projection, rebuild and the view store port.
 *
 * @module @kanau/views
 */
export * as CausalRead from "./CausalRead.ts"
export * as CausalToken from "./CausalToken.ts"
export * as Changes from "./Changes.ts"
export * as Coalesce from "./Coalesce.ts"
export * as Diff from "./Diff.ts"
export * as Generations from "./Generations.ts"
export * as Predicate from "./Predicate.ts"
export * as Projection from "./Projection.ts"
export * as Rebuild from "./Rebuild.ts"
export * as Refresh from "./Refresh.ts"
export * as View from "./View.ts"
export * as ViewStore from "./ViewStore.ts"
