/** The streams and consumers on the server. All of it is on disk; declaring it again changes nothing. */
import type { Fault } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import type { ConsumerConfig, StreamConfig } from "@nats-io/jetstream"
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType
} from "@nats-io/jetstream"
import { Empty, errors, nanos } from "@nats-io/transport-node"
import { Effect } from "effect"
import type { Bindings } from "./bindings.ts"
import * as Delays from "./delays.ts"
import type { Session } from "./link.ts"
import { call } from "./link.ts"
import type { Names, QueueNames } from "./names.ts"
import { consumer } from "./names.ts"

/**
 * How long a delivered message may go without a sign of life before it is delivered again. Short, because it is also how
 * long messages are missing that were on their way when a connection or a process died.
 */
const ackWaitMillis = 10_000

/** How long the server remembers what was published. */
const duplicateWindowMillis = 120_000

export interface Topology {
  /** The stream of bindings, without which nothing can be published. */
  readonly prepare: (session: Session) => Effect.Effect<void, Fault.Unavailable>
  /** Everything of a queue; its bindings last, so that what is routed there has a place. */
  readonly declare: (session: Session, queue: Bus.Queue) => Effect.Effect<void, Fault.Unavailable>
  readonly status: (session: Session, queue: string) => Effect.Effect<Bus.QueueStatus | undefined, Fault.Unavailable>
}

export const make = (names: Names, bindings: Bindings, replicas: number): Topology => {
  const stream = (name: string, subjects: Array<string>) => ({
    ...base,
    name,
    subjects,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    num_replicas: replicas
  })

  return {
    prepare: (session) =>
      addStream(session, {
        ...base,
        name: names.bindings,
        subjects: [names.allBindings],
        retention: RetentionPolicy.Limits,
        max_msgs_per_subject: 1,
        num_replicas: replicas
      }),
    declare: (session, { name, types }) => {
      const queue = names.queue(name)
      const streams = [
        stream(queue.stream, [queue.subject]),
        stream(queue.delayed, [queue.delayedSubject("*")]),
        stream(queue.deadLetters, [queue.deadLettersSubject])
      ]
      const consumers: ReadonlyArray<readonly [string, Partial<ConsumerConfig>]> = [
        [queue.stream, { durable_name: consumer }],
        [queue.deadLetters, { durable_name: consumer }],
        ...Delays.classes.map(({ token }) =>
          [queue.delayed, {
            durable_name: token,
            filter_subject: queue.delayedSubject(token),
            max_ack_pending: Delays.window
          }] as const
        )
      ]
      return Effect.forEach(streams, (each) => addStream(session, each), { concurrency: 3, discard: true }).pipe(
        Effect.andThen(Effect.forEach(
          consumers,
          ([of, config]) => addConsumer(session, of, config),
          { concurrency: 4, discard: true }
        )),
        Effect.andThen(Effect.forEach(types, (type) => bindings.bind(session, type, name), { discard: true }))
      )
    },
    status: (session, name) => {
      const queue = names.queue(name)
      const count = (of: string, takers = 1) => waiting(session, of, takers)
      return Effect.flatMap(count(queue.stream), (ready) =>
        ready === undefined ? Effect.undefined : Effect.map(
          Effect.all([
            count(queue.delayed, Delays.classes.length),
            count(queue.deadLetters),
            consumers(session, queue)
          ], { concurrency: 3 }),
          ([delayed = 0, deadLetters = 0, present]) => ({ ready, delayed, deadLetters, consumers: present })
        ))
    }
  }
}

const base = {
  storage: StorageType.File,
  duplicate_window: nanos(duplicateWindowMillis)
} satisfies Partial<StreamConfig>

/** What an operator has changed stays as it is. */
const addStream = (
  { manager }: Session,
  config: Partial<StreamConfig> & { readonly name: string }
): Effect.Effect<void, Fault.Unavailable> =>
  Effect.asVoid(
    call(() =>
      manager.streams.add(config).catch((error: unknown) =>
        codeOf(error) === nameInUse ? undefined : Promise.reject(error)
      )
    )
  )

const addConsumer = (
  { manager }: Session,
  stream: string,
  config: Partial<ConsumerConfig> & { readonly durable_name?: string }
): Effect.Effect<void, Fault.Unavailable> =>
  Effect.asVoid(
    call(() =>
      manager.consumers.info(stream, config.durable_name ?? "").catch((error: unknown) =>
        codeOf(error) === noConsumer
          ? manager.consumers.add(stream, {
            ack_policy: AckPolicy.Explicit,
            ack_wait: nanos(ackWaitMillis),
            deliver_policy: DeliverPolicy.All,
            // Over all processes, so it bounds nothing; each process pulls no more than it may hold.
            max_ack_pending: -1,
            max_waiting: 8192,
            ...config
          })
          : Promise.reject(error)
      )
    )
  )

/**
 * How many messages of a stream wait or are being handled; undefined when there is no such stream. After a crash the
 * stream may have some that were acknowledged, which its consumers do not count.
 */
const waiting = (
  { manager }: Session,
  stream: string,
  takers: number
): Effect.Effect<number | undefined, Fault.Unavailable> =>
  call(async () => {
    try {
      const { state } = await manager.streams.info(stream)
      const found = await manager.consumers.list(stream).next()
      // Without one of them, nobody counts its messages.
      if (found.length < takers) return state.messages
      return Math.min(
        state.messages,
        found.reduce((sum, { num_ack_pending, num_pending }) => sum + num_ack_pending + num_pending, 0)
      )
    } catch (error) {
      if (codeOf(error) === noStream) return undefined
      throw error
    }
  })

/** The server counts questions for messages, not who asks; so the consumers of the queue are called up. */
const consumers = ({ connection }: Session, { presence }: QueueNames): Effect.Effect<number, Fault.Unavailable> =>
  call(async () => {
    let present = 0
    const answers = await connection.requestMany(presence, Empty, { strategy: "stall", maxWait: 500, stall: 100 })
    try {
      for await (const _ of answers) present++
    } catch (error) {
      if (!(error instanceof errors.NoRespondersError)) throw error
    }
    return present
  })

const codeOf = (error: unknown): number => error instanceof JetStreamApiError ? error.code : 0

const nameInUse = 10058
const noConsumer = 10014
const noStream = 10059
