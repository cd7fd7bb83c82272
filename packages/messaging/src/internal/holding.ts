/** Parking a message, and what follows it, instead of dead-lettering it at the broker. */
import { Envelope, Id } from "@kanau/core"
import { Clock, Effect, Schedule } from "effect"
import type * as Bus from "../Bus.ts"
import { DeadLetterStore } from "../DeadLetterStore.ts"

const acknowledged: Bus.Settlement = { _tag: "Ack" }

/** Decides whether a message may be handled now, and keeps what its handler gave up. */
export const holding = (queue: string) =>
<R>(
  delivery: Bus.Delivery,
  handled: Effect.Effect<Bus.Settlement, never, R>
): Effect.Effect<Bus.Settlement, never, R | DeadLetterStore> =>
  Effect.flatMap(DeadLetterStore, (store) => {
    const { envelope } = delivery
    const park = (failure: Bus.Failure) =>
      Effect.flatMap(Effect.all([Id.next, Clock.currentTimeMillis]), ([id, at]) =>
        patiently(store.put({
          id,
          queue,
          at,
          attributes: Envelope.toAttributes(envelope),
          data: envelope.data,
          attempts: delivery.attempt,
          failure
        }))).pipe(Effect.as(acknowledged))
    return Effect.flatMap(patiently(store.standing(queue, envelope)), (standing) =>
      standing === "behind"
        ? park({ reason: "waits-behind", error: "WaitsBehind: an earlier message of its subject is parked" })
        : Effect.flatMap(handled, (settlement) =>
          settlement._tag === "DeadLetter"
            ? park(settlement.failure)
            : settlement._tag === "Ack" && standing === "redriven"
            ? Effect.as(patiently(store.resolve(queue, envelope.id)), acknowledged)
            : Effect.succeed(settlement)))
  })

/** Without the store the order cannot be kept, so the message, and its lane, wait for it. */
const patiently = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.tapError((fault) => Effect.logWarning(`The dead-letter store does not answer; waiting: ${fault.message}`)),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.orDie
  )
