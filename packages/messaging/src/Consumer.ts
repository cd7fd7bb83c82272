/**
 * The consumer runner: message classes bound to processors, on one queue.
 *
 * Guarantees: every delivery ends in exactly one settlement, decided by the fault kind alone (core's `Fault.rules`):
 * acknowledged, discarded with a warning, tried again after the ladder's delay, or dead-lettered with its reason.
 * Messages with the same subject are handled one after the other in the order they arrived; other subjects run beside
 * them, as far as the prefetch window reaches. A handler that throws costs its own message a retry and nothing else.
 * While a dependency is unavailable the consumer pauses instead of using up attempts.
 *
 * Does not deduplicate (see `Inbox`) and does not order one subject across processes that share a queue: two processes
 * may hold one subject at the same time, and a retried message is overtaken unless the consumer is {@link inOrder}. Make
 * effects version-checked.
 */
import type { Envelope } from "@kanau/core"
import { type Fault, Id, Layers, Message, type OnceOnly, Processor, type System } from "@kanau/core"
import type { Schema, Scope } from "effect"
import { Deferred, Effect, Latch, Metric, pipe, Random } from "effect"
import * as Bus from "./Bus.ts"
import type { DeadLetterStore } from "./DeadLetterStore.ts"
import * as Dispositions from "./Dispositions.ts"
import { CurrentEnvelope } from "./internal/currentEnvelope.ts"
import { holding } from "./internal/holding.ts"
import { whenReady } from "./internal/ready.ts"
import { receiver } from "./internal/receiver.ts"
import * as RetryLadder from "./RetryLadder.ts"

export { CurrentEnvelope }

/** The envelope of the message that is being handled; a defect outside a handler. */
export const currentEnvelope: Effect.Effect<Envelope.Envelope> = Effect.flatMap(
  CurrentEnvelope,
  (envelope) =>
    envelope === undefined
      ? Effect.die(new Error("There is no current envelope outside a message handler."))
      : Effect.succeed(envelope)
)

/** One message class and the processor that handles it. */
export interface Handler<out R> {
  readonly message: Message.Any
  readonly process: Processor.Processor<Bus.Delivery, void, unknown, R>
  /** The declared part of what becomes of the message when `process` fails; the fault kind decides the rest. */
  readonly dispositions: ReadonlyArray<System.ErrorDisposition>
  /** The processor as it was given. */
  readonly shape: Processor.Shape
  /** What whoever asked is answered with, where a command is answered (`Request.serve`). */
  readonly answer?: Schema.Codec<unknown, unknown>
}

/** A queue, the message types that belong on it, and their handlers. */
export interface Consumer<out R> {
  /** Declare the queues of all consumers with `Bus.declare` before anything is published. */
  readonly queue: Bus.Queue
  readonly handlers: ReadonlyArray<Handler<R>>
  readonly ladder: RetryLadder.RetryLadder
  /** Whether messages of one subject are handled one after the other. */
  readonly ordered: boolean
  /** Whether a message waits for its next attempt where it is, with the later ones of its subject behind it. */
  readonly waitsInLane: boolean
  /** Stands between a message and its handler; may settle the message itself. */
  readonly gate: <R2>(
    delivery: Bus.Delivery,
    handled: Effect.Effect<Bus.Settlement, never, R2>
  ) => Effect.Effect<Bus.Settlement, never, R | R2>
}

/**
 * Binds a message class to the processor that handles it. What becomes of the message when the processor fails must be
 * decided for every error it can fail with (see {@link Dispositions}), and work that must not run twice must be made
 * safe first (see `OnceOnly`): a queue delivers at least once. Otherwise this does not compile.
 *
 * @example
 * ```ts
 * const onOrdered = Consumer.on(Ordered, pipe(chargeCard, Inbox.deduplicate("billing")), {
 *   errors: [CardDeclined],
 *   dispositions: { GatewayError: "retry" }
 * })
 * ```
 */
export const on = <M extends Message.Any, E = never, R = never, const D extends Dispositions.Declared = {}>(
  message: M,
  process: Processor.Processor<M["Type"], void, E, R> & Dispositions.Total<E, D> & OnceOnly.MayRunTwice<R>,
  declared?: D
): Handler<R> => ({
  message,
  process: pipe(
    Processor.chain(
      (delivery: Bus.Delivery) => Effect.succeed(delivery.envelope),
      Message.decoder(message),
      // Only the compiler looks at the other two types.
      process as Processor.Processor<M["Type"], void, E, R>
    ),
    Layers.meter(`consume ${message.type}`),
    Layers.trace(`consume ${message.type}`, "consumer")
  ),
  dispositions: Dispositions.rows(declared ?? {}),
  shape: Processor.shape(process)
})

/** A consumer of one queue. Nothing happens until it is {@link run}. */
export const make = <R>(options: {
  readonly queue: string
  readonly handlers: ReadonlyArray<Handler<R>>
  readonly ladder?: RetryLadder.RetryLadder
}): Consumer<R> => {
  const types = options.handlers.map((handler) => handler.message.type)
  const twice = types.find((type, index) => types.indexOf(type) !== index)
  if (twice !== undefined) throw new Error(`${twice} has two handlers on ${options.queue}; keep one of them`)
  return {
    queue: { name: options.queue, types },
    handlers: options.handlers,
    ladder: options.ladder ?? RetryLadder.standard,
    ordered: true,
    waitsInLane: false,
    gate: (_, handled) => handled
  }
}

