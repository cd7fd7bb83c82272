/**
 * Remembers answers for a while. Calls with the same key at the same time are one call (single flight); failures are
 * handed to those who waited and not remembered.
 *
 * Everyone gets the same answer object: treat answers as immutable. The key must hold all that the answer depends on,
 * the caller's identity included where answers differ by caller. The one call runs with the context (span, correlation)
 * of whoever came first, and is interrupted when nobody waits for it any more. A refresh in the background has nobody
 * who waits: put a time-out inside, or one that hangs holds its key for ever.
 *
 * Effect's `Cache` is not used: it looks up by key alone, while a processor needs its input, and has no stale answers.
 */
import type { Exit } from "effect"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { monotonicMillis } from "../internal/monotonic.ts"
import { atLeast } from "../internal/settings.ts"
import { layered } from "../internal/shape.ts"
import type { Processor } from "../Processor.ts"

/** Settings of {@link cache}. */
export interface CacheOptions<in In> {
  /** Most answers; the least recently used goes first. */
  readonly capacity: number
  /** How long an answer is given again. */
  readonly timeToLive: Duration.Input
  /** Says which inputs have the same answer. */
  readonly key: (input: In) => string
  /**
   * For this long after `timeToLive` the old answer is still given, while one call in the background fetches a new one.
   * If that fails the old answer stays until this time is over.
   */
  readonly staleWhileRevalidate?: Duration.Input
}

interface Answer<out Out> {
  readonly value: Out
  readonly freshUntil: number
}

interface Flight<in out Out, in out Err> {
  readonly answer: Deferred.Deferred<Out, Err>
  fiber: Fiber.Fiber<unknown> | undefined
  /** Who waits; the call ends with the last of them. */
  waiting: number
}

/**
 * Remembers answers. Each processor that the layer is put around gets a memory of its own.
 *
 * @example
 * ```ts
 * import { Layers } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * let calls = 0
 * const find = (id: string) => Effect.sync(() => `${id} ${++calls}`)
 * const cached = pipe(find, Layers.cache({ capacity: 100, timeToLive: "1 minute", key: (id: string) => id }))
 * const three = Effect.all([cached("a"), cached("a"), cached("b")])
 * await Effect.runPromise(three) // => ["a 1", "a 1", "b 2"]
 * ```
 */
export const cache = <In>(
  options: CacheOptions<In>
): <In1 extends In, Out, Err, Req>(next: Processor<In1, Out, Err, Req>) => Processor<In1, Out, Err, Req> => {
  const capacity = atLeast(1, "cache: capacity", options.capacity)
  const fresh = Duration.toMillis(options.timeToLive)
  const stale = options.staleWhileRevalidate === undefined ? 0 : Duration.toMillis(options.staleWhileRevalidate)
  const settings = { capacity, timeToLiveMillis: fresh, staleMillis: stale }

  return <In1 extends In, Out, Err, Req>(next: Processor<In1, Out, Err, Req>): Processor<In1, Out, Err, Req> => {
    const answers = new Map<string, Answer<Out>>()
    const flights = new Map<string, Flight<Out, Err>>()

    const remember = (key: string, answer: Answer<Out>) => {
      answers.delete(key)
      answers.set(key, answer)
      if (answers.size > capacity) answers.delete(answers.keys().next().value as string)
    }

    const land = (key: string, flight: Flight<Out, Err>, exit: Exit.Exit<Out, Err>) =>
      Effect.withFiber((fiber) => {
        // One that was given up may end after another began; it has nothing to say about the other.
        if (flights.get(key) === flight) {
          flights.delete(key)
          if (exit._tag === "Success") {
            remember(key, { value: exit.value, freshUntil: monotonicMillis(fiber) + fresh })
          }
        }
        Deferred.doneUnsafe(flight.answer, exit)
        return Effect.void
      })

    const begin = (key: string, input: In1, waiting: number): Effect.Effect<Flight<Out, Err>, never, Req> => {
      const flight: Flight<Out, Err> = { answer: Deferred.makeUnsafe(), fiber: undefined, waiting }
      flights.set(key, flight)
      const call = Effect.onExit(Effect.suspend(() => next(input)), (exit) => land(key, flight, exit))
      return Effect.map(Effect.forkDetach(Effect.exit(call), { startImmediately: true }), (fiber) => {
        flight.fiber = fiber
        return flight
      })
    }

    const join = (key: string, input: In1): Effect.Effect<Out, Err, Req> =>
      Effect.uninterruptibleMask((restore) => {
        const running = flights.get(key)
        return Effect.flatMap(running === undefined ? begin(key, input, 0) : Effect.succeed(running), (flight) => {
          flight.waiting++
          return Effect.onExit(restore(Deferred.await(flight.answer)), () => {
            if (--flight.waiting > 0 || flights.get(key) !== flight) return Effect.void
            flights.delete(key)
            return flight.fiber === undefined ? Effect.void : Fiber.interrupt(flight.fiber)
          })
        })
      })

    return layered("cache", settings, next, (input) =>
      Effect.withFiber((fiber) => {
        const key = options.key(input)
        const answer = answers.get(key)
        if (answer === undefined) return join(key, input)
        const late = monotonicMillis(fiber) - answer.freshUntil
        if (late >= stale && late >= 0) {
          answers.delete(key)
          return join(key, input)
        }
        remember(key, answer)
        if (late < 0 || flights.has(key)) return Effect.succeed(answer.value)
        // Counted as one who waits for ever: a refresh goes on without anybody.
        return Effect.as(Effect.uninterruptible(begin(key, input, 1)), answer.value)
      }))
  }
}
