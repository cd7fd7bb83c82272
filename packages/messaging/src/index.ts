export * as Bus from "./Bus.ts"
export * as Inbox from "./Inbox.ts"
