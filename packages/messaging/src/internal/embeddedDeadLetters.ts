/** Handing the dead letters of the embedded bus over, one after the other, sleeping when there are none. */
import type { Fault } from "@kanau/core"
import { Effect, Latch } from "effect"
import type { DeadLetter } from "../Bus.ts"
import * as BusAdapter from "../BusAdapter.ts"
import { type Store, unavailable } from "./embeddedStore.ts"

export interface DeadLetters {
  /** Says that a message was buried. */
  readonly buried: () => void
  readonly read: (queue: string, limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, Fault.Unavailable>
  /** Goes on until interrupted. */
  readonly collect: <R>(
    queue: string,
    take: (letter: DeadLetter) => Effect.Effect<void, unknown, R>
  ) => Effect.Effect<never, never, R>
}

export const make = (
  store: Store,
  commit: (write: () => void) => Effect.Effect<void, Fault.Unavailable>
): DeadLetters => {
  const isNew = Latch.makeUnsafe()
  const after = (queue: string, seq: number, limit: number) =>
    Effect.try({ try: () => store.dead(queue, seq, limit), catch: unavailable })

  return {
    buried: () => void isNew.openUnsafe(),
    read: (queue, limit) => Effect.map(after(queue, 0, limit), (rows) => rows.map(([, letter]) => letter)),
    collect: (queue, take) =>
      BusAdapter.collect(queue, {
        read: after(queue, 0, 100),
        forget: (seq) => commit(() => store.forget(seq)),
        isNew
      }, take)
  }
}
