/**
 * The bus on NATS JetStream.
 *
 * @module @kanau/nats
 */
export * as NatsBus from "./NatsBus.ts"
