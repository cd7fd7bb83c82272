/**
 * What every adapter of the bus does with what it has taken: reads a message, has it handled and settled, and hands dead
 * letters over. How a settlement is carried out is the adapter's. Also how long it waits for a broker that is away.
 *
 * Guarantees: exactly one outcome per message, whatever the handler does; the outcome is carried out even while the
 * message is being interrupted. A letter is forgotten only after it was taken.
 */
import { Backoff, Envelope, Fault } from "@kanau/core"
import { Cause, Effect, Exit, type Latch, Result, type Schedule } from "effect"
import type * as Bus from "./Bus.ts"

/** What is to become of a message that was taken; `Release` gives it back as it was, without counting an attempt. */
export type Outcome = Bus.Settlement | { readonly _tag: "Release" }

/**
 * Has a message handled and its outcome carried out. What is no valid envelope is dead-lettered unseen; a handler that is
 * interrupted releases its message.
 *
 * @example
 * ```ts
 * import { BusAdapter } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * const outcomes: Array<string> = []
 * const settle = ({ _tag }: BusAdapter.Outcome) => Effect.sync(() => void outcomes.push(_tag))
 * const parcel = { attributes: {}, data: new Uint8Array() }
 * await Effect.runPromise(BusAdapter.deliver(parcel, 1, () => Effect.succeed({ _tag: "Ack" }), settle))
 * outcomes // => ["DeadLetter"]
 * ```
 */
export const deliver = <R>(
  { attributes, data }: Bus.Parcel,
  attempt: number,
  handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>,
  settle: (outcome: Outcome) => Effect.Effect<void>
): Effect.Effect<void, never, R> =>
  Effect.uninterruptibleMask((restore) => {
    const read = Envelope.fromAttributes(attributes, data)
    if (Result.isFailure(read)) return settle(deadLetter("undecodable", read.failure.message))
    const handled = restore(Effect.suspend(() => handle({ envelope: read.success, attempt })))
    return Effect.flatMap(Effect.exit(handled), (exit) =>
      settle(
        Exit.isSuccess(exit) ? exit.value : Cause.hasInterrupts(exit.cause) ? released : broken
      ))
  })

/**
 * Hands a dead letter over, again every second until it is taken: true. False when `stopping` completed before.
 *
 * @example
 * ```ts
 * import { BusAdapter, type Bus } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * const letter: Bus.DeadLetter = {
 *   id: "1",
 *   queue: "billing",
 *   at: 0,
 *   attributes: {},
 *   data: new Uint8Array(),
 *   attempts: 10,
 *   failure: { reason: "retries-exhausted", error: "Unavailable: the bank does not answer" }
 * }
 * await Effect.runPromise(BusAdapter.handOver(letter, () => Effect.void, Effect.never)) // => true
 * ```
 */
export const handOver = <R>(
  letter: Bus.DeadLetter,
  take: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>,
  stopping: Effect.Effect<void>
): Effect.Effect<boolean, never, R> => {
  const pause = Effect.raceFirst(Effect.as(second, true), Effect.as(stopping, false))
  const hand: Effect.Effect<boolean, never, R> = Effect.matchEffect(take(letter), {
    onSuccess: () => Effect.succeed(true),
    onFailure: (error) =>
      Effect.flatMap(
        Effect.andThen(notTaken(letter.queue, error), pause),
        (goesOn) => goesOn ? hand : Effect.succeed(false)
      )
  })
  return hand
}

/**
 * Hands stored dead letters over, oldest first, until interrupted. Sleeps on `isNew`, which whoever stores one opens.
 *
 * @example
 * ```ts
 * import { BusAdapter } from "@kanau/messaging"
 * import { Effect, Latch } from "effect"
 *
 * const none = { read: Effect.succeed([]), forget: () => Effect.void, isNew: Latch.makeUnsafe() }
 * const collecting = BusAdapter.collect("billing", none, () => Effect.void)
 * (await Effect.runPromise(Effect.timeoutOption(collecting, "10 millis")))._tag // => "None"
 * ```
 */
export const collect = <Key, R>(
  queue: string,
  stored: {
    /** The oldest that are there. */
    readonly read: Effect.Effect<ReadonlyArray<readonly [Key, Bus.DeadLetter]>, unknown>
    readonly forget: (key: Key) => Effect.Effect<void, unknown>
    readonly isNew: Latch.Latch
  },
  take: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>
): Effect.Effect<never, never, R> =>
  Effect.gen(function*() {
    // Closed before looking: what is stored while it looks opens it again.
    yield* stored.isNew.close
    const letters = yield* stored.read
    for (const [key, letter] of letters) {
      yield* take(letter)
      yield* stored.forget(key)
    }
    if (letters.length === 0) yield* stored.isNew.await
  }).pipe(
    Effect.catch((error) => Effect.andThen(notTaken(queue, error), second)),
    Effect.forever
  )

/**
 * How long an adapter waits before it tries again: 100 ms, doubling up to 10 s, each ±20 %, without end; anew after what lasted.
 *
 * @example
 * ```ts
 * import { BusAdapter } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * let left = 1
 * const connected = Effect.suspend(() => left-- > 0 ? Effect.fail("down") : Effect.succeed("up"))
 * await Effect.runPromise(Effect.retry(connected, BusAdapter.backOff)) // => "up"
 * ```
 */
export const backOff: Schedule.Schedule<unknown> = Backoff.upTo("10 seconds")

/**
 * Does what lasts, such as keeping a connection, again whenever it fails or ends, until interrupted. Failures are logged.
 *
 * @example
 * ```ts
 * import { BusAdapter } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * const connection = Effect.as(Effect.never, undefined)
 * (await Effect.runPromise(Effect.timeoutOption(BusAdapter.persistently(connection), "10 millis")))._tag // => "None"
 * ```
 */
export const persistently = <R>(once: Effect.Effect<unknown, Fault.Fault, R>): Effect.Effect<never, never, R> =>
  once.pipe(
    Effect.tapError((fault) => Effect.logWarning(`${fault.message}; trying again`)),
    Effect.retry(backOff),
    // It is tried without end.
    Effect.orDie,
    Effect.andThen(Effect.sleep("100 millis")),
    Effect.forever
  )

const second = Effect.sleep("1 second")

const released: Outcome = { _tag: "Release" }

const deadLetter = (reason: Bus.Failure["reason"], error: string): Outcome => ({
  _tag: "DeadLetter",
  failure: { reason, error: error.slice(0, 1024) }
})

const broken = deadLetter("permanent-error", "The consumer itself failed; this is a bug in its runner.")

const notTaken = (queue: string, error: unknown): Effect.Effect<void> =>
  Effect.annotateLogs(
    Effect.logWarning(
      `A dead letter could not be stored and is handed over again: ${Fault.describe(Cause.fail(error))}`
    ),
    { queue }
  )
