export * as ImportService from "./wiki/services/ImportService.ts"
export * as Wiki from "./wiki/Wiki.ts"
