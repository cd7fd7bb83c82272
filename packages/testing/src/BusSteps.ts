/**
 * What tests of a bus do, beside those of {@link BusConformance}: made for tests of what only one adapter has, as its
 * connection and what an operator may do to its broker.
 */
import type { Envelope, Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import type { Scope } from "effect"
import { Effect } from "effect"
import * as Tools from "./internal/bus/tools.ts"

export { ack, retry } from "./internal/bus/tools.ts"

/** A message of type `t.made`; the same for the same subject. */
export const message = (subject: string, data: Uint8Array = new TextEncoder().encode("{}")): Envelope.Envelope => ({
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

/** Declares the queue `q`, which takes these messages. */
export const declared: Effect.Effect<void, Fault.Unavailable, Bus.Bus> = Tools.declared

/** Waits until something is so, a minute at most. */
export const eventually = <E, R>(what: string, isSo: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  Tools.eventuallyEffect(what, isSo, 60_000)

/** Whether an effect succeeds now. */
export const succeeds = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<boolean, never, R> =>
  Effect.match(effect, { onFailure: () => false, onSuccess: () => true })

/** Whether the bus says that its broker can be used now. */
export const healthy: Effect.Effect<boolean, never, Bus.Health> = Effect.flatMap(
  Bus.Health,
  ({ check }) => succeeds(check)
)

/** Whether publishing succeeds now. */
export const publishes = (envelope: Envelope.Envelope): Effect.Effect<boolean, never, Bus.Bus> =>
  Effect.flatMap(Bus.Bus, (bus) => succeeds(bus.publish(envelope)))

/** Acknowledges all and remembers the subjects that came. */
export const collect = (
  queue: string,
  prefetch = 1
): Effect.Effect<ReadonlyArray<string>, Fault.Unavailable, Bus.Bus | Scope.Scope> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const seen: Array<string> = []
    yield* bus.consume(queue, { prefetch }, ({ envelope }) => {
      seen.push(envelope.subject)
      return Effect.succeed(Tools.ack)
    })
    return seen
  })
