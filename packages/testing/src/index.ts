export * as BusConformance from "./BusConformance.ts"
export * as FaultProxy from "./FaultProxy.ts"
export * as MongoStandIn from "./MongoStandIn.ts"
export * as Servers from "./Servers.ts"
