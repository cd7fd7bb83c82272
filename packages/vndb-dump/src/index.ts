/**
 * VNDB's dump as a file format: its layout, COPY text, archives, and synthetic dumps.
 *
 * @module @kanau/vndb-dump
 */
export * as Archive from "./Archive.ts"
export * as CopyText from "./CopyText.ts"
export * as Generator from "./Generator.ts"
export * as Layout from "./Layout.ts"
export * as Torture from "./Torture.ts"
