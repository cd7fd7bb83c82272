/**
 * The bus on PostgreSQL alone, for systems without a broker: a message is one row per queue bound to its type.
 *
 * Guarantees: all of the port's. A publish succeeds after its rows are committed (those of one tick share a commit);
 * inside a `Database.transaction` it is part of the transaction, so business rows and messages commit together and no
 * outbox is needed. A message has one consumer at a time, over any number of processes. A process that is killed, or
 * stopped for longer than its lease, loses what it had in hand: that is delivered again within the lease and two seconds,
 * without counting an attempt, and a settlement that comes after that changes nothing. A row that is committed late is
 * found like any other. Delayed rows cost the others nothing.
 *
 * Woken by `NOTIFY`, which goes out after the commit; looks once a second as a safety net.
 *
 * Does not order one queue across consumers, and shares the database's connections: a pool with room for one
 * that listens, one that renews, three that take, settle and publish, and what the handlers use.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Envelope, Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Effect, FiberSet, Layer, Option } from "effect"
import type { SqlError } from "effect/sql"
import * as Database from "./Database.ts"
import * as Batcher from "./internal/bus/batcher.ts"
import * as DeadLetters from "./internal/bus/deadLetters.ts"
import * as Intake from "./internal/bus/intake.ts"
import * as Settling from "./internal/bus/settling.ts"
import * as Store from "./internal/bus/store.ts"
import * as Voice from "./internal/bus/voice.ts"

/** How the bus is kept. */
export interface Options {
  /** Goes before the name of every queue, message type and channel, so that systems can share a database. */
  readonly prefix?: string
  /** How long a process that stopped renewing keeps what it has in hand; 10 when absent. */
  readonly leaseSeconds?: number
}

/**
 * The bus on the database of the client, whose tables {@link Migrations.kanau} makes. Building it sends nothing.
 *
 * @example
 * ```ts
 * const bus = PgBus.layer({ leaseSeconds: 10 }).pipe(
 *   Layer.provide(Database.layer({ url, applicationName: "orders" }))
 * )
 * ```
 */
export const layer = (
  { leaseSeconds = 10, prefix = "" }: Options = {}
): Layer.Layer<Bus.Bus, never, PgClient.PgClient> =>
  Layer.effect(
    Bus.Bus,
    Effect.gen(function*() {
      const sql = yield* PgClient.PgClient
      const store = Store.make(sql, leaseSeconds)
      const deadLetters = yield* DeadLetters.make(store)
      const run = Effect.runForkWith(yield* Effect.context<never>())
      const voice = yield* Voice.make(sql, (queues) => intake.wake(queues))
      const stored = (queues: Iterable<string>): void => {
        intake.wake(queues)
        voice.call(queues)
      }
      const settle = yield* Settling.make(store, {
        patienceSeconds: leaseSeconds,
        stored: (outcomes) => {
          intake.settled(outcomes.map(({ row }) => row))
          for (const { row: { queue }, settlement } of outcomes) {
            if (settlement._tag === "DeadLetter") deadLetters.buried(queue)
            if (settlement._tag === "Retry") intake.wakeIn(queue, settlement.delayMillis)
            if (settlement._tag === "Release") stored([queue])
          }
        }
      })
      const intake: Intake.Intake = yield* Intake.make(store, {
        leaseSeconds,
        giveBack: (row) => void run(settle(row, { _tag: "Release" }))
      })
      const publish = yield* Batcher.make(
        (messages: ReadonlyArray<Store.Outgoing>) =>
          Effect.tap(Store.bounded(store.publish(messages)), (queues) =>
            Effect.sync(() => stored(new Set(queues.flat())))),
        {
          count: 500,
          weight: ({ data }) =>
            data.length,
          total: 4 * 1024 * 1024
        }
      )
      const deliver = Settling.deliver(settle)
      const declared = (queue: string) =>
        Effect.flatMap(unavailable(store.exists(prefix + queue)), (exists) =>
          exists ? Effect.void : Effect.fail(
            new Fault.Unavailable({ dependency: "postgres", reason: `there is no queue ${queue}; declare it first` })
          ))

      /** In the running transaction if there is one, together with others if there is none. */
      const put = (message: Store.Outgoing): Effect.Effect<ReadonlyArray<string>, SqlError.SqlError> =>
        Effect.flatMap(Effect.serviceOption(sql.transactionService), (running) =>
          Option.isNone(running) ?
            publish(message) :
            Effect.flatMap(store.publish([message]), ([queues = []]) =>
              Effect.as(
                sql.afterCommit(Effect.sync(() => stored(queues))),
                queues
              )))

      return Bus.Bus.of({
        declare: ({ name, types }) => unavailable(store.declare(prefix + name, types.map((type) => prefix + type))),
        publish: (envelope) =>
          // PostgreSQL has no text with a NUL, so no queue is bound to such a type.
          envelope.type.includes("\0") ? Effect.fail(new Bus.Unroutable({ type: envelope.type })) : Effect.flatMap(
            unavailable(put({
              type: prefix + envelope.type,
              attributes: JSON.stringify(Envelope.toAttributes(envelope)),
              data: envelope.data
            })),
            (queues) => queues.length > 0 ? Effect.void : Effect.fail(new Bus.Unroutable({ type: envelope.type }))
          ),
        send: (name, { attributes, data }) =>
          Effect.flatMap(unavailable(store.send(prefix + name, JSON.stringify(attributes), data)), (exists) =>
            exists
              ? sql.afterCommit(Effect.sync(() => stored([prefix + name])))
              : Effect.fail(new Bus.NoQueue({ queue: name }))),
        consume: (name, { prefetch }, handle) =>
          Effect.gen(function*() {
            yield* declared(name)
            yield* voice.answer
            const queue = prefix + name
            const running = yield* FiberSet.make<void, never>()
            const start = yield* FiberSet.runtime(running)<Effect.Services<ReturnType<typeof handle>>>()
            const handled = deliver(handle)
            const subscriber: Intake.Subscriber = {
              free: prefetch,
              deliver: (row) =>
                void start(Effect.andThen(
                  handled(row),
                  Effect.sync(() => {
                    subscriber.free++
                    intake.room()
                  })
                ))
            }
            yield* Effect.acquireRelease(
              Effect.sync(() => intake.subscribe(queue, subscriber)),
              () =>
                Effect.andThen(
                  Effect.sync(() => intake.unsubscribe(queue, subscriber)),
                  FiberSet.awaitEmpty(running)
                )
            )
          }),
        status: (name) => unavailable(store.status(prefix + name)),
        deadLetters: (name, limit) =>
          Effect.map(unavailable(store.dead(prefix + name, limit)), (rows) => rows.map(DeadLetters.letterOf(name))),
        collectDeadLetters: (name, take) =>
          Effect.andThen(
            declared(name),
            Effect.asVoid(Effect.forkScoped(deadLetters.collect(prefix + name, name, take)))
          ),
        broadcast: (channel, data) => voice.broadcast(prefix + channel, data),
        listen: (channel, listener) => voice.listen(prefix + channel, listener)
      })
    })
  )

const unavailable = <A>(statement: Effect.Effect<A, SqlError.SqlError>): Effect.Effect<A, Fault.Unavailable> =>
  Effect.mapError(statement, Database.toUnavailable)
