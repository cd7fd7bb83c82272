/** Gathers what is asked for in the same tick, and while the batch before is under way, into one run. */
import { Deferred, Effect, Latch, type Scope } from "effect"

export interface Limits<A> {
  /** Most items of a batch. */
  readonly count: number
  /** Most of a batch by weight; an item that weighs more goes alone. */
  readonly weight: (item: A) => number
  readonly total: number
}

/**
 * Runs `run` with a batch and hands each caller the result at the place of its item, or the failure of the whole batch.
 * One batch at a time, in the order of the calls; a caller that is interrupted does not take its item back.
 */
export const make = <A, B, E>(
  run: (items: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<B>, E>,
  limits: Limits<A>
): Effect.Effect<(item: A) => Effect.Effect<B, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const waiting: Array<{ readonly item: A; readonly done: Deferred.Deferred<B, E> }> = []
    const filled = Latch.makeUnsafe()

    const cut = (): typeof waiting => {
      let total = 0
      let count = 0
      for (const { item } of waiting) {
        total += limits.weight(item)
        if (count > 0 && (total > limits.total || count === limits.count)) break
        count++
      }
      return waiting.splice(0, count)
    }

    const once = Effect.gen(function*() {
      yield* filled.await
      const batch = cut()
      if (waiting.length === 0) yield* filled.close
      const exit = yield* Effect.exit(run(batch.map(({ item }) => item)))
      batch.forEach(({ done }, index) => Deferred.doneUnsafe(done, Effect.map(exit, (results) => results[index] as B)))
    })
    yield* Effect.forkScoped(Effect.forever(once))

    return (item) =>
      Effect.suspend(() => {
        const done = Deferred.makeUnsafe<B, E>()
        waiting.push({ item, done })
        filled.openUnsafe()
        return Deferred.await(done)
      })
  })
