/**
 * The inbox port: makes an effect on the database happen once per message, however often the message is delivered.
 */
import type { Fault } from "@kanau/core"
import type { Effect } from "effect"
import { Context } from "effect"

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
