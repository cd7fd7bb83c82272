/**
 * Commands for operators, to be built into the command-line tool of a system.
 *
 * @module @kanau/operator
 */
export * as Operate from "./Operate.ts"
