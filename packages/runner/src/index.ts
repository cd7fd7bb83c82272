/**
 * Life cycle shared by every runner: configuration, health, readiness, metrics, drain.
 *
 * @module @kanau/runner
 */
export * as Health from "./Health.ts"
export * as HealthServer from "./HealthServer.ts"
export * as JsonLog from "./JsonLog.ts"
export * as Runner from "./Runner.ts"
export * as Telemetry from "./Telemetry.ts"
