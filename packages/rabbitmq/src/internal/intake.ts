/** Delivering one queue: a channel that is opened again when it is lost, and the drain. */
import type { Fault } from "@kanau/core"
import { BusAdapter } from "@kanau/messaging"
import type { Channel, ConsumeMessage } from "amqplib"
import type { Scope } from "effect"
import { Deferred, Effect, FiberSet } from "effect"
import type { Link } from "./link.ts"
import { call, farewell } from "./link.ts"

/** A channel that delivers; messages of a channel that is gone cannot be settled and come back by themselves. */
export interface At {
  readonly channel: Channel
  readonly gone: Deferred.Deferred<void>
  /** Completes when no more is delivered. */
  readonly draining: Deferred.Deferred<void>
}

/** What to deliver, and over what. */
export interface Source {
  readonly link: Link<void>
  /** Its name on the broker. */
  readonly queue: string
  /** Its name for people. */
  readonly label: string
  readonly prefetch: number
  /** Declares the queue on a fresh channel. */
  readonly prepare: (channel: Channel) => Effect.Effect<void, Fault.Unavailable>
}

/** Hands every message to `take`, which settles it. */
export const deliver = <R>(
  options: Source,
  take: (at: At, message: ConsumeMessage) => Effect.Effect<void, never, R>
): Effect.Effect<void, Fault.Unavailable, R | Scope.Scope> =>
  Effect.gen(function*() {
    yield* options.link.session
    const running = yield* FiberSet.make<void, never>()
    const run = yield* FiberSet.runtime(running)<R>()
    const draining = Deferred.makeUnsafe<void>()
    const started = Deferred.makeUnsafe<void>()
    let intake: At & { readonly consumerTag: string } | undefined

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
        else if (!Deferred.isDoneUnsafe(draining)) run(take({ channel, gone, draining }, message))
      }
      const { consumerTag } = yield* call(() => channel.consume(options.queue, onMessage))
      intake = { channel, consumerTag, gone, draining }
      Deferred.doneUnsafe(started, Effect.void)
      yield* Deferred.await(gone)
      yield* Effect.logWarning("Delivery stopped and will start again")
    }))
    const persistent = BusAdapter.persistently(once).pipe(
      Effect.annotateLogs({ queue: options.label })
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

/** Settles on a channel that still is. */
export const answer = ({ channel, gone }: At, how: (channel: Channel) => void): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!Deferred.isDoneUnsafe(gone)) how(channel)
  })
