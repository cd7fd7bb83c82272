/**
 * Feeds recorded envelopes to consumers, without a broker and in virtual time, and tells what became of each: the same
 * processors, lanes, retry ladder and dispositions that run in production, as one deterministic run.
 *
 * - Virtual time begins with the first envelope and moves to the time of each delivery, so a retry after ten minutes
 *   takes none. What a handler publishes is delivered too.
 * - One message is handled at a time, in the order in which they are due. Give handlers the services they need around
 *   `run`: embedded ones, or real ones.
 * - Chance is the same in every run, and takes nothing off the waits between attempts.
 * - A handler that waits for virtual time gets it in steps of a second, as soon as it has been idle for `patience` of
 *   real time.
 *
 * Does not model what a broker may do beyond at-least-once: duplicates and reordering are for the recording to show.
 */
import type { Envelope } from "@kanau/core"
import { Bus, Consumer } from "@kanau/messaging"
import { Clock, type Duration, Effect, Fiber, Random, type Scope } from "effect"
import { TestClock } from "effect/testing"

/** One time a message was handled. */
export interface Attempt {
  /** Virtual time in milliseconds. */
  readonly at: number
  readonly settlement: Bus.Settlement
}

/** What became of a message on a queue. */
export interface Outcome {
  readonly queue: string
  readonly envelope: Envelope.Envelope
  /** The last one settled it. */
  readonly attempts: ReadonlyArray<Attempt>
}

/** What became of all of them. */
export interface Report {
  /** In the order in which the messages were settled. */
  readonly outcomes: ReadonlyArray<Outcome>
  /** What handlers published, in order. */
  readonly published: ReadonlyArray<Envelope.Envelope>
  /** Envelopes of types that no consumer takes. */
  readonly unrouted: ReadonlyArray<Envelope.Envelope>
}

/** What is replayed. */
export interface Options<R> {
  readonly envelopes: ReadonlyArray<Envelope.Envelope>
  readonly consumers: ReadonlyArray<Consumer.Consumer<R>>
  /** Real time after which a waiting handler gets virtual time; 20 ms when absent. */
  readonly patience?: Duration.Input
}

/** Replays a recording. */
export const run = <R>(options: Options<R>): Effect.Effect<Report, never, Exclude<R, Bus.Bus>> =>
  Random.withSeed(Effect.scoped(Effect.provide(replay(options), TestClock.layer())), "replay") as Effect.Effect<
    Report,
    never,
    Exclude<R, Bus.Bus>
  >

interface Due {
  readonly at: number
  readonly queue: string
  readonly envelope: Envelope.Envelope
  readonly attempts: ReadonlyArray<Attempt>
}

type Handle = (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement>

const replay = <R>(
  { envelopes, consumers, patience = "20 millis" }: Options<R>
): Effect.Effect<Report, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const handles = new Map<string, Handle>()
    const due: Array<Due> = []
    const published: Array<Envelope.Envelope> = []
    const unrouted: Array<Envelope.Envelope> = []
    const outcomes: Array<Outcome> = []

    const enqueue = (envelope: Envelope.Envelope, at: number): boolean => {
      const queues = consumers.filter(({ queue }) => queue.types.includes(envelope.type))
      for (const { queue } of queues) insert(due, { at, queue: queue.name, envelope, attempts: [] })
      if (queues.length === 0) unrouted.push(envelope)
      return queues.length > 0
    }
    for (const envelope of envelopes) enqueue(envelope, Date.parse(envelope.time))

    const bus = busOf({
      consume: (queue, handle) => void handles.set(queue, handle),
      publish: (envelope, now) => {
        published.push(envelope)
        return enqueue(envelope, now)
      }
    })
    yield* TestClock.setTime(due[0]?.at ?? 0)
    for (const consumer of consumers) {
      const steady = { ...consumer, ladder: { ...consumer.ladder, jitter: 0 } }
      yield* Effect.orDie(Effect.provideService(Consumer.run(steady), Bus.Bus, bus))
    }

    for (let next = due.shift(); next !== undefined; next = due.shift()) {
      const { queue, envelope } = next
      const handle = handles.get(queue)
      if (handle === undefined) continue
      yield* TestClock.setTime(Math.max(next.at, yield* Clock.currentTimeMillis))
      const began = yield* Clock.currentTimeMillis
      const settlement = yield* inVirtualTime(handle({ envelope, attempt: next.attempts.length + 1 }), patience)
      const attempts = [...next.attempts, { at: began, settlement }]
      if (settlement._tag === "Retry") {
        const now = yield* Clock.currentTimeMillis
        insert(due, { at: now + settlement.delayMillis, queue, envelope, attempts })
      } else outcomes.push({ queue, envelope, attempts })
    }
    return { outcomes, published, unrouted }
  })

/** In order of time; of what is due at the same time, the first that came is first. */
const insert = (due: Array<Due>, one: Due): void => {
  const at = due.findIndex((other) => other.at > one.at)
  due.splice(at === -1 ? due.length : at, 0, one)
}

/** Lets virtual time pass while the work does nothing else than wait for it. */
const inVirtualTime = <A>(work: Effect.Effect<A>, patience: Duration.Input): Effect.Effect<A> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(work, { startImmediately: true })
    while (fiber.pollUnsafe() === undefined) {
      yield* TestClock.withLive(Effect.raceFirst(Fiber.await(fiber), Effect.sleep(patience)))
      if (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
    }
    return yield* Fiber.join(fiber)
  })

/** A bus that hands over what consumers and handlers give it. */
const busOf = (to: {
  readonly consume: (queue: string, handle: Handle) => void
  readonly publish: (envelope: Envelope.Envelope, now: number) => boolean
}): Bus.BusService => ({
  declare: () => Effect.void,
  publish: (envelope) =>
    Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => to.publish(envelope, now) ? Effect.void : Effect.fail(new Bus.Unroutable({ type: envelope.type }))
    ),
  consume: (queue, _, handle) =>
    Effect.contextWith((context) =>
      Effect.sync(() => to.consume(queue, (delivery) => Effect.provideContext(handle(delivery), context)))
    ),
  // Redriving and counting are not part of a replay: what a message came to is in its outcome.
  send: (queue) => Effect.fail(new Bus.NoQueue({ queue })),
  status: () => Effect.undefined,
  deadLetters: () => Effect.succeed([]),
  collectDeadLetters: () => Effect.void,
  broadcast: () => Effect.void,
  listen: (_, { onGap }) => Effect.sync(() => onGap(false))
})
