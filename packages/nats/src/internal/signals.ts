/** Signals: plain subjects without JetStream; the server keeps nothing and confirms nothing. */
import { Fault } from "@kanau/core"
import { type Bus, BusAdapter } from "@kanau/messaging"
import { Deferred, Effect } from "effect"
import type { Link } from "./link.ts"
import { call, unavailable } from "./link.ts"
import type { Names } from "./names.ts"

export const broadcast = (link: Link, names: Names): Bus.BusService["broadcast"] => (channel, data) =>
  Effect.suspend((): Effect.Effect<void, Fault.Unavailable | Fault.Invariant> => {
    const session = link.current()
    if (session === undefined) return Effect.fail(unavailable("there is no connection"))
    const limit = session.connection.info?.max_payload ?? Infinity
    if (data.length > limit) {
      return Effect.fail(
        new Fault.Invariant({
          reason: `A signal of ${data.length} bytes is too large for the server, which takes ${limit}. ` +
            "Raise max_payload or send a reference."
        })
      )
    }
    return Effect.try({
      try: () => session.connection.publish(names.signal(channel), data),
      catch: unavailable
    })
  })

export const listen = (link: Link, names: Names): Bus.BusService["listen"] => (channel, { onGap, onMessage }) =>
  Effect.gen(function*() {
    const started = Deferred.makeUnsafe<void>()
    const run = Effect.runForkWith(yield* Effect.context<never>())

    const once = Effect.scoped(Effect.gen(function*() {
      const { closed, connection } = yield* link.whenOpen
      const subscription = connection.subscribe(names.signal(channel), {
        callback: (error, { data }) => {
          if (error === null) run(Effect.ignoreCause(Effect.sync(() => onMessage(data)), { log: "Error" }))
        }
      })
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (!connection.isClosed()) subscription.unsubscribe()
        })
      )
      // The server has the subscription when it answers.
      yield* call(() => connection.flush())
      onGap(false)
      Deferred.doneUnsafe(started, Effect.void)
      yield* Effect.ensuring(Deferred.await(closed), Effect.sync(() => onGap(true)))
    }))
    yield* BusAdapter.persistently(once).pipe(
      Effect.annotateLogs({ channel }),
      Effect.forkScoped
    )
    // Whoever listens may count on hearing what is sent next, unless told that there is a gap.
    const listening = yield* Effect.timeoutOption(Deferred.await(started), "2 seconds")
    if (listening._tag === "None") onGap(true)
  })
