/**
 * Keeps an outage of a dependency from emptying the queue into the dead letters: after several `unavailable` faults in
 * a row the consumer holds what it gets, waits, and tries one message at a time until one gets through.
 */
import { Clock, Effect, Semaphore } from "effect"

export interface Pause {
  /** Runs `work` at once while all is well; during an outage as the one probe, when its turn and the wait are over. */
  readonly run: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Reports how a message ended. Returns the pause in milliseconds when this report starts or prolongs one. */
  readonly report: (unavailable: boolean) => Effect.Effect<number | undefined>
}

const threshold = 5
const firstMillis = 1000
const capMillis = 60_000

/** When `dismissed` completes, whatever waits ends interrupted instead of running. */
export const make = (dismissed: Effect.Effect<void>): Pause => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  let inARow = 0
  let pauseMillis = 0
  let until = 0

  const wait = Effect.raceFirst(
    Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Math.max(0, until - now))),
    Effect.andThen(dismissed, Effect.interrupt)
  )

  const probe = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const turn = Effect.suspend(() =>
      inARow < threshold
        ? Effect.succeed(undefined)
        : Effect.map(Effect.andThen(wait, work), (value) => ({ value }))
    )
    // Whoever gets the turn after the outage ended gives it back at once, so that work runs side by side again.
    return Effect.flatMap(
      oneAtATime.withPermit(turn),
      (probed) => probed === undefined ? work : Effect.succeed(probed.value)
    )
  }

  return {
    run: (work) => Effect.suspend(() => inARow < threshold ? work : probe(work)),
    report: (unavailable) =>
      Effect.clockWith((clock) => {
        if (!unavailable) {
          inARow = 0
          pauseMillis = 0
          return Effect.undefined
        }
        const now = clock.currentTimeMillisUnsafe()
        // Those that were under way when the pause began say nothing new.
        if (++inARow < threshold || now < until) return Effect.undefined
        pauseMillis = pauseMillis === 0 ? firstMillis : Math.min(capMillis, pauseMillis * 2)
        until = now + pauseMillis
        return Effect.succeed(pauseMillis)
      })
  }
}
