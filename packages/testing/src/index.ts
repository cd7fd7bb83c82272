/**
 * Conformance suites for every port, real servers and stand-ins for tests.
 *
 * @module @kanau/testing
 */
export * as BusConformance from "./BusConformance.ts"
export * as BusSteps from "./BusSteps.ts"
export * as FaultProxy from "./FaultProxy.ts"
export * as KeyValueConformance from "./KeyValueConformance.ts"
export * as MeiliStandIn from "./MeiliStandIn.ts"
export * as MemoryViewStore from "./MemoryViewStore.ts"
export * as MongoStandIn from "./MongoStandIn.ts"
export * as OwnServers from "./OwnServers.ts"
export * as Recording from "./Recording.ts"
export * as Replay from "./Replay.ts"
export * as Rooms from "./Rooms.ts"
export * as SearchIndexConformance from "./SearchIndexConformance.ts"
export * as Servers from "./Servers.ts"
export * as TokenBucketConformance from "./TokenBucketConformance.ts"
export * as ViewStoreConformance from "./ViewStoreConformance.ts"
