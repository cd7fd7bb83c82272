/**
 * The bus on RabbitMQ 3.10 or newer.
 *
 * Topology: a durable topic exchange routed by message type; per consumer a quorum queue, a dead-letter queue
 * `<queue>.dlq`, and a delay queue `<queue>.retry.<ms>` per step of the retry ladder. One per step, because a message
 * with a short wait would be stuck behind one with a long wait; a wait is therefore rounded up to the next step.
 *
 * Guarantees: a publish succeeds only when the broker has confirmed it to disk; what it could not route, did not
 * confirm, or never got are different faults. A retried or dead-lettered message is acknowledged only after its copy
 * is confirmed, so it can be doubled but not lost. Connections and channels that die are opened again for ever, with
 * all that was declared and consumed on them. Publishing and consuming use two connections, so that a broker that
 * blocks publishers still takes acknowledgements.
 *
 * Does not remove what is no longer declared, and does not bound the number of publishes in flight: their callers do.
 */
import { type Fault, Id } from "@kanau/core"
import { Bus, RetryLadder } from "@kanau/messaging"
import type { Channel, GetMessage } from "amqplib"
import { Context, Effect, Layer, type Redacted } from "effect"
import * as Intake from "./internal/intake.ts"
import * as Link from "./internal/link.ts"
import * as Publisher from "./internal/publisher.ts"
import * as Settling from "./internal/settling.ts"
import * as Signals from "./internal/signals.ts"
import * as Topology from "./internal/topology.ts"
import * as Wire from "./internal/wire.ts"

/** How to reach the broker, and what to call things there. */
export interface Options {
  /** `amqp://user:password@host:port/vhost` or `amqps://…`; `?heartbeat=` in seconds, 5 when absent. */
  readonly url: Redacted.Redacted
  /** Goes before the name of every exchange and queue, so that systems can share a virtual host. */
  readonly prefix?: string
  /** The waits there are delay queues for, in milliseconds: the steps of the ladder that the consumers use. */
  readonly delays?: ReadonlyArray<number>
}

/** The bus and its health. Building it does not need the broker to be up; it keeps trying to connect. */
export const layer = (options: Options): Layer.Layer<Bus.Bus | Bus.Health> =>
  Layer.effectContext(Effect.gen(function*() {
    const delays = options.delays ?? RetryLadder.steps(RetryLadder.standard)
    const topology = Topology.make(options.prefix ?? "", delays)
    const declared = new Map<string, Bus.Queue>()
    const ids = yield* Id.generator

    const publishing = yield* Link.make({
      url: options.url,
      name: "kanau publishing",
      open: (model, closed) =>
        Effect.gen(function*() {
          const outlet = yield* Publisher.open(model, closed)
          // What was declared may be gone with a broker that lost its disk.
          yield* onChannel(model, (channel) =>
            Effect.andThen(
              topology.declareExchanges(channel),
              Effect.forEach(declared.values(), (queue) => topology.declareQueue(channel, queue), { discard: true })
            ))
          return outlet
        })
    })
    const consuming = yield* Link.make({
      url: options.url,
      name: "kanau consuming",
      open: () => Effect.void
    })
    const send = Publisher.over(publishing)

    const bus = Bus.Bus.of({
      declare: (queue) =>
        Effect.flatMap(publishing.session, ({ model }) => {
          const known = declared.get(queue.name)?.types ?? []
          const merged = { name: queue.name, types: [...new Set([...known, ...queue.types])] }
          declared.set(queue.name, merged)
          return onChannel(model, (channel) => topology.declareQueue(channel, merged))
        }),
      publish: (envelope) =>
        Effect.suspend(() =>
          send(
            { exchange: topology.messages, key: envelope.type, data: envelope.data },
            Wire.properties(envelope),
            envelope.type
          )
        ),
      consume: (queue, { prefetch }, handle) => {
        const prepare = (channel: Channel) => {
          const known = declared.get(queue)
          return known === undefined
            ? Effect.asVoid(Link.call(() => channel.checkQueue(topology.queue(queue))))
            : topology.declareQueue(channel, known)
        }
        return Effect.andThen(
          declared.has(queue)
            ? Effect.void
            : Effect.flatMap(consuming.session, ({ model }) => onChannel(model, prepare)),
          Intake.deliver(
            { link: consuming, queue: topology.queue(queue), label: queue, prefetch, prepare },
            Settling.settler({ ids, queue, send, topology })(handle)
          )
        )
      },
      send: (queue, parcel) =>
        send(
          { exchange: "", key: topology.queue(queue), data: parcel.data },
          Wire.ofAttributes(parcel.attributes),
          parcel.attributes["type"] ?? ""
        ).pipe(Effect.catchTag("Unroutable", () => Effect.fail(new Bus.NoQueue({ queue })))),
      status: (queue) =>
        Effect.flatMap(publishing.session, ({ model }) => topology.status(queue, (use) => onChannel(model, use))),
      deadLetters: (queue, limit) =>
        Effect.flatMap(publishing.session, ({ model }) =>
          // What was only looked at goes back when the channel closes.
          onChannel(model, (channel) => peek(channel, topology.deadLetters(queue), limit)).pipe(
            Effect.map((messages) => messages.map((message) => Wire.deadLetter(queue, message)))
          )),
      collectDeadLetters: (queue, store) =>
        Effect.flatMap(consuming.session, ({ model }) => {
          const letters = topology.deadLetters(queue)
          const prepare = (channel: Channel) => Effect.asVoid(Link.call(() => channel.checkQueue(letters)))
          return Effect.andThen(
            onChannel(model, prepare),
            // One at a time keeps their order.
            Intake.deliver(
              { link: consuming, queue: letters, label: queue, prefetch: 1, prepare },
              Settling.collector(queue, store)
            )
          )
        }),
      broadcast: Signals.broadcast(publishing, topology),
      listen: Signals.listen(consuming, topology)
    })

    const check = Effect.suspend(() => {
      const session = publishing.current()
      if (session === undefined || consuming.current() === undefined) {
        return Effect.fail(Link.unavailable("there is no connection"))
      }
      return session.resources.isBlocked()
        ? Effect.fail(Link.unavailable("the broker accepts no messages now"))
        : Effect.void
    })
    return Context.make(Bus.Bus, bus).pipe(Context.add(Bus.Health, { check }))
  }))

/** Uses a channel of its own, because the broker closes a channel on any mistake made on it. */
const onChannel = <A>(
  model: Link.Session<unknown>["model"],
  use: (channel: Channel) => Effect.Effect<A, Fault.Unavailable>
): Effect.Effect<A, Fault.Unavailable> =>
  Effect.acquireUseRelease(
    Effect.tap(Link.call(() => model.createChannel()), (channel) =>
      // The call that caused it fails with the same error; unheard, the event would end the process.
      Effect.sync(() => channel.on("error", () => undefined))),
    use,
    (channel) => Link.farewell(() => channel.close())
  )

const peek = (
  channel: Channel,
  queue: string,
  limit: number
): Effect.Effect<ReadonlyArray<GetMessage>, Fault.Unavailable> =>
  Effect.gen(function*() {
    const messages: Array<GetMessage> = []
    while (messages.length < limit) {
      const message = yield* Link.call(() => channel.get(queue))
      if (message === false) break
      messages.push(message)
    }
    return messages
  })
