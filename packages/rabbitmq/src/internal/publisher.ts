/**
 * Publishing with confirms on one channel, many messages in flight. Tells apart what the broker stored, what it could
 * not route, what it did not confirm, and what was never sent.
 */
import type { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import type { Channel, ChannelModel, Options } from "amqplib"
import type { Scope } from "effect"
import { Clock, Deferred, Effect } from "effect"
import type { Link } from "./link.ts"
import { call, unavailable } from "./link.ts"

const confirmMillis = 30_000

/** A message on its way, from `publish` to its confirm. */
interface InFlight {
  readonly id: string | undefined
  readonly key: string
  readonly sentAt: number
  readonly settle: (outcome: "confirmed" | "returned" | { readonly unconfirmed: string }) => void
  returned: boolean
}

/** What publishing needs of a connection. */
export interface Outlet {
  readonly send: (
    message: { readonly exchange: string; readonly key: string; readonly data: Uint8Array },
    properties: Options.Publish,
    /** Names the message in a fault. */
    type: string
  ) => Effect.Effect<void, Bus.Unroutable | Bus.Unconfirmed | Fault.Unavailable>
  /** For signals: sent, not confirmed. */
  readonly unconfirmed: Channel
  readonly isBlocked: () => boolean
}

/** Opens the channels of an {@link Outlet}. Losing one of them gives up the connection, so that all start afresh. */
export const open = (
  model: ChannelModel,
  closed: Deferred.Deferred<string>
): Effect.Effect<Outlet, Fault.Unavailable, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const channel = yield* call(() => model.createConfirmChannel())
    const unconfirmed = yield* call(() => model.createChannel())
    const inFlight = new Set<InFlight>()
    let blocked: string | undefined

    for (const each of [channel, unconfirmed]) {
      const lost = (error?: Error) =>
        Deferred.doneUnsafe(closed, Effect.succeed(error?.message ?? "a publishing channel was closed"))
      each.on("error", lost)
      each.on("close", lost)
    }
    model.on("blocked", (reason) => {
      blocked = reason
    })
    model.on("unblocked", () => {
      blocked = undefined
    })
    // The broker returns messages in the order they were sent, each before its confirm.
    channel.on("return", ({ fields, properties }) => {
      for (const each of inFlight) {
        if (!each.returned && each.key === fields.routingKey && each.id === properties.messageId) {
          each.returned = true
          return
        }
      }
    })

    const giveUp = Effect.sync(() => {
      const oldest = clock.currentTimeMillisUnsafe() - confirmMillis
      for (const each of inFlight) {
        if (each.sentAt > oldest) return
        each.settle({ unconfirmed: `no confirm within ${confirmMillis} ms` })
      }
    })
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 second"), giveUp)))

    const send: Outlet["send"] = ({ data, exchange, key }, properties, type) =>
      Effect.callback<void, Bus.Unroutable | Bus.Unconfirmed | Fault.Unavailable>((resume) => {
        if (blocked !== undefined) {
          return resume(Effect.fail(unavailable(`the broker accepts no messages now: ${blocked}`)))
        }
        const message: InFlight = {
          id: properties.messageId,
          key,
          sentAt: clock.currentTimeMillisUnsafe(),
          returned: false,
          settle: (outcome) => {
            inFlight.delete(message)
            resume(
              outcome === "confirmed"
                ? Effect.void
                : outcome === "returned"
                ? Effect.fail(new Bus.Unroutable({ type }))
                : Effect.fail(new Bus.Unconfirmed({ type, reason: outcome.unconfirmed }))
            )
          }
        }
        inFlight.add(message)
        try {
          channel.publish(exchange, key, Buffer.from(data.buffer, data.byteOffset, data.byteLength), {
            ...properties,
            persistent: true,
            mandatory: true
          }, (error: Error | null) => {
            if (error !== null) message.settle({ unconfirmed: error.message })
            else message.settle(message.returned ? "returned" : "confirmed")
          })
        } catch (error) {
          // The channel is closed, or the message cannot be encoded: nothing was sent.
          inFlight.delete(message)
          resume(Effect.fail(unavailable(error)))
        }
      })

    return { send, unconfirmed, isBlocked: () => blocked !== undefined }
  })

/** Sends over the current connection; waits at most two seconds for one. */
export const over = (link: Link<Outlet>): Outlet["send"] => (message, properties, type) =>
  Effect.suspend(() => {
    const session = link.current()
    return session === undefined
      ? Effect.flatMap(link.session, ({ resources }) => resources.send(message, properties, type))
      : session.resources.send(message, properties, type)
  })
