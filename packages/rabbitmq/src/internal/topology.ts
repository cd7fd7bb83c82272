/** Names and declarations of everything on the broker. All of it is durable; declaring it again changes nothing. */
import type { Fault } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import type { Channel } from "amqplib"
import { Effect, Predicate } from "effect"
import { call } from "./link.ts"

export interface Topology {
  /** Where messages are published, routed by type. */
  readonly messages: string
  /** Where signals are published, routed by channel. */
  readonly signals: string
  readonly queue: (name: string) => string
  readonly deadLetters: (name: string) => string
  /** The delay queue whose wait is the shortest that is not too short; the longest there is for more. */
  readonly delay: (name: string, millis: number) => string
  /** What there is of a queue. Each question needs a channel of its own: a wrong name closes it. */
  readonly status: (
    name: string,
    onChannel: <A>(
      use: (channel: Channel) => Effect.Effect<A, Fault.Unavailable>
    ) => Effect.Effect<A, Fault.Unavailable>
  ) => Effect.Effect<Bus.QueueStatus | undefined, Fault.Unavailable>
  readonly declareExchanges: (channel: Channel) => Effect.Effect<void, Fault.Unavailable>
  readonly declareQueue: (channel: Channel, queue: Bus.Queue) => Effect.Effect<void, Fault.Unavailable>
}

/** Replicated where the broker is a cluster, and synced to disk before a confirm. */
const quorum = { "x-queue-type": "quorum" }

/** Moves what expires or was delivered too often to another queue, and drops it here only once it is there. */
const movesTo = (queue: string) => ({
  "x-dead-letter-exchange": "",
  "x-dead-letter-routing-key": queue,
  "x-dead-letter-strategy": "at-least-once",
  "x-overflow": "reject-publish"
})

export const make = (prefix: string, delays: ReadonlyArray<number>): Topology => {
  const messages = `${prefix}kanau.messages`
  const signals = `${prefix}kanau.signals`
  const queue = (name: string) => `${prefix}${name}`
  const deadLetters = (name: string) => `${prefix}${name}.dlq`
  const steps = [...delays].sort((a, b) => a - b)
  const retry = (name: string, millis: number) => `${prefix}${name}.retry.${millis}`

  return {
    messages,
    signals,
    queue,
    deadLetters,
    delay: (name, millis) => retry(name, steps.find((step) => step >= millis) ?? (steps.at(-1) as number)),
    status: (name, onChannel) => {
      const count = (key: string) =>
        onChannel((channel) =>
          call(() =>
            channel.checkQueue(key).catch((error: unknown) => isMissing(error) ? undefined : Promise.reject(error))
          )
        )
      return Effect.flatMap(count(queue(name)), (found) =>
        found === undefined ? Effect.undefined : Effect.map(
          Effect.all([count(deadLetters(name)), Effect.forEach(steps, (millis) => count(retry(name, millis)))]),
          ([dead, delays]) => ({
            ready: found.messageCount,
            delayed: delays.reduce((sum, delay) => sum + (delay?.messageCount ?? 0), 0),
            deadLetters: dead?.messageCount ?? 0,
            consumers: found.consumerCount
          })
        ))
    },
    declareExchanges: (channel) =>
      all(() => [
        channel.assertExchange(messages, "topic", { durable: true }),
        channel.assertExchange(signals, "direct", { durable: true })
      ]),
    declareQueue: (channel, { name, types }) =>
      all(() => [
        // Classic, because it alone puts what was only looked at back in its place. In a cluster it lives on one node;
        // while that is down, what should go here goes back to its queue instead.
        channel.assertQueue(deadLetters(name), { durable: true }),
        ...steps.map((millis) =>
          channel.assertQueue(retry(name, millis), {
            durable: true,
            arguments: { ...quorum, ...movesTo(queue(name)), "x-message-ttl": millis }
          })
        ),
        // Our ladder decides; the limit only ends messages that kill their consumer again and again.
        channel.assertQueue(queue(name), {
          durable: true,
          arguments: { ...quorum, ...movesTo(deadLetters(name)), "x-delivery-limit": 100 }
        }),
        ...types.map((type) => channel.bindQueue(queue(name), messages, type))
      ])
  }
}

const all = (ask: () => ReadonlyArray<PromiseLike<unknown>>): Effect.Effect<void, Fault.Unavailable> =>
  Effect.asVoid(call(() => Promise.all(ask())))

const isMissing = (error: unknown): boolean => Predicate.hasProperty(error, "code") && error.code === 404
