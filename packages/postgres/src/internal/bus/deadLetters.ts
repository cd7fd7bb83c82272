/** Hands dead letters over one after the other; one look in two seconds for all queues of this process when there are none. */
import { type Bus, BusAdapter } from "@kanau/messaging"
import { Effect, Latch, type Scope } from "effect"
import { attributesOf } from "./settling.ts"
import { bounded, type DeadRow, type Store } from "./store.ts"

export interface Collecting {
  /** Says that a queue may have a new one. */
  readonly buried: (queue: string) => void
  /** Goes on until interrupted. */
  readonly collect: <R>(
    queue: string,
    name: string,
    take: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>
  ) => Effect.Effect<never, never, R>
}

/** A stored letter of the queue that its process calls `name`. */
export const letterOf =
  (name: string) => ({ attempts, attributes, data, died_at, failure, id }: DeadRow): Bus.DeadLetter => ({
    id: `${id}-${died_at.toISOString()}`,
    queue: name,
    at: died_at.getTime(),
    attributes: attributesOf(attributes),
    data,
    attempts,
    failure: JSON.parse(failure) as Bus.Failure
  })

export const make = (store: Store): Effect.Effect<Collecting, never, Scope.Scope> =>
  Effect.gen(function*() {
    const collected = new Map<string, Set<Latch.Latch>>()
    const some = Latch.makeUnsafe()
    const buried = (queue: string): void => {
      for (const isNew of collected.get(queue) ?? []) isNew.openUnsafe()
    }
    const look = some.await.pipe(
      Effect.andThen(Effect.suspend(() => bounded(store.withDead([...collected.keys()])))),
      Effect.map((queues) => queues.forEach(buried)),
      Effect.ignore,
      Effect.andThen(Effect.sleep("2 seconds"))
    )
    yield* Effect.forkScoped(Effect.forever(look))

    const watch = (queue: string) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const isNew = Latch.makeUnsafe()
          collected.set(queue, (collected.get(queue) ?? new Set()).add(isNew))
          some.openUnsafe()
          return isNew
        }),
        (isNew) =>
          Effect.sync(() => {
            const all = collected.get(queue)
            all?.delete(isNew)
            if (all?.size === 0) collected.delete(queue)
            if (collected.size === 0) some.closeUnsafe()
          })
      )

    return {
      buried,
      collect: (queue, name, take) =>
        Effect.scoped(Effect.flatMap(watch(queue), (isNew) =>
          BusAdapter.collect(name, {
            read: Effect.map(
              bounded(store.dead(queue, 100)),
              (rows) => rows.map((row) => [row.id, letterOf(name)(row)] as const)
            ),
            forget: (id: bigint) => bounded(store.forget(id)),
            isNew
          }, take)))
    }
  })
