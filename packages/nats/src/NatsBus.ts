/**
 * The bus on NATS JetStream, server 2.9 or newer.
 *
 * Topology: per consumer queue a stream of messages, a stream of delayed copies and a stream of dead letters
 * (`<queue>`, `<queue>=delayed`, `<queue>=dlq`), and one stream that says which queues take which type. A publish goes
 * to every queue that takes its type, each copy confirmed by itself.
 *
 * Guarantees: a publish succeeds only when the server has confirmed every copy; publishing the same envelope again
 * within two minutes stores nothing twice, unless the server was restarted and it was handled meanwhile. A queue whose
 * declaration has returned is never missed by a later publish, in whichever process. A retried or dead-lettered message is acknowledged only after its copy is confirmed, and
 * acknowledgements are confirmed too: a message can be doubled but not lost. A connection that dies is opened again
 * for ever; what was consumed goes on by itself. A wait is never shorter than asked for, and delays nobody else.
 *
 * What a confirm is worth is up to the server: by default it writes to disk at once but syncs only every two minutes,
 * so a power failure takes what was confirmed meanwhile. Set `sync_interval: always` (server 2.10 or newer), or run
 * three servers that do not fail together and set `replicas`. See the README.
 *
 * A message that, with 16 KiB for its retries, exceeds the server's `max_payload` fails with `Fault.Invariant`: it can
 * never be stored. Does not remove what is no longer declared, and does not bound the number of publishes in flight.
 */
import { type Fault, Id } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Context, Deferred, Effect, Layer, type Redacted, Scope } from "effect"
import * as Bindings from "./internal/bindings.ts"
import { peek } from "./internal/deadLetters.ts"
import * as Delays from "./internal/delays.ts"
import * as Intake from "./internal/intake.ts"
import * as Link from "./internal/link.ts"
import * as Names from "./internal/names.ts"
import * as Outlet from "./internal/outlet.ts"
import type { StoreIn } from "./internal/publisher.ts"
import { publisher } from "./internal/publisher.ts"
import * as Settling from "./internal/settling.ts"
import * as Signals from "./internal/signals.ts"
import * as Syncing from "./internal/syncing.ts"
import * as Topology from "./internal/topology.ts"
import * as Wire from "./internal/wire.ts"

/** How to reach the server, and what to call things there. */
export interface Options {
  /** `nats://user:password@host:port`, `nats://token@host` or `tls://…`; more servers of a cluster after commas. */
  readonly url: Redacted.Redacted
  /** Goes before the name of every stream and subject, so that systems can share an account. */
  readonly prefix?: string
  /** Servers that keep each stream; 1 when absent. Streams that exist stay as they are. */
  readonly replicas?: number
  /** How often a silent server is asked for a sign of life; after two without it is given up. 5000 when absent. */
  readonly pingMillis?: number
  /**
   * The server's monitoring address, such as `http://host:8222`. When given, the health check fails until the server
   * says there that it syncs every message to disk before it confirms it.
   */
  readonly monitorUrl?: string
}

/**
 * The bus and its health. Building it does not need the server to be up; it keeps trying to connect.
 *
 * @example
 * ```ts
 * import { NatsBus } from "@kanau/nats"
 * import { Layer, Redacted } from "effect"
 *
 * const bus = NatsBus.layer({ url: Redacted.make("nats://127.0.0.1:4222"), prefix: "shop." })
 * Layer.isLayer(bus) // => true
 * ```
 */
