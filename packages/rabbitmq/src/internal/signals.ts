/** Signals: an exclusive queue per listener that the broker deletes with its connection; nothing is confirmed. */
import { type Bus, BusAdapter } from "@kanau/messaging"
import { Deferred, Effect } from "effect"
import type { Link } from "./link.ts"
import { call, farewell, unavailable } from "./link.ts"
import type { Outlet } from "./publisher.ts"
import type { Topology } from "./topology.ts"

/** A listener that cannot keep up loses the oldest signals; it must not fill the broker's memory. */
const capacity = 10_000

export const broadcast = (link: Link<Outlet>, topology: Topology): Bus.BusService["broadcast"] => (channel, data) =>
  Effect.suspend(() => {
    const session = link.current()
    return session === undefined || session.resources.isBlocked()
      ? Effect.fail(unavailable("there is no connection that accepts messages"))
      : Effect.try({
        try: () => void session.resources.unconfirmed.publish(topology.signals, channel, Buffer.from(data)),
        catch: unavailable
      })
  })

export const listen =
  (link: Link<void>, topology: Topology): Bus.BusService["listen"] => (channel, { onGap, onMessage }) =>
    Effect.gen(function*() {
      const started = Deferred.makeUnsafe<void>()
      const run = Effect.runForkWith(yield* Effect.context<never>())

      const once = Effect.scoped(Effect.gen(function*() {
        const { model } = yield* link.whenOpen
        const gone = Deferred.makeUnsafe<void>()
        const lost = () => Deferred.doneUnsafe(gone, Effect.void)
        const open = yield* Effect.acquireRelease(
          call(() => model.createChannel()),
          (opened) => farewell(() => opened.close())
        )
        open.on("error", lost)
        open.on("close", lost)
        yield* topology.declareExchanges(open)
        const { queue } = yield* call(() =>
          open.assertQueue("", { exclusive: true, autoDelete: true, durable: false, maxLength: capacity })
        )
        yield* call(() => open.bindQueue(queue, topology.signals, channel))
        const deliver = (data: Uint8Array) =>
          run(Effect.ignoreCause(Effect.sync(() => onMessage(data)), { log: "Error" }))
        yield* call(() =>
          open.consume(queue, (message) => {
            if (message === null) lost()
            else deliver(message.content)
          }, { noAck: true })
        )
        onGap(false)
        Deferred.doneUnsafe(started, Effect.void)
        yield* Effect.ensuring(Deferred.await(gone), Effect.sync(() => onGap(true)))
      }))
      yield* BusAdapter.persistently(once).pipe(
        Effect.annotateLogs({ channel }),
        Effect.forkScoped
      )
      // Whoever listens may count on hearing what is sent next, unless told that there is a gap.
      const listening = yield* Effect.timeoutOption(Deferred.await(started), "2 seconds")
      if (listening._tag === "None") onGap(true)
    })
