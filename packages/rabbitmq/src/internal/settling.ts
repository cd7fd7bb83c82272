/** What becomes of a delivered message: its handler runs and its settlement is carried out, or it is collected. */
import type { Id } from "@kanau/core"
import { type Bus, BusAdapter } from "@kanau/messaging"
import type { ConsumeMessage, Options } from "amqplib"
import { Clock, Deferred, Effect } from "effect"
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

  const carryOut = (at: At, message: ConsumeMessage, outcome: BusAdapter.Outcome): Effect.Effect<void> => {
    if (outcome._tag === "Ack") return answer(at, (channel) => channel.ack(message))
    if (outcome._tag === "Release") {
      // While draining it stays unsettled until the channel closes: given back now, it could be delivered here again.
      return Deferred.isDoneUnsafe(at.draining)
        ? Effect.void
        : answer(at, (channel) => channel.nack(message, false, true))
    }
    const to = outcome._tag === "Retry"
      ? topology.delay(queue, outcome.delayMillis)
      : topology.deadLetters(queue)
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      move(
        at,
        message,
        to,
        Wire.copy(message, {
          id: ids.uuid(),
          attempts: Wire.failedAttempts(message) + 1,
          failure: outcome.failure,
          queue,
          time: new Date(now).toISOString(),
          // The queue's own time to live is the upper bound.
          ...(outcome._tag === "Retry" ? { waitMillis: outcome.delayMillis } : {})
        })
      ))
  }

  return <R>(handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>) =>
  (at: At, message: ConsumeMessage): Effect.Effect<void, never, R> =>
    BusAdapter.deliver(
      { attributes: Wire.attributes(message), data: message.content },
      Wire.failedAttempts(message) + 1,
      handle,
      (outcome) => carryOut(at, message, outcome)
    )
}

/** Hands a dead letter over until it is taken; only then is it removed. */
export const collector =
  <R>(queue: string, take: (letter: Bus.DeadLetter) => Effect.Effect<void, unknown, R>) =>
  (at: At, message: ConsumeMessage): Effect.Effect<void, never, R> =>
    Effect.flatMap(
      BusAdapter.handOver(
        Wire.deadLetter(queue, message),
        take,
        Effect.raceFirst(Deferred.await(at.draining), Deferred.await(at.gone))
      ),
      // Left unsettled, it goes back to its queue when the channel closes.
      (taken) => taken ? answer(at, (channel) => channel.ack(message)) : Effect.void
    )
