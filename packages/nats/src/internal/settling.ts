/** What becomes of a delivered message: its handler runs and its settlement is carried out, or it is collected. */
import type { Id } from "@kanau/core"
import { type Bus, BusAdapter } from "@kanau/messaging"
import { Clock, Deferred, Effect } from "effect"
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

  const carryOut = (at: At, message: Taken, outcome: BusAdapter.Outcome): Effect.Effect<void> => {
    if (outcome._tag === "Release") return at.giveBack(message)
    if (outcome._tag === "Ack" || !at.isLinked()) return at.confirm(message)
    return Effect.flatMap(Clock.currentTimeMillis, (time) => {
      const failed = {
        id: ids.uuid(),
        attempts: Wire.failedAttempts(message) + 1,
        failure: outcome.failure,
        queue: queue.queue,
        time
      }
      // The same place makes the same copy: made twice, it is stored once.
      return outcome._tag === "Retry"
        ? move(at, message, {
          subject: queue.delayedSubject(Delays.classOf(outcome.delayMillis)),
          headers: Wire.copy(message, `retry ${message.place}`, { ...failed, due: time + outcome.delayMillis }),
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
    BusAdapter.deliver(
      { attributes: Wire.attributes(message), data: message.data },
      Wire.failedAttempts(message) + 1,
      handle,
      (outcome) => carryOut(at, message, outcome)
    )
}

/** Hands a dead letter over until it is taken; only then is it removed. */
export const collector =
  <R>(queue: string, take: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>) =>
  (at: At, message: Taken): Effect.Effect<void, never, R> =>
    Effect.flatMap(
      BusAdapter.handOver(Wire.deadLetter(queue, message, message.seq), take, Deferred.await(at.draining)),
      (taken) => taken ? at.confirm(message) : at.giveBack(message)
    )
