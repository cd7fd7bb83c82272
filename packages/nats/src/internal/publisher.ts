/** Publishing to every queue that takes a type. */
import type { Envelope, Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect } from "effect"
import type { Bindings } from "./bindings.ts"
import type { Session } from "./link.ts"
import { unavailable } from "./link.ts"
import type { Names } from "./names.ts"
import type { Failure, Outgoing } from "./outlet.ts"
import { fits } from "./outlet.ts"
import * as Wire from "./wire.ts"

type Published = Effect.Effect<void, Bus.Unroutable | Bus.Unconfirmed | Fault.Unavailable | Fault.Invariant>

/** Stores in the stream of one queue; `type` names the message in a fault. */
export type StoreIn = (
  session: Session,
  queue: string,
  message: Outgoing,
  type: string
) => Effect.Effect<void, Failure>

export const publisher = (options: {
  readonly bindings: Bindings
  readonly names: Names
  readonly storeIn: StoreIn
}) => {
  const to = (
    session: Session,
    queues: ReadonlyArray<string>,
    { type }: Envelope.Envelope,
    message: Omit<Outgoing, "subject">
  ): Effect.Effect<void, Bus.Unconfirmed | Fault.Unavailable | Fault.Invariant> => {
    const store = (queue: string) =>
      Effect.catchTag(
        options.storeIn(session, queue, { ...message, subject: options.names.queue(queue).subject }, type),
        "NoStream",
        () => Effect.fail(unavailable(`the stream of queue ${queue} is gone`))
      )
    const [first] = queues
    return queues.length === 1 && first !== undefined
      ? store(first)
      : Effect.forEach(queues, store, { concurrency: "unbounded", discard: true })
  }

  return (session: Session, envelope: Envelope.Envelope): Published => {
    const { data, ...attributes } = envelope
    const { type } = envelope
    const message = { headers: Wire.ofAttributes(attributes, Wire.messageIdOf(envelope)), data }
    const known = options.bindings.known(type)
    const asked = options.bindings.ask(session, type)
    const unknown = Effect.flatMap(
      asked,
      (queues): Published =>
        queues.length === 0 ? Effect.fail(new Bus.Unroutable({ type })) : to(session, queues, envelope, message)
    )
    // Both are under way together; the answer shows whether a new queue was missed.
    const checked = (queues: ReadonlyArray<string>): Published =>
      Effect.flatMap(to(session, queues, envelope, message), () =>
        Effect.matchEffect(asked, {
          onFailure: (fault) => Effect.fail(new Bus.Unconfirmed({ type, reason: fault.message })),
          onSuccess: (now) => {
            const missed = now.filter((queue) => !queues.includes(queue))
            return missed.length === 0 ? Effect.void : to(session, missed, envelope, message)
          }
        }))
    return Effect.andThen(fits(session, message), known === undefined ? unknown : checked(known))
  }
}
