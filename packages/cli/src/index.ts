export * as Rules from "./Rules.ts"
export * as SchemaCheck from "./SchemaCheck.ts"
export * as Snapshot from "./Snapshot.ts"
