/**
 * Work for many keys at once, asked for by callers that know nothing of each other. While one turn is worked on, what is
 * asked for gathers; the next turn takes all of it, each key once. So there is no waiting when little is asked for, and
 * a key that is asked for a hundred times while a turn runs costs as much as one.
 *
 * - One turn at a time. A call is answered by a turn that began after the call was made.
 * - When a turn of several keys fails for good, each of its keys is worked on by itself, so that a bad one fails alone.
 * - A turn runs with the context (span, correlation) of the call that started it, and is finished even if every caller
 *   has left: work for keys must be safe to repeat.
 */
import { Fault } from "@kanau/core"
import { type Cause, type Context, Deferred, Effect, Exit } from "effect"

/** Asks for keys; done when the work for all of them is. */
export type Coalesced<E, R> = (keys: Iterable<string>) => Effect.Effect<void, E, R>

/**
 * Makes the gathering form of `work`. `size` is the most keys of a turn, 200 when absent.
 *
 * @example
 * ```ts
 * import { Coalesce } from "@kanau/views"
 * import { Effect } from "effect"
 *
 * const turns: Array<ReadonlyArray<string>> = []
 * const refresh = Coalesce.make((keys) => Effect.sync(() => void turns.push(keys)))
 * await Effect.runPromise(Effect.all([refresh(["a", "b"]), refresh(["b"])], { concurrency: "unbounded", discard: true }))
 * turns // => [["a", "b"]]
 * ```
 */
export const make = <E, R>(
  work: (keys: ReadonlyArray<string>) => Effect.Effect<void, E, R>,
  { size = 200 }: { readonly size?: number } = {}
): Coalesced<E, R> => {
  const waiting = new Map<string, Deferred.Deferred<void, E>>()
  let running = false

  const alone = (entries: ReadonlyArray<Entry<E>>) =>
    Effect.forEach(entries, ([key, outcome]) => Deferred.into(work([key]), outcome), { discard: true })

  const turns: Effect.Effect<void, never, R> = Effect.suspend(() => {
    const entries = take(waiting, size)
    if (entries.length === 0) {
      running = false
      return Effect.void
    }
    const done = Effect.flatMap(
      Effect.exit(work(entries.map(([key]) => key))),
      (exit) =>
        entries.length > 1 && Exit.isFailure(exit) && isLasting(exit.cause)
          ? alone(entries)
          : Effect.sync(() => entries.forEach(([, outcome]) => Deferred.doneUnsafe(outcome, exit)))
    )
    return Effect.andThen(done, turns)
  })

  return (keys) =>
    Effect.withFiber((fiber) => {
      const outcomes = new Set<Deferred.Deferred<void, E>>()
      for (const key of keys) {
        const outcome = waiting.get(key) ?? Deferred.makeUnsafe<void, E>()
        waiting.set(key, outcome)
        outcomes.add(outcome)
      }
      if (!running && outcomes.size > 0) {
        running = true
        // The fiber runs an effect that needs `R`, so its context has it. The yield lets others join the first turn.
        Effect.runForkWith(fiber.context as Context.Context<R>)(Effect.andThen(Effect.yieldNow, turns))
      }
      return Effect.forEach(outcomes, Deferred.await, { discard: true })
    })
}

type Entry<E> = readonly [key: string, outcome: Deferred.Deferred<void, E>]

const take = <E>(waiting: Map<string, Deferred.Deferred<void, E>>, size: number): ReadonlyArray<Entry<E>> => {
  const taken: Array<Entry<E>> = []
  for (const entry of waiting) {
    if (taken.length === size) break
    taken.push(entry)
    waiting.delete(entry[0])
  }
  return taken
}

/** Whether trying the same again later cannot be expected to help, so that one of the keys is to blame. */
const isLasting = (cause: Cause.Cause<unknown>): boolean => {
  const kind = Fault.kindOf(cause)
  return kind !== "interrupted" && !Fault.isTransient(kind)
}
