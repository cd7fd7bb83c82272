/**
 * The bus port: durable queues fed by message type, and fire-and-forget signals to every running process.
 * Adapters pass the one conformance suite in `@kanau/testing`.
 */
import type { Envelope } from "@kanau/core"
import { Fault } from "@kanau/core"
import type { Effect, Scope } from "effect"
import { Context, Schema } from "effect"

/** A durable queue and the message types that are routed to it. One queue has one consumer role. */
export interface Queue {
  readonly name: string
  readonly types: ReadonlyArray<string>
}

/** A message as a consumer gets it. */
export interface Delivery {
  readonly envelope: Envelope.Envelope
  /** 1 for the first attempt; grows with every delayed retry. */
  readonly attempt: number
}

/**
 * Kinds of {@link Failure}.
 *
 * @example
 * ```ts
 * import { Bus } from "@kanau/messaging"
 *
 * Bus.reasons.find((reason) => reason === "undecodable") // => "undecodable"
 * ```
 */
export const reasons = [
  "undecodable",
  "permanent-error",
  "retries-exhausted",
  "transient-error",
  "waits-behind"
] as const

/** Why a message did not succeed; carried with the retried or dead-lettered copy. Never contains payloads. */
export interface Failure {
  readonly reason: (typeof reasons)[number]
  /** At most 1024 characters. */
  readonly error: string
}

/** What happens to a delivery. A handler returns exactly one, so nothing can stay unacknowledged. */
export type Settlement =
  | { readonly _tag: "Ack" }
  | { readonly _tag: "Retry"; readonly delayMillis: number; readonly failure: Failure }
  | { readonly _tag: "DeadLetter"; readonly failure: Failure }

/** A message as a broker keeps it, valid envelope or not. */
export interface Parcel {
  readonly attributes: Readonly<Record<string, string>>
  readonly data: Uint8Array
}

/** A message that was given up on. */
export interface DeadLetter extends Parcel {
  /** Names this giving up; the same whenever the letter is read. */
  readonly id: string
  readonly queue: string
  /** When it was given up, in milliseconds since 1970. */
  readonly at: number
  readonly attempts: number
  readonly failure: Failure
}

/** What the broker counts of a queue. */
export interface QueueStatus {
  /** Messages that wait for a consumer; whether those being handled are among them depends on the broker. */
  readonly ready: number
  /** Messages that wait for their next attempt. */
  readonly delayed: number
  /** Dead letters that nobody has collected. */
  readonly deadLetters: number
  /** Consumers that take from the queue now, over all processes. */
  readonly consumers: number
}

/** No queue takes messages of this type. Nothing was stored. */
export class Unroutable extends Fault.define<Unroutable>()(
  "Unroutable",
  "unavailable",
  { type: Schema.String },
  (fault) => `No queue is bound to ${fault.type}; declare the consumer's queue before publishing.`
) {}

/** There is no such queue. Nothing was stored. */
export class NoQueue extends Fault.define<NoQueue>()(
  "NoQueue",
  "not-found",
  { queue: Schema.String },
  (fault) => `There is no queue ${fault.queue}; its consumer declares it when it starts.`
) {}

/** The broker did not confirm: the message may or may not have been stored. Publishing it again is safe. */
export class Unconfirmed extends Fault.define<Unconfirmed>()(
  "Unconfirmed",
  "unavailable",
  { type: Schema.String, reason: Schema.String },
  (fault) => `The broker did not confirm a ${fault.type}: ${fault.reason}`
) {}

export interface BusService {
  /** Creates the queue, its dead-letter queue and its bindings; does nothing to what exists already. */
  readonly declare: (queue: Queue) => Effect.Effect<void, Fault.Unavailable>
  /**
   * Stores a message in every queue bound to its type. Succeeds only when the broker has confirmed it durably.
   * `Invariant`: the broker can never take it, because it is too large. Many calls may be in flight at once.
   */
  readonly publish: (
    envelope: Envelope.Envelope
  ) => Effect.Effect<void, Unroutable | Unconfirmed | Fault.Unavailable | Fault.Invariant>
  /**
   * Starts delivering a declared queue to `handle`, in queue order, at most `prefetch` unsettled at a time, until the
   * scope closes. Closing stops intake first, then waits for the handlers that run, settles their messages, and only
   * then releases the connection. A handler that is interrupted leaves its message to be delivered again, without
   * counting an attempt. Survives loss of the connection. What is no valid envelope is dead-lettered unseen.
   */
  readonly consume: <R>(
    queue: string,
    options: { readonly prefetch: number },
    handle: (delivery: Delivery) => Effect.Effect<Settlement, never, R>
  ) => Effect.Effect<void, Fault.Unavailable, R | Scope.Scope>
  /**
   * Puts a message into one queue, past the bindings, as a first attempt: valid or not, it is judged there. For
   * redriving a dead letter and for delivering once more what others have had.
   */
  readonly send: (
    queue: string,
    parcel: Parcel
  ) => Effect.Effect<void, NoQueue | Unconfirmed | Fault.Unavailable | Fault.Invariant>
  /** What there is of a queue; nothing, when it was never declared. */
  readonly status: (queue: string) => Effect.Effect<QueueStatus | undefined, Fault.Unavailable>
  /** Up to `limit` dead letters of a queue, oldest first, left where they are. */
  readonly deadLetters: (queue: string, limit: number) => Effect.Effect<ReadonlyArray<DeadLetter>, Fault.Unavailable>
  /**
   * Hands the dead letters of a declared queue to `store`, oldest first, until the scope closes; each is removed only
   * after `store` succeeded. When it fails the letter is handed over again a second later. At least once: `store` tells
   * a letter it has by its id.
   */
  readonly collectDeadLetters: <R>(
    queue: string,
    store: (letter: DeadLetter) => Effect.Effect<void, unknown, R>
  ) => Effect.Effect<void, Fault.Unavailable, R | Scope.Scope>
  /**
   * Tells every process that listens on the channel right now. May be lost; never blocks on a broker. `Invariant`: it is
   * too large.
   */
  readonly broadcast: (
    channel: string,
    data: Uint8Array
  ) => Effect.Effect<void, Fault.Unavailable | Fault.Invariant>
  /**
   * Listens on a channel until the scope closes. `onGap` is called with `true` when messages may be missed from now
   * on (connection lost) and with `false` once listening (again): whatever was remembered before must be dropped.
   */
  readonly listen: (channel: string, listener: {
    readonly onMessage: (data: Uint8Array) => void
    readonly onGap: (open: boolean) => void
  }) => Effect.Effect<void, never, Scope.Scope>
}

export class Bus extends Context.Service<Bus, BusService>()("@kanau/messaging/Bus") {}

/**
 * Whether the broker can be used now, for a readiness check. Adapters that have a broker provide it beside the bus.
 *
 * @example
 * ```ts
 * import { Bus } from "@kanau/messaging"
 *
 * Bus.Health.key // => "@kanau/messaging/Bus/Health"
 * ```
 */
export class Health extends Context.Service<Health, {
  readonly check: Effect.Effect<void, Fault.Unavailable>
}>()("@kanau/messaging/Bus/Health") {}
