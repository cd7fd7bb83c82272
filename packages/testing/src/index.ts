export * as FaultProxy from "./FaultProxy.ts"
export * as Servers from "./Servers.ts"
