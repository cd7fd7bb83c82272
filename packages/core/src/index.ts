/**
 * Operations, processors, layers, messages, envelopes and faults.
 *
 * @module @kanau/core
 */
export * as Backoff from "./Backoff.ts"
export * as Breakers from "./Breakers.ts"
export * as Codec from "./Codec.ts"
export * as Correlation from "./Correlation.ts"
export * as Description from "./Description.ts"
export * as EarlyReturn from "./EarlyReturn.ts"
export * as Envelope from "./Envelope.ts"
export * as Fault from "./Fault.ts"
export * as Id from "./Id.ts"
export * as Idempotency from "./Idempotency.ts"
export * as KeyValue from "./KeyValue.ts"
export * as Layers from "./Layers.ts"
export * as Message from "./Message.ts"
export * as OnceOnly from "./OnceOnly.ts"
export * as Operation from "./Operation.ts"
export * as Principal from "./Principal.ts"
export * as Processor from "./Processor.ts"
export * as System from "./System.ts"
export * as Tasks from "./Tasks.ts"
export * as TokenBucket from "./TokenBucket.ts"
