/**
 * One lane per ordering key: work of different keys runs side by side, work of one key strictly in the order in which
 * it entered. A lane exists only while something is in it.
 */
import { Deferred, Effect } from "effect"

export interface Lanes {
  /** Runs `work` when everything that entered the lane of `key` before is done. */
  readonly run: <A, E, R>(key: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** After `dismissed` is true, whatever waits for its turn ends interrupted instead of running. */
export const make = (dismissed: () => boolean): Lanes => {
  const last = new Map<string, Deferred.Deferred<void>>()

  return {
    run: (key, work) =>
      Effect.uninterruptibleMask((restore) => {
        const before = last.get(key)
        const done = Deferred.makeUnsafe<void>()
        last.set(key, done)
        const leave = Effect.sync(() => {
          if (last.get(key) === done) last.delete(key)
          Deferred.doneUnsafe(done, Effect.void)
        })
        // Waiting cannot be interrupted: who gave up early would let the next one overtake the one that runs.
        return Effect.onExit(
          before === undefined
            ? restore(work)
            : Effect.andThen(
              // The yield keeps a long lane of short work from nesting one call stack per message.
              Effect.andThen(Deferred.await(before), Effect.yieldNow),
              Effect.suspend(() => dismissed() ? Effect.interrupt : restore(work))
            ),
          () => leave
        )
      })
  }
}
