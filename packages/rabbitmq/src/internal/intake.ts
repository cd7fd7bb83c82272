/** Delivering one queue to a handler: a channel that is opened again when it is lost, settlements, and the drain. */
import { Envelope, type Fault } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import type { Channel, ConsumeMessage, Options } from "amqplib"
import type { Scope } from "effect"
import { Cause, Clock, Deferred, Effect, Exit, FiberSet, Result } from "effect"
import type { Link } from "./link.ts"
import { backOff, call, farewell } from "./link.ts"
import type { Outlet } from "./publisher.ts"
import type { Topology } from "./topology.ts"
import * as Wire from "./wire.ts"

/** A channel that delivers; messages of a channel that is gone cannot be settled and come back by themselves. */
interface Intake {
  readonly channel: Channel
  readonly consumerTag: string
  readonly gone: Deferred.Deferred<void>
}

/** What to deliver, and over what. */
export interface Source {
  readonly link: Link<void>
  readonly send: Outlet["send"]
  readonly topology: Topology
  readonly queue: string
  readonly prefetch: number
  /** Declares the queue on a fresh channel. */
  readonly prepare: (channel: Channel) => Effect.Effect<void, Fault.Unavailable>
}

export const consume = <R>(
  options: Source,
  handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>
): Effect.Effect<void, Fault.Unavailable, R | Scope.Scope> =>
  Effect.gen(function*() {
    yield* options.link.session
    const running = yield* FiberSet.make<void, never>()
    const run = yield* FiberSet.runtime(running)<R>()
    const draining = Deferred.makeUnsafe<void>()
    const started = Deferred.makeUnsafe<void>()
    const settle = settler(options, draining)
    let intake: Intake | undefined

    const once = Effect.scoped(Effect.gen(function*() {
      const { model } = yield* options.link.whenOpen
      if (Deferred.isDoneUnsafe(draining)) return yield* Effect.never
      const gone = Deferred.makeUnsafe<void>()
      const channel = yield* Effect.acquireRelease(
        call(() => model.createChannel()),
        (opened) => farewell(() => opened.close())
      )
      const lost = () => Deferred.doneUnsafe(gone, Effect.void)
      channel.on("error", lost)
      channel.on("close", lost)
      yield* options.prepare(channel)
      yield* call(() => channel.prefetch(options.prefetch))
      const onMessage = (message: ConsumeMessage | null): void => {
        // The broker ends a consumer without a message when its queue is deleted or moves.
        if (message === null) lost()
        // Left unsettled, it goes back to the queue when the channel closes.
        else if (!Deferred.isDoneUnsafe(draining)) run(settle({ channel, gone }, message, handle))
      }
      const { consumerTag } = yield* call(() => channel.consume(options.topology.queue(options.queue), onMessage))
      intake = { channel, consumerTag, gone }
      Deferred.doneUnsafe(started, Effect.void)
      yield* Deferred.await(gone)
      yield* Effect.logWarning("Delivery stopped and will start again")
    }))
    const persistent = once.pipe(
      Effect.tapError((fault) => Effect.logWarning(`${fault.message}; trying again`)),
      Effect.retry(backOff),
      Effect.andThen(Effect.sleep("100 millis")),
      Effect.forever,
      Effect.annotateLogs({ queue: options.queue })
    )
    yield* Effect.forkScoped(persistent)

    yield* Effect.addFinalizer(() =>
      Effect.gen(function*() {
        Deferred.doneUnsafe(draining, Effect.void)
        if (intake !== undefined && !Deferred.isDoneUnsafe(intake.gone)) {
          const { channel, consumerTag } = intake
          yield* farewell(() => channel.cancel(consumerTag))
        }
        yield* FiberSet.awaitEmpty(running)
      })
    )
    yield* Effect.timeoutOption(Deferred.await(started), "5 seconds")
  })

/** Runs the handler of one delivery and carries out what it decided. */
const settler = ({ queue, send, topology }: Source, draining: Deferred.Deferred<void>) => {
  type At = Pick<Intake, "channel" | "gone">

  const answer = ({ channel, gone }: At, how: (channel: Channel) => void): Effect.Effect<void> =>
    Effect.sync(() => {
      if (!Deferred.isDoneUnsafe(gone)) how(channel)
    })

  /** Confirmed copy first, acknowledgement second: a crash in between duplicates, it never loses. */
  const move = (at: At, message: ConsumeMessage, to: string, properties: Options.Publish): Effect.Effect<void> =>
    Effect.matchEffect(
      // On a dead channel the original comes back anyway; a copy would only double it.
      Effect.suspend(() =>
        Deferred.isDoneUnsafe(at.gone)
          ? Effect.void
          : send({ exchange: "", key: to, data: message.content }, properties, to)
      ),
      {
        onSuccess: () => answer(at, (channel) => channel.ack(message)),
        onFailure: (fault) =>
          Effect.logWarning(`A message could not be moved to ${to} and goes back to ${queue}: ${fault.message}`).pipe(
            Effect.andThen(Effect.timeoutOption(Deferred.await(draining), "5 seconds")),
            Effect.andThen(answer(at, (channel) => channel.nack(message, false, true)))
          )
      }
    )

  const carryOut = (at: At, message: ConsumeMessage, settlement: Bus.Settlement): Effect.Effect<void> => {
    if (settlement._tag === "Ack") return answer(at, (channel) => channel.ack(message))
    const to = settlement._tag === "Retry"
      ? topology.delay(queue, settlement.delayMillis)
      : topology.deadLetters(queue)
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      move(
        at,
        message,
        to,
        Wire.copy(message, {
          attempts: Wire.failedAttempts(message) + 1,
          failure: settlement.failure,
          queue,
          time: new Date(now).toISOString()
        })
      ))
  }

  return <R>(
    at: At,
    message: ConsumeMessage,
    handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>
  ): Effect.Effect<void, never, R> =>
    Effect.uninterruptibleMask((restore) => {
      const read = Envelope.fromAttributes(Wire.attributes(message), message.content)
      if (Result.isFailure(read)) {
        return carryOut(at, message, deadLetter("undecodable", read.failure.message))
      }
      const attempt = Wire.failedAttempts(message) + 1
      const handled = restore(Effect.suspend(() => handle({ envelope: read.success, attempt })))
      return Effect.flatMap(Effect.exit(handled), (exit) => {
        if (Exit.isSuccess(exit)) return carryOut(at, message, exit.value)
        if (!Cause.hasInterrupts(exit.cause)) {
          return carryOut(
            at,
            message,
            deadLetter("permanent-error", "The consumer itself failed; this is a bug in its runner.")
          )
        }
        // While draining it stays unsettled until the channel closes: given back now, it could be delivered here again.
        return Deferred.isDoneUnsafe(draining)
          ? Effect.void
          : answer(at, (channel) => channel.nack(message, false, true))
      })
    })
}

const deadLetter = (reason: Bus.Failure["reason"], error: string): Bus.Settlement => ({
  _tag: "DeadLetter",
  failure: { reason, error: error.slice(0, 1024) }
})
