/** What becomes of a delivered message: its handler runs and its settlement is carried out, or it is collected. */
import { Envelope, type Id } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import type { ConsumeMessage, Options } from "amqplib"
import { Cause, Clock, Deferred, Effect, Exit, Result } from "effect"
import type { At } from "./intake.ts"
import { answer } from "./intake.ts"
import type { Outlet } from "./publisher.ts"
import type { Topology } from "./topology.ts"
import * as Wire from "./wire.ts"

/** Runs the handler of one delivery and carries out what it decided. */
export const settler = ({ ids, queue, send, topology }: {
  readonly ids: Id.Generator
  readonly queue: string
  readonly send: Outlet["send"]
  readonly topology: Topology
}) => {
  /** Confirmed copy first, acknowledgement second: a crash in between duplicates, it never loses. */
  const move = (at: At, message: ConsumeMessage, to: string, properties: Options.Publish): Effect.Effect<void> =>
    Effect.matchEffect(
      // On a dead channel the original comes back anyway; a copy would only double it.
      Effect.suspend(() =>
        Deferred.isDoneUnsafe(at.gone)
          ? Effect.void
          : send({ exchange: "", key: to, data: message.content }, properties, to)
      ),
      {
        onSuccess: () => answer(at, (channel) => channel.ack(message)),
        onFailure: (fault) =>
          Effect.logWarning(`A message could not be moved to ${to} and goes back to ${queue}: ${fault.message}`).pipe(
            Effect.andThen(Effect.timeoutOption(Deferred.await(at.draining), "5 seconds")),
            Effect.andThen(answer(at, (channel) => channel.nack(message, false, true)))
          )
      }
    )

  const carryOut = (at: At, message: ConsumeMessage, settlement: Bus.Settlement): Effect.Effect<void> => {
    if (settlement._tag === "Ack") return answer(at, (channel) => channel.ack(message))
    const to = settlement._tag === "Retry"
      ? topology.delay(queue, settlement.delayMillis)
      : topology.deadLetters(queue)
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      move(
        at,
        message,
        to,
        Wire.copy(message, {
          id: ids.uuid(),
          attempts: Wire.failedAttempts(message) + 1,
          failure: settlement.failure,
          queue,
          time: new Date(now).toISOString(),
          // The queue's own time to live is the upper bound.
          ...(settlement._tag === "Retry" ? { waitMillis: settlement.delayMillis } : {})
        })
      ))
  }

  return <R>(handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>) =>
  (at: At, message: ConsumeMessage): Effect.Effect<void, never, R> =>
    Effect.uninterruptibleMask((restore) => {
      const read = Envelope.fromAttributes(Wire.attributes(message), message.content)
      if (Result.isFailure(read)) {
        return carryOut(at, message, deadLetter("undecodable", read.failure.message))
      }
      const attempt = Wire.failedAttempts(message) + 1
      const handled = restore(Effect.suspend(() => handle({ envelope: read.success, attempt })))
      return Effect.flatMap(Effect.exit(handled), (exit) => {
        if (Exit.isSuccess(exit)) return carryOut(at, message, exit.value)
        if (!Cause.hasInterrupts(exit.cause)) {
          return carryOut(
            at,
            message,
            deadLetter("permanent-error", "The consumer itself failed; this is a bug in its runner.")
          )
        }
        // While draining it stays unsettled until the channel closes: given back now, it could be delivered here again.
        return Deferred.isDoneUnsafe(at.draining)
          ? Effect.void
          : answer(at, (channel) => channel.nack(message, false, true))
      })
    })
}

const deadLetter = (reason: Bus.Failure["reason"], error: string): Bus.Settlement => ({
  _tag: "DeadLetter",
  failure: { reason, error: error.slice(0, 1024) }
})

/** Hands a dead letter over, again every second until it is taken; only then is it removed. */
export const collector =
  <R>(queue: string, store: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>) =>
  (at: At, message: ConsumeMessage): Effect.Effect<void, never, R> => {
    const hand: Effect.Effect<void, never, R> = Effect.matchEffect(store(Wire.deadLetter(queue, message)), {
      onSuccess: () => answer(at, (channel) => channel.ack(message)),
      onFailure: () =>
        Effect.logWarning("A dead letter could not be stored and is handed over again").pipe(
          Effect.annotateLogs({ queue }),
          Effect.andThen(Effect.raceFirst(Effect.sleep("1 second"), Deferred.await(at.draining))),
          // Left unsettled, it goes back to its queue when the channel closes.
          Effect.andThen(Effect.suspend(() =>
            Deferred.isDoneUnsafe(at.draining) || Deferred.isDoneUnsafe(at.gone) ? Effect.void : hand
          ))
        )
    })
    return hand
  }