/**
 * Keeps the order of a subject across failed attempts: a message waits for its next attempt in the consumer, and the later
 * ones of its subject wait behind it, instead of overtaking it while it waits at the broker. Each subject that waits holds
 * a place of the prefetch window, so give it more of those than subjects that may fail at a time, and a ladder whose
 * waits add up to less than the time a broker leaves a message unsettled (RabbitMQ: half an hour). Attempts are counted
 * in the process: a message that another one takes over begins anew.
 *
 * @example
 * ```ts
 * const ledger = Consumer.inOrder(Consumer.make({
 *   queue: "ledger",
 *   handlers: [onBooked],
 *   ladder: { baseMillis: 500, factor: 2, capMillis: 60_000, attempts: 15 }
 * }))
 * ```
 */
export const inOrder = <R>(consumer: Consumer<R>): Consumer<R> => ({ ...consumer, ordered: true, waitsInLane: true })

/**
 * Lets messages of one subject run beside each other, for handlers to which their order means nothing, such as those
 * that look up the present state. With a handler that gathers what is asked for at the same time (`Layers.batch`), many
 * changes of one entity cost as much as one.
 *
 * @example
 * ```ts
 * import { Consumer } from "@kanau/messaging"
 *
 * Consumer.unordered(Consumer.make({ queue: "pages", handlers: [] })).ordered // => false
 * ```
 */
export const unordered = <R>(consumer: Consumer<R>): Consumer<R> => ({
  ...consumer,
  ordered: false,
  waitsInLane: false
})

/**
 * Like {@link inOrder}, and keeps the order of a subject across a message that is given up too: it is put in the
 * dead-letter store, and the later messages of its subject are put behind it instead of being handled, until it is
 * redriven and handled, or purged. Costs a question to the store per message. What cannot be decoded has no subject and
 * goes the usual way.
 *
 * @example
 * ```ts
 * const ledger = Consumer.parkBehind(Consumer.make({ queue: "ledger", handlers: [onBooked] }))
 * ```
 */
export const parkBehind = <R>(consumer: Consumer<R>): Consumer<R | DeadLetterStore> => ({
  ...inOrder<R | DeadLetterStore>(consumer),
  gate: holding(consumer.queue.name)
})

/**
 * A consumer as a part of a role, for `System.make`.
 *
 * @example
 * ```ts
 * import { Consumer } from "@kanau/messaging"
 *
 * Consumer.part(Consumer.make({ queue: "clock", handlers: [] })).attempts // => 10
 * ```
 */
export const part = (consumer: Consumer<unknown>): System.QueuePart => ({
  kind: "queue",
  queue: consumer.queue.name,
  attempts: consumer.ladder.attempts,
  waitsMillis: RetryLadder.steps(consumer.ladder),
  handlers: consumer.handlers.map(({ process: _, ...handler }) => handler)
})

/** How a consumer runs. */
export interface RunOptions {
  /** Most messages unsettled at a time; 32 when absent. */
  readonly prefetch?: number
  /**
   * Handling waits while one of these is not ready, such as the breaker of a dependency of all handlers. Waiting
   * messages count as unsettled and use up no attempt, so no more than `prefetch` are pulled.
   */
  readonly needs?: ReadonlyArray<Layers.Readiness>
}

/** A consumer that runs. */
export interface Running {
  /**
   * Handles nothing more until {@link Running.resume}; what is being handled is finished. Messages that have been pulled,
   * `prefetch` at most, wait unsettled and use up no attempt.
   */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
}

/**
 * Declares the queue and handles its messages until the scope closes. Closing lets running handlers finish and settles
 * their messages; what had not begun goes back to the queue.
 */
export const run = <R>(
  consumer: Consumer<R>,
  options: RunOptions = {}
): Effect.Effect<Running, Fault.Unavailable, Bus.Bus | R | Scope.Scope> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const ids = yield* Id.generator
    const random = yield* Random.Random
    const closing = Deferred.makeUnsafe<void>()
    const closed = Deferred.await(closing)
    const open = Latch.makeUnsafe(true)
    const opened = Effect.raceFirst(open.await, Effect.andThen(closed, Effect.interrupt))
    const state = { paused: false }
    const turn = (paused: boolean) =>
      Effect.suspend(() => {
        state.paused = paused
        return Effect.andThen(
          paused ? open.close : open.open,
          Metric.update(Metric.withAttributes(pausedConsumers, { queue: consumer.queue.name }), paused ? 1 : 0)
        )
      })
    const ready = whenReady(options.needs ?? [], closed)
    yield* bus.declare(consumer.queue)
    yield* bus.consume(
      consumer.queue.name,
      { prefetch: options.prefetch ?? 32 },
      receiver(consumer, {
        ids,
        random: () => random.nextDoubleUnsafe(),
        closing,
        whenOpen: Effect.suspend(() => state.paused ? Effect.andThen(opened, ready) : ready)
      })
    )
    // Runs before the bus begins to drain, which waits for all it has delivered.
    yield* Effect.addFinalizer(() => Deferred.succeed(closing, undefined))
    return { pause: turn(true), resume: turn(false) }
  })

const pausedConsumers = Metric.gauge("kanau_consumer_paused", {
  description: "1 while somebody has paused the consumer"
})
