/** What becomes of a delivered message: its handler runs and its settlement is carried out, or it is collected. */
import { Envelope, type Id } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Cause, Clock, Deferred, Effect, Exit, Result } from "effect"
import * as Delays from "./delays.ts"
import type { At, Taken } from "./intake.ts"
import type { QueueNames } from "./names.ts"
import type { Failure, Outgoing } from "./outlet.ts"
import * as Wire from "./wire.ts"

/** Runs the handler of one delivery and carries out what it decided. */
export const settler = ({ ids, queue, store }: {
  readonly ids: Id.Generator
  readonly queue: QueueNames
  readonly store: (message: Outgoing) => Effect.Effect<void, Failure>
}) => {
  /** Confirmed copy first, acknowledgement second: a crash in between duplicates, it never loses. */
  const move = (at: At, message: Taken, copy: Outgoing): Effect.Effect<void> =>
    Effect.matchEffect(store(copy), {
      onSuccess: () => at.confirm(message),
      onFailure: (fault) =>
        Effect.logWarning(
          `A message could not be moved to ${copy.subject} and goes back to its queue: ${Delays.reasonOf(fault)}`
        ).pipe(
          Effect.annotateLogs({ queue: queue.queue }),
          // The server keeps it for a while, so that it does not stand in the way of others.
          Effect.andThen(
            Effect.suspend(() => Deferred.isDoneUnsafe(at.draining) ? at.giveBack(message) : at.putOff(message, 5000))
          )
        )
    })

  const carryOut = (at: At, message: Taken, settlement: Bus.Settlement): Effect.Effect<void> => {
    if (settlement._tag === "Ack" || !at.isLinked()) return at.confirm(message)
    return Effect.flatMap(Clock.currentTimeMillis, (time) => {
      const failed = {
        id: ids.uuid(),
        attempts: Wire.failedAttempts(message) + 1,
        failure: settlement.failure,
        queue: queue.queue,
        time
      }
      // The same place makes the same copy: made twice, it is stored once.
      return settlement._tag === "Retry"
        ? move(at, message, {
          subject: queue.delayedSubject(Delays.classOf(settlement.delayMillis)),
          headers: Wire.copy(message, `retry ${message.place}`, { ...failed, due: time + settlement.delayMillis }),
          data: message.data
        })
        : move(at, message, {
          subject: queue.deadLettersSubject,
          headers: Wire.copy(message, `dead ${message.place}`, failed),
          data: message.data
        })
    })
  }

  return <R>(handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>) =>
  (at: At, message: Taken): Effect.Effect<void, never, R> =>
    Effect.uninterruptibleMask((restore) => {
      const read = Envelope.fromAttributes(Wire.attributes(message), message.data)
      if (Result.isFailure(read)) {
        return carryOut(at, message, deadLetter("undecodable", read.failure.message))
      }
      const attempt = Wire.failedAttempts(message) + 1
      const handled = restore(Effect.suspend(() => handle({ envelope: read.success, attempt })))
      return Effect.flatMap(Effect.exit(handled), (exit) =>
        Exit.isSuccess(exit)
          ? carryOut(at, message, exit.value)
          : Cause.hasInterrupts(exit.cause)
          ? at.giveBack(message)
          : carryOut(
            at,
            message,
            deadLetter("permanent-error", "The consumer itself failed; this is a bug in its runner.")
          ))
    })
}

const deadLetter = (reason: Bus.Failure["reason"], error: string): Bus.Settlement => ({
  _tag: "DeadLetter",
  failure: { reason, error: error.slice(0, 1024) }
})

/** Hands a dead letter over, again every second until it is taken; only then is it removed. */
export const collector =
  <R>(queue: string, store: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>) =>
  (at: At, message: Taken): Effect.Effect<void, never, R> => {
    const hand: Effect.Effect<void, never, R> = Effect.matchEffect(
      store(Wire.deadLetter(queue, message, message.seq)),
      {
        onSuccess: () => at.confirm(message),
        onFailure: () =>
          Effect.logWarning("A dead letter could not be stored and is handed over again").pipe(
            Effect.annotateLogs({ queue }),
            Effect.andThen(Effect.raceFirst(Effect.sleep("1 second"), Deferred.await(at.draining))),
            Effect.andThen(Effect.suspend(() => Deferred.isDoneUnsafe(at.draining) ? at.giveBack(message) : hand))
          )
      }
    )
    return hand
  }
