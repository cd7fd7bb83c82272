/**
 * View definitions, projection and the view store port.
 *
 * @module @kanau/views
 */
export * as CausalToken from "./CausalToken.ts"
export * as Projection from "./Projection.ts"
export * as View from "./View.ts"
export * as ViewStore from "./ViewStore.ts"
