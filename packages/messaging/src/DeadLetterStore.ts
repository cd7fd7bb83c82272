/**
 * Where a consumer puts messages it gives up, when the later messages of their subject are to wait behind them
 * (`Consumer.parkBehind`): somewhere it can ask before it handles the next one.
 */
import type { Envelope, Fault } from "@kanau/core"
import { Context, type Effect } from "effect"
import type * as Bus from "./Bus.ts"

/**
 * How a message stands to the letters of its subject: `free` when none is open, `behind` when an earlier one is, and
 * `redriven` when it is itself a letter that was sent again and its turn has come.
 */
export type Standing = "free" | "behind" | "redriven"

export interface DeadLetterStoreService {
  /** Keeps a letter, once per queue and id. From then on the later messages of its subject are `behind`. */
  readonly put: (letter: Bus.DeadLetter) => Effect.Effect<void, Fault.Infrastructure>
  readonly standing: (queue: string, envelope: Envelope.Envelope) => Effect.Effect<Standing, Fault.Infrastructure>
  /** A redriven message was handled: nothing waits behind it any more. */
  readonly resolve: (queue: string, messageId: string) => Effect.Effect<void, Fault.Infrastructure>
}

export class DeadLetterStore
  extends Context.Service<DeadLetterStore, DeadLetterStoreService>()("@kanau/messaging/DeadLetterStore")
{}
