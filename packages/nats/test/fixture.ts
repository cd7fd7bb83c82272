/** What the tests of this package share. */
import type { Envelope } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { NatsBus } from "@kanau/nats"
import type { JetStreamManager } from "@nats-io/jetstream"
import { jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { Clock, Effect } from "effect"

export const message = (subject: string, data: Uint8Array = Buffer.from("{}")): Envelope.Envelope => ({
  id: `id-${subject}`,
  source: "faults",
  type: "t.made",
  subject,
  time: "2026-01-01T00:00:00.000Z",
  dataschema: "1",
  datacontenttype: "application/json",
  correlationid: "faults",
  data
})

export const ack: Bus.Settlement = { _tag: "Ack" }

export const retry = (delayMillis: number): Bus.Settlement => ({
  _tag: "Retry",
  delayMillis,
  failure: { reason: "transient-error", error: "Busy: try later" }
})

export const eventually = <E, R>(what: string, isSo: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  Effect.gen(function*() {
    const end = (yield* Clock.currentTimeMillis) + 20_000
    while (!(yield* isSo)) {
      if ((yield* Clock.currentTimeMillis) > end) return yield* Effect.die(new Error(`It never happened: ${what}`))
      yield* Effect.sleep("10 millis")
    }
  })

export const healthy: Effect.Effect<boolean, never, NatsBus.NatsHealth> = Effect.flatMap(
  NatsBus.NatsHealth,
  ({ check }) => Effect.match(check, { onFailure: () => false, onSuccess: () => true })
)

/** Whether publishing succeeds now. */
export const publishes = (envelope: Envelope.Envelope): Effect.Effect<boolean, never, Bus.Bus> =>
  Effect.flatMap(
    Bus.Bus,
    (bus) => Effect.match(bus.publish(envelope), { onFailure: () => false, onSuccess: () => true })
  )

/** Acknowledges all and remembers the subjects that came. */
export const collect = (queue: string, prefetch = 1) =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const seen: Array<string> = []
    yield* bus.consume(queue, { prefetch }, ({ envelope }) => {
      seen.push(envelope.subject)
      return Effect.succeed(ack)
    })
    return seen
  })

/** What an operator does, past the bus. */
export const operate = <A>(url: string, use: (manager: JetStreamManager) => Promise<A>): Effect.Effect<A> =>
  Effect.promise(async () => {
    const connection = await connect({ servers: new URL(url).host })
    try {
      return await use(await jetstreamManager(connection))
    } finally {
      await connection.close()
    }
  })