export const layer = (options: Options): Layer.Layer<Bus.Bus | Bus.Health> =>
  Layer.effectContext(Effect.gen(function*() {
    const names = Names.make(options.prefix ?? "")
    const declared = new Map<string, Bus.Queue>()
    const restore = (session: Link.Session): Effect.Effect<void, Fault.Unavailable> =>
      Effect.andThen(
        topology.prepare(session),
        Effect.forEach(declared.values(), (queue) => topology.declare(session, queue), { discard: true })
      )
    const bindings = Bindings.make(names, restore)
    const topology = Topology.make(names, bindings, options.replicas ?? 1)
    const moving = new Set<string>()
    const scope = yield* Effect.scope
    const ids = yield* Id.generator

    const link = yield* Link.make({
      url: options.url,
      pingMillis: options.pingMillis ?? 5000,
      // What was declared may be gone with a server that lost its disk.
      open: restore
    })

    /** Declares a queue of this process again when its stream is gone, and stores once more. */
    const storeIn: StoreIn = (session, queue, message, type) => {
      const storing = Outlet.store(session, message, type)
      const known = declared.get(queue)
      return known === undefined ? storing : Effect.catchTag(
        storing,
        "NoStream",
        () => Effect.andThen(topology.declare(session, known), storing)
      )
    }
    const storeFor = (queue: string) => (message: Outlet.Outgoing) =>
      Effect.flatMap(link.session, (session) => storeIn(session, queue, message, queue))

    const publish = publisher({ bindings, names, storeIn })

    const consumer = (
      names: Names.QueueNames,
      source: Pick<Intake.Source, "stream" | "consumer" | "prefetch"> & { readonly presence?: string }
    ): Intake.Source => ({
      ...source,
      link,
      queue: names.queue,
      prepare: (session) => {
        const known = declared.get(names.queue)
        return known === undefined ? Effect.void : topology.declare(session, known)
      }
    })
    /** Fails when there is nothing to consume, before anything waits for it. */
    const exists = ({ consumer, prepare, stream }: Intake.Source) =>
      Effect.flatMap(
        link.session,
        (session) => Effect.andThen(prepare(session), Link.call(() => session.manager.consumers.info(stream, consumer)))
      )

    /** Moves what is due, from the first time a queue is consumed until the bus closes. */
    const move = (queue: Names.QueueNames, store: (message: Outlet.Outgoing) => Effect.Effect<void, Outlet.Failure>) =>
      Effect.suspend(() => {
        if (moving.has(queue.queue)) return Effect.void
        moving.add(queue.queue)
        return Effect.forEach(
          Delays.classes,
          ({ token }) =>
            Intake.deliver(
              consumer(queue, { stream: queue.delayed, consumer: token, prefetch: Delays.prefetch }),
              Delays.mover(queue, store)
            ),
          { concurrency: "unbounded", discard: true }
        ).pipe(Scope.provide(scope), Effect.onError(() => Effect.sync(() => moving.delete(queue.queue))))
      })

    let unsafe: string | undefined
    if (options.monitorUrl !== undefined) {
      const problem = Syncing.problem(options.monitorUrl)
      unsafe = "whether the server syncs messages to disk is not known yet"
      // Another server may be set up in another way.
      yield* Effect.flatMap(link.whenOpen, ({ closed }) =>
        Effect.flatMap(problem, (found) => {
          unsafe = found
          return Effect.andThen(found === undefined ? Effect.void : Effect.logWarning(found), Deferred.await(closed))
        })).pipe(Effect.forever, Effect.forkScoped)
    }

    const bus = Bus.Bus.of({
      declare: (queue) =>
        Effect.flatMap(link.session, (session) => {
          const known = declared.get(queue.name)?.types ?? []
          const merged = { name: queue.name, types: [...new Set([...known, ...queue.types])] }
          return Effect.andThen(
            topology.declare(session, merged),
            Effect.sync(() => void declared.set(queue.name, merged))
          )
        }),
      publish: (envelope) => Effect.flatMap(link.session, (session) => publish(session, envelope)),
      consume: (name, { prefetch }, handle) => {
        const queue = names.queue(name)
        const main = consumer(queue, {
          stream: queue.stream,
          consumer: Names.consumer,
          prefetch,
          presence: queue.presence
        })
        const store = storeFor(name)
        return exists(main).pipe(
          Effect.andThen(move(queue, store)),
          Effect.andThen(Intake.deliver(main, Settling.settler({ ids, queue, store })(handle)))
        )
      },
      send: (queue, { attributes, data }) =>
        Effect.flatMap(link.session, (session) => {
          // Without an id of its own: it may be the second of the same message within the window.
          const message = { subject: names.queue(queue).subject, headers: Wire.ofAttributes(attributes), data }
          return Effect.andThen(
            Outlet.fits(session, message),
            storeIn(session, queue, message, attributes["type"] ?? "")
          ).pipe(Effect.catchTag("NoStream", () =>
            // A server that starts has no streams for a moment.
            Effect.flatMap(topology.status(session, queue), (status) =>
              Effect.fail(
                status === undefined
                  ? new Bus.NoQueue({ queue })
                  : Link.unavailable(`the stream of queue ${queue} does not answer`)
              ))))
        }),
      status: (queue) => Effect.flatMap(link.session, (session) => topology.status(session, queue)),
      deadLetters: (queue, limit) =>
        Effect.flatMap(link.session, (session) => Link.call(() => peek(session, names.queue(queue), limit))),
      collectDeadLetters: (name, store) => {
        const queue = names.queue(name)
        // One at a time keeps their order.
        const source = consumer(queue, { stream: queue.deadLetters, consumer: Names.consumer, prefetch: 1 })
        return Effect.andThen(exists(source), Intake.deliver(source, Settling.collector(name, store)))
      },
      broadcast: Signals.broadcast(link, names),
      listen: Signals.listen(link, names)
    })

    const check = Effect.suspend(() => {
      const session = link.current()
      return session === undefined
        ? Effect.fail(Link.unavailable("there is no connection"))
        : unsafe !== undefined
        ? Effect.fail(Link.unavailable(unsafe))
        : Effect.void
    })
    return Context.make(Bus.Bus, bus).pipe(Context.add(Bus.Health, { check }))
  }))
