/** What the cases of the bus suite share. */
import type { Envelope, Fault } from "@kanau/core"
import { Id } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import type { Layer, Scope } from "effect"
import { Clock, Effect } from "effect"
import type { FeatureCase, Run } from "../../BusConformance.ts"

/** Something a bus can have or lack; who lacks it says why. */
export type Feature<A> = A | { readonly skip: string }

/** A bus whose way to the broker can be broken. */
export interface Connection {
  readonly layer: Layer.Layer<Bus.Bus, unknown>
  /** Breaks the connection and keeps it broken. */
  readonly cut: () => void
  readonly restore: () => void
  readonly close: () => Promise<void>
}

/** What a bus may offer beyond the port, so that more of its promises can be tested. A room names what one test owns. */
export interface Features {
  /** A bus whose connection can be cut. */
  readonly connection: Feature<(room: string) => Promise<Connection>>
  /** Puts bytes and headers on a queue as a stranger would, bypassing the bus. */
  readonly stranger: Feature<
    (room: string, queue: string, data: Uint8Array, headers: Record<string, string>) => Promise<void>
  >
  /** Reads how the broker keeps the first message of a queue, without the bus. */
  readonly inspect: Feature<
    (room: string, queue: string) => Promise<{ readonly durableQueue: boolean; readonly persistentMessage: boolean }>
  >
  /** Stops the broker and starts it again. */
  readonly restartBroker: Feature<() => Promise<void>>
}

/** A case about a connection that is cut; `body` runs on a bus with a connection of its own. */
export const whenCut = (
  title: string,
  body: (connection: Connection, run: Run) => Effect.Effect<void, unknown, Bus.Bus | Scope.Scope>
): FeatureCase<(room: string) => Promise<Connection>> => ({
  title,
  feature: (features) => features.connection,
  body: (run, connect, room) =>
    Effect.acquireUseRelease(
      Effect.promise(() => connect(room)),
      (connection) => Effect.provide(Effect.scoped(body(connection, run)), connection.layer),
      ({ close }) => Effect.promise(close)
    )
})

export const declare = (
  name: string,
  ...types: ReadonlyArray<string>
): Effect.Effect<void, Fault.Unavailable, Bus.Bus> => Effect.flatMap(Bus.Bus, (bus) => bus.declare({ name, types }))

/** The queue of most cases. */
export const declared: Effect.Effect<void, Fault.Unavailable, Bus.Bus> = declare("q", "t.made")

export const ack: Bus.Settlement = { _tag: "Ack" }

export const retry = (delayMillis: number): Bus.Settlement => ({
  _tag: "Retry",
  delayMillis,
  failure: { reason: "transient-error", error: "Busy: try later" }
})

export const bury: Bus.Settlement = {
  _tag: "DeadLetter",
  failure: { reason: "permanent-error", error: "Broken: it will never work" }
}

const utf8 = new TextEncoder()

/** A message of a type; `subject` is the ordering key. */
export const message = (
  type: string,
  subject: string,
  data: Uint8Array | string = "{}"
): Effect.Effect<Envelope.Envelope> =>
  Effect.map(Id.next, (id) => ({
    id,
    source: "conformance",
    type,
    subject,
    time: "2026-01-01T00:00:00.000Z",
    dataschema: "1",
    datacontenttype: "application/json",
    correlationid: "conformance",
    data: typeof data === "string" ? utf8.encode(data) : data
  }))

/** Publishes messages of one type with these subjects, one after the other. */
export const publishAll = (
  type: string,
  subjects: Iterable<string>
): Effect.Effect<void, Effect.Error<ReturnType<Bus.BusService["publish"]>>, Bus.Bus> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    for (const subject of subjects) yield* bus.publish(yield* message(type, subject))
  })

/** Consumes and remembers what came; `decide` says how each message is settled, acknowledged by default. */
export const collect = (
  queue: string,
  decide: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement> = () => Effect.succeed(ack),
  prefetch = 32
): Effect.Effect<Array<Bus.Delivery>, Fault.Unavailable, Bus.Bus | Scope.Scope> =>
  Effect.gen(function*() {
    const bus = yield* Bus.Bus
    const seen: Array<Bus.Delivery> = []
    yield* bus.consume(queue, { prefetch }, (delivery) =>
      Effect.suspend(() => {
        seen.push(delivery)
        return decide(delivery)
      }))
    return seen
  })

/** Waits until something is so, ten seconds at most. */
export const eventually = (what: string, isSo: () => boolean): Effect.Effect<void> =>
  eventuallyEffect(what, Effect.sync(isSo))

export const eventuallyEffect = <E, R>(
  what: string,
  isSo: Effect.Effect<boolean, E, R>,
  withinMillis = 10_000
): Effect.Effect<void, E, R> =>
  Effect.gen(function*() {
    const end = (yield* Clock.currentTimeMillis) + withinMillis
    while (!(yield* isSo)) {
      if ((yield* Clock.currentTimeMillis) > end) {
        return yield* Effect.die(new Error(`Not within ${withinMillis} ms: ${what}`))
      }
      yield* Effect.sleep("5 millis")
    }
  })

export const subjects = (deliveries: ReadonlyArray<Bus.Delivery>): ReadonlyArray<string> =>
  deliveries.map(({ envelope }) => envelope.subject)

/** `from` … `to` as text. */
export const range = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
