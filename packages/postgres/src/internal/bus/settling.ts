/** Runs the handler of a message in hand and has its outcome stored, together with others of the same tick. */
import { type Bus, BusAdapter } from "@kanau/messaging"
import { Effect, Schedule, type Scope } from "effect"
import * as Batcher from "./batcher.ts"
import { bounded, type Outcome, type Row, type Store } from "./store.ts"

/** Has an outcome stored. */
export type Settle = (row: Row, settlement: Outcome["settlement"]) => Effect.Effect<void>

export const make = (store: Store, options: {
  /** How long a caller waits for its outcome while the database is away; then it is stored when it is back. */
  readonly patienceSeconds: number
  readonly stored: (outcomes: ReadonlyArray<Outcome>) => void
}): Effect.Effect<Settle, never, Scope.Scope> =>
  Effect.map(
    Batcher.make((outcomes: ReadonlyArray<Outcome>) =>
      bounded(store.settle(outcomes)).pipe(
        Effect.tapError(({ reason }) =>
          Effect.logWarning("settlements could not be stored; trying again").pipe(
            Effect.annotateLogs({ reason: reason._tag })
          )
        ),
        Effect.retry(Schedule.spaced("500 millis")),
        // It is tried until it is stored.
        Effect.orDie,
        Effect.map(() => {
          options.stored(outcomes)
          return outcomes.map((): void => undefined)
        })
      ), { count: 500, weight: () => 1, total: 500 }),
    (settle) => (row, settlement) =>
      Effect.interruptible(Effect.asVoid(
        Effect.timeoutOption(settle({ row, settlement }), `${options.patienceSeconds} seconds`)
      ))
  )

/** Handles one message and settles it. Cut off, it is given back as it was. */
export const deliver =
  (settle: Settle) =>
  <R>(handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>) =>
  (row: Row): Effect.Effect<void, never, R> =>
    BusAdapter.deliver(
      { attributes: attributesOf(row.attributes), data: row.data },
      row.attempt,
      handle,
      (outcome) => settle(row, outcome)
    )

/** What a row's text holds; a stranger may have put anything there. */
export const attributesOf = (json: string): Record<string, string> => {
  try {
    const read: unknown = JSON.parse(json)
    return Object.fromEntries(
      Object.entries(read ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string")
    )
  } catch {
    return {}
  }
}
