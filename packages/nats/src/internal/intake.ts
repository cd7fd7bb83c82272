/**
 * Taking messages from a durable consumer: pulls of as many as may be held, signs of life for what takes long, a new
 * start when the connection or the consumer is lost, and the drain.
 */
import type { Fault } from "@kanau/core"
import { BusAdapter } from "@kanau/messaging"
import type { Msg, Subscription } from "@nats-io/transport-node"
import { createInbox, millis, nanos } from "@nats-io/transport-node"
import type { Scope } from "effect"
import { Clock, Deferred, Effect, FiberSet } from "effect"
import * as Leftovers from "./leftovers.ts"
import type { Link, Session } from "./link.ts"
import { call, farewell, request, unavailable } from "./link.ts"
import type { Incoming } from "./wire.ts"

/** A message that was delivered and is not settled yet. */
export interface Taken extends Incoming {
  /** Where settlements go; they need not take the connection it came by. */
  readonly reply: string
  /** Names the stored message: the same at every delivery, another one in a stream that was made anew. */
  readonly place: string
  /** Its number in the stream. */
  readonly seq: number
}

/** How to settle. */
export interface At {
  /** Completes when no more is taken. */
  readonly draining: Deferred.Deferred<void>
  /** Acknowledges, and waits until the server knows. Without connection the message comes again. */
  readonly confirm: (message: Taken) => Effect.Effect<void>
  readonly giveBack: (message: Taken) => Effect.Effect<void>
  readonly putOff: (message: Taken, millis: number) => Effect.Effect<void>
  /** Whether a settlement can reach the server now. */
  readonly isLinked: () => boolean
}

/** What to take, and how much of it. */
export interface Source {
  readonly link: Link
  /** In log lines. */
  readonly queue: string
  readonly stream: string
  readonly consumer: string
  readonly prefetch: number
  /** Where others ask whether somebody consumes. */
  readonly presence?: string
  /** Makes what is to be consumed, if this process knows how. */
  readonly prepare: (session: Session) => Effect.Effect<void, Fault.Unavailable>
}

const pullMillis = 30_000
const heartbeatMillis = 5000
const pullExpired = 408

