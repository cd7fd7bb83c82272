/**
 * The inbox port: makes an effect on the database happen once per message, however often the message is delivered.
 */
import { Fault, Layers, OnceOnly, Processor } from "@kanau/core"
import type { Array } from "effect"
import { Context, Duration, Effect, Exit, Metric } from "effect"
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
  /**
   * Like `once` for many messages in one transaction: `effect` gets the indices of those that are not recorded, and does
   * not run when there is none. If it fails nothing is recorded.
   */
  readonly onceEach: <E, R>(
    consumer: string,
    messageIds: ReadonlyArray<string>,
    effect: (fresh: Array.NonEmptyReadonlyArray<number>) => Effect.Effect<void, E, R>
  ) => Effect.Effect<void, E | Fault.Infrastructure, R>
  /** Records that a message was given up without an effect. Delivered again it is handled again. */
  readonly discard: (consumer: string, messageId: string) => Effect.Effect<void, Fault.Infrastructure>
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
          Effect.flatMap(currentEnvelope, ({ id }) =>
            accounted(
              inbox,
              consumer,
              id,
              Effect.flatMap(inbox.once(consumer, id, once(input)), (outcome) =>
                outcome === "duplicate" ? noteDuplicates(consumer, 1) : Effect.void)
            ))
      )
  })

/**
 * Like {@link deduplicate} for work that is cheaper for many messages at once: messages are collected into a batch until
 * it is full or old enough, and the effect of those that are new happens in one transaction with their records. When it
 * fails, each message is tried in a transaction of its own, so that only those that are to blame fail.
 *
 * A batch runs with the envelope and correlation of the message that opened it.
 *
 * @example
 * ```ts
 * const countAll = Inbox.deduplicateBatch("vn-activity", { size: 100, age: "20 millis" })(addCounts)
 * const onEdited = Consumer.on(VnEdited, countAll)
 * ```
 */
export const deduplicateBatch = (consumer: string, options: Layers.BatchOptions): <In, E, R>(
  next: Processor.Processor<Array.NonEmptyReadonlyArray<In>, void, E, R>
) => Processor.Processor<In, void, E | Fault.Infrastructure, Exclude<R, OnceOnly.OnceOnly> | Inbox> =>
  Processor.layer(
    "inbox",
    { consumer, size: options.size, ageMillis: Duration.toMillis(options.age) },
    <In, E, R>(next: Processor.Processor<Array.NonEmptyReadonlyArray<In>, void, E, R>) => {
      const batched = Layers.batch(options)(outcomes(consumer, OnceOnly.discharged(next)))
      return (input: In) =>
        Effect.flatMap(Inbox, (inbox) =>
          Effect.flatMap(currentEnvelope, ({ id }) => accounted(inbox, consumer, id, batched({ id, input }))))
    }
  )

const noteDuplicates = (consumer: string, count: number): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(duplicates, { consumer }), count)

const duplicates = Metric.counter("kanau_inbox_duplicates_total", {
  description: "Messages that were delivered again after they had had their effect",
  incremental: true
})

/** A fault that ends in a discard is recorded, so that the message is known not to be lost. */
const accounted = <A, E, R>(inbox: InboxService, consumer: string, id: string, handled: Effect.Effect<A, E, R>) =>
  Effect.tapCause(handled, (cause) => {
    const kind = Fault.kindOf(cause)
    return kind !== "interrupted" && Fault.rule(kind).disposition === "discard"
      ? Effect.ignore(inbox.discard(consumer, id))
      : Effect.void
  })

interface Item<out In> {
  readonly id: string
  readonly input: In
}

/** All in one transaction; when that fails, each in one of its own. */
const outcomes = <In, E, R>(
  consumer: string,
  work: Processor.Processor<Array.NonEmptyReadonlyArray<In>, void, E, R>
) => {
  type Outcomes = Effect.Effect<ReadonlyArray<Exit.Exit<void, E | Fault.Infrastructure>>, never, R>
  const once = (inbox: InboxService, items: ReadonlyArray<Item<In>>) => {
    let known = items.length
    const done = inbox.onceEach(
      consumer,
      items.map(({ id }) => id),
      (fresh) => {
        known -= fresh.length
        // The indices are those of items, and there is at least one.
        return work(fresh.map((at) => items[at]?.input) as unknown as Array.NonEmptyReadonlyArray<In>)
      }
    )
    return Effect.tap(done, () => known === 0 ? Effect.void : noteDuplicates(consumer, known))
  }
  return (items: Array.NonEmptyReadonlyArray<Item<In>>) =>
    Effect.flatMap(Inbox, (inbox) =>
      Effect.flatMap(
        Effect.exit(once(inbox, items)),
        (exit): Outcomes =>
          Exit.isSuccess(exit) || items.length === 1
            ? Effect.succeed(items.map(() => exit))
            : Effect.forEach(items, (item) => Effect.exit(once(inbox, [item])))
      ))
}
