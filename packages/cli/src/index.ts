/**
 * The kanau command: what a system is, and the check that its contracts do not break.
 *
 * @module @kanau/cli
 */
export * as Describe from "./Describe.ts"
export * as Rules from "./Rules.ts"
export * as SchemaCheck from "./SchemaCheck.ts"
export * as Snapshot from "./Snapshot.ts"