/** Hands every message to `take`, which settles it. */
export const deliver = <R>(
  options: Source,
  take: (at: At, message: Taken) => Effect.Effect<void, never, R>
): Effect.Effect<void, Fault.Unavailable, R | Scope.Scope> =>
  Effect.gen(function*() {
    yield* options.link.session
    const clock = yield* Clock.Clock
    // A wall clock that is set must not make a consumer look dead: what it holds would be delivered again, out of order.
    const elapsedMillis = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
    const running = yield* FiberSet.make<void, never>()
    const run = yield* FiberSet.runtime(running)<R>()
    const draining = Deferred.makeUnsafe<void>()
    const started = Deferred.makeUnsafe<void>()
    const held = new Set<Taken>()
    /** Settled while there was no connection: given back as soon as there is one. */
    const unsettled = new Set<string>()
    /** Pulls what may be held on top of what is, over the connection there is. */
    let refill = (): void => undefined
    let intake: { readonly subscriptions: ReadonlyArray<Subscription>; readonly session: Session } | undefined

    const say = (reply: string, words: string): void => {
      const session = options.link.current()
      if (session === undefined || session.connection.isClosed()) unsettled.add(reply)
      else session.connection.publish(reply, words)
    }
    /** Server 2.9 mixes up what is given back while a pull is taken away, so the one waits for the other. */
    let later: Array<string> | undefined
    const giveBack = (reply: string): void => {
      if (later === undefined) say(reply, "-NAK")
      else later.push(reply)
    }
    const at: At = {
      draining,
      isLinked: () => options.link.current() !== undefined,
      confirm: ({ reply }) =>
        Effect.suspend(() => {
          const session = options.link.current()
          if (session === undefined) return Effect.sync(() => void unsettled.add(reply))
          return Effect.match(request(session, reply, "+ACK", { timeout: 5000 }), {
            onSuccess: () => undefined,
            // While the connection lives, the server delivers it again by itself.
            onFailure: () => {
              if (options.link.current() !== session) unsettled.add(reply)
            }
          })
        }),
      giveBack: ({ reply }) => Effect.sync(() => giveBack(reply)),
      putOff: ({ reply }, millis) =>
        Effect.sync(() => say(reply, `-NAK {"delay":${nanos(Math.max(1, Math.ceil(millis)))}}`))
    }

    const once = Effect.scoped(Effect.gen(function*() {
      const session = yield* options.link.whenOpen
      if (Deferred.isDoneUnsafe(draining)) return yield* Effect.never
      const { connection } = session
      yield* options.prepare(session)
      const { config } = yield* call(() => session.manager.consumers.info(options.stream, options.consumer))
      // Without it the server takes the process for dead and delivers again. An operator may have changed the time.
      yield* Effect.sync(() => {
        if (!connection.isClosed()) { for (const { reply } of held) connection.publish(reply, "+WPI") }
      }).pipe(Effect.delay(Math.max(100, millis(config.ack_wait ?? 0) / 3)), Effect.forever, Effect.forkScoped)
      for (const reply of unsettled) connection.publish(reply, "-NAK")
      unsettled.clear()
      // The connection may have been lost because the server crashed.
      yield* Leftovers.remove(session, options.stream, options.consumer).pipe(
        Effect.retry(BusAdapter.backOff),
        Effect.forkScoped
      )

      const gone = Deferred.makeUnsafe<string>()
      const lost = (reason: string) => Deferred.doneUnsafe(gone, Effect.succeed(reason))
      const inbox = createInbox()
      let requested = 0
      let pulls = 0
      let heardAt = elapsedMillis()
      refill = () => {
        const free = options.prefetch - held.size - requested
        if (free <= 0 || (requested > 0 && free < options.prefetch / 4) || connection.isClosed()) return
        // What is silent is watched from the first question on.
        if (requested === 0) heardAt = elapsedMillis()
        requested += free
        connection.publish(
          `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`,
          JSON.stringify({ batch: free, expires: nanos(pullMillis), idle_heartbeat: nanos(heartbeatMillis) }),
          { reply: `${inbox}.${++pulls}` }
        )
      }
      const onMessage = (error: Error | null, message: Msg): void => {
        if (error !== null) return void lost(error.message)
        heardAt = elapsedMillis()
        if (message.headers !== undefined && message.headers.code > 0 && message.subject.startsWith(inbox)) {
          if (message.headers.code === 100) return
          // Anything but the end of a pull: the consumer was deleted, moved, or asked too much.
          if (message.headers.code !== pullExpired) return void lost(message.headers.description)
          requested -= Number(message.headers.get("Nats-Pending-Messages"))
        } else {
          requested--
          const taken = takenFrom(message)
          if (Deferred.isDoneUnsafe(draining)) return giveBack(taken.reply)
          held.add(taken)
          run(Effect.ensuring(
            take(at, taken),
            Effect.sync(() => {
              held.delete(taken)
              if (!Deferred.isDoneUnsafe(draining)) refill()
            })
          ))
        }
        refill()
      }
      const subscriptions = [connection.subscribe(`${inbox}.*`, { callback: onMessage })]
      if (options.presence !== undefined) {
        subscriptions.push(connection.subscribe(options.presence, { callback: (_, message) => void message.respond() }))
      }
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (!connection.isClosed()) { for (const each of subscriptions) each.unsubscribe() }
        })
      )
      intake = { subscriptions, session }
      refill()
      Deferred.doneUnsafe(started, Effect.void)

      const silent: Effect.Effect<string> = Effect.suspend(() =>
        requested > 0 && elapsedMillis() - heardAt > 2.5 * heartbeatMillis
          ? Effect.succeed("the server says nothing of the consumer")
          : Effect.andThen(Effect.sleep(heartbeatMillis), silent)
      )
      const stopped = Effect.flatMap(
        Effect.raceFirst(Deferred.await(gone), silent),
        (reason) => Effect.fail(unavailable(`delivery stopped: ${reason}`))
      )
      // A lost connection is the link's to report.
      yield* Effect.raceFirst(stopped, Deferred.await(session.closed))
    }))
    yield* BusAdapter.persistently(once).pipe(
      Effect.annotateLogs({ queue: options.queue }),
      Effect.forkScoped
    )
    yield* Effect.addFinalizer(() =>
      Effect.gen(function*() {
        Deferred.doneUnsafe(draining, Effect.void)
        if (intake !== undefined && !intake.session.connection.isClosed()) {
          const { session: { connection }, subscriptions } = intake
          later = []
          // What was given back last is taken from the pull or put aside before the pull goes.
          yield* farewell(() => connection.flush())
          if (options.presence !== undefined) yield* Effect.sleep("20 millis")
          // What is on its way still arrives, and is given back.
          yield* farewell(() => Promise.all(subscriptions.map((each) => each.drain())))
          for (const reply of later) say(reply, "-NAK")
          later = undefined
        }
        yield* FiberSet.awaitEmpty(running)
      })
    )
    yield* Effect.timeoutOption(Deferred.await(started), "5 seconds")
  })

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivery>.<stored at>.<pending>`, from 2.10 on with more. */
const takenFrom = ({ data, headers, reply = "" }: Msg): Taken => {
  const parts = reply.split(".")
  const first = parts.length === 9 ? 5 : 7
  const seq = Number(parts[first])
  return { data, reply, seq, place: `${seq}-${parts[first + 2] ?? ""}`, ...(headers && { headers }) }
}
