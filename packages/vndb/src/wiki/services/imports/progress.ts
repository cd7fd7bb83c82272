/** How far an import is, and the transaction that each of its steps is. */
import { Database } from "@kanau/postgres"
import { Effect } from "effect"
import * as Staging from "../../entities/imports/Staging.ts"

/** What is being done to what: bytes of a table read, tables checked, entries or rows merged, steps of deriving. */
export interface Progress {
  readonly step: "read" | "check" | "merge" | "derive"
  readonly what: string
  readonly done: number
  readonly total: number
  /** Rows so far, while a table is read. */
  readonly rows?: number
}

export type OnProgress = (progress: Progress) => Effect.Effect<void>

/** One step is one transaction, which takes as long as it takes. */
export const step = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Database.transaction(Effect.andThen(Staging.unhurried, effect))
