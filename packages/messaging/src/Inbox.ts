/**
 * The inbox port: makes an effect on the database happen once per message, however often the message is delivered.
 */
import { type Fault, OnceOnly, Processor } from "@kanau/core"
import { Context, Effect } from "effect"
import { currentEnvelope } from "./Consumer.ts"

export interface InboxService {
  /**
   * Runs `effect` and records `(consumer, messageId)` in one transaction, unless it is recorded already. If the
   * effect fails nothing is recorded. Of parallel deliveries one runs the effect, the others wait and see `duplicate`.
   * `messageId` is 1 to 255 characters; anything else is an `Invariant`.
   */
  readonly once: <E, R>(
    consumer: string,
    messageId: string,
    effect: Effect.Effect<void, E, R>
  ) => Effect.Effect<"processed" | "duplicate", E | Fault.Infrastructure, R>
}

export class Inbox extends Context.Service<Inbox, InboxService>()("@kanau/messaging/Inbox") {}

/**
 * A layer around a message handler: the effect of a message happens once for `consumer`, in the transaction that
 * records it, however often the message is delivered. What must not run twice may be inside, if it happens in that
 * transaction.
 *
 * @example
 * ```ts
 * Consumer.on(VnEdited, pipe(count, Inbox.deduplicate("vn-activity")))
 * ```
 */
export const deduplicate = (consumer: string): <In, E, R>(
  next: Processor.Processor<In, void, E, R>
) => Processor.Processor<In, void, E | Fault.Infrastructure, Exclude<R, OnceOnly.OnceOnly> | Inbox> =>
  Processor.layer("inbox", { consumer }, (next) => {
    const once = OnceOnly.discharged(next)
    return (input) =>
      Effect.flatMap(
        Inbox,
        (inbox) =>
          Effect.flatMap(currentEnvelope, (envelope) => Effect.asVoid(inbox.once(consumer, envelope.id, once(input))))
      )
  })
