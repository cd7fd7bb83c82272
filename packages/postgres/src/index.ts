/**
 * SQL client, migrations, outbox, relay, inbox, view store and bus on PostgreSQL.
 *
 * @module @kanau/postgres
 */
export * as BulkCopy from "./BulkCopy.ts"
export * as ChangeBridge from "./ChangeBridge.ts"
export * as Database from "./Database.ts"
export * as DeadLetters from "./DeadLetters.ts"
export * as Delayed from "./Delayed.ts"
export * as EventLog from "./EventLog.ts"
export * as Freshness from "./Freshness.ts"
export * as Lease from "./Lease.ts"
export * as Ledger from "./Ledger.ts"
export * as Migrations from "./Migrations.ts"
export * as Outbox from "./Outbox.ts"
export * as Parked from "./Parked.ts"
export * as PgBus from "./PgBus.ts"
export * as PgDeadLetters from "./PgDeadLetters.ts"
export * as PgInbox from "./PgInbox.ts"
export * as PgScheduleStore from "./PgScheduleStore.ts"
export * as PgViewStore from "./PgViewStore.ts"
export * as Redrive from "./Redrive.ts"
export * as Relay from "./Relay.ts"
