/**
 * The bus inside one process, its messages in an SQLite file: for development, tests, replay, and small deployments
 * that are one process.
 *
 * Guarantees: all of the port's. A publish succeeds after its rows are committed to disk in every bound queue (what is
 * published in one tick shares a commit). A killed process finds its unsettled messages again. Signals stay inside the
 * process, so a listener never has a gap.
 *
 * Does not share the file: a second process that opens it fails. With `:memory:` everything is gone with the layer.
 */
import { Envelope, Fault } from "@kanau/core"
import { Clock, Effect, Fiber, FiberSet, Layer } from "effect"
import * as Bus from "./Bus.ts"
import * as BusAdapter from "./BusAdapter.ts"
import * as DeadLetters from "./internal/embeddedDeadLetters.ts"
import * as Dispatcher from "./internal/embeddedQueue.ts"
import * as Store from "./internal/embeddedStore.ts"

/** The embedded bus on `file`, or on `:memory:`. Fails when the file cannot be opened or is in use. */
export const layer = (options: { readonly file: string }): Layer.Layer<Bus.Bus, Fault.Unavailable> =>
  Layer.effect(
    Bus.Bus,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const store = yield* Effect.acquireRelease(
        Effect.try({ try: () => Store.open(options.file), catch: Store.unavailable }),
        (opened) => Effect.sync(opened.close)
      )
      const { commit, flush } = Store.committer(store)
      yield* Effect.addFinalizer(() => Effect.sync(flush))
      const wakeAt = yield* alarms
      const deadLetters = DeadLetters.make(store, commit)

      // Never goes back, so that a later publish never sorts before an earlier one.
      let latest = 0
      const now = () => (latest = Math.max(latest, clock.currentTimeMillisUnsafe()))

      const queues = new Map<string, Dispatcher.Dispatcher>()
      const bound = new Map<string, Set<string>>()
      const bind = (queue: string, types: ReadonlyArray<string>): void => {
        if (!queues.has(queue)) queues.set(queue, Dispatcher.make(queue, { store, now, wakeAt: wakeAt(queue) }))
        for (const type of types) bound.set(type, (bound.get(type) ?? new Set()).add(queue))
      }
      for (const queue of store.queues()) bind(queue, [])
      for (const { queue, type } of store.bindings()) bind(queue, [type])
      const signals = makeSignals()

      return Bus.Bus.of({
        declare: ({ name, types }) => Effect.map(commit(() => store.declare(name, types)), () => bind(name, types)),
        send: (name, { attributes, data }) =>
          Effect.suspend((): Effect.Effect<void, Bus.NoQueue | Fault.Unavailable> => {
            const queue = queues.get(name)
            return queue === undefined
              ? Effect.fail(new Bus.NoQueue({ queue: name }))
              : Effect.map(commit(() => store.insert(name, now(), JSON.stringify(attributes), data)), queue.wake)
          }),
        status: (name) =>
          Effect.try({
            try: () => {
              const queue = queues.get(name)
              return queue && { ...store.count(name, now()), consumers: queue.subscribers() }
            },
            catch: Store.unavailable
          }),
        publish: (envelope) =>
          Effect.suspend((): Effect.Effect<void, Bus.Unroutable | Fault.Unavailable> => {
            const targets = bound.get(envelope.type)
            if (targets === undefined) return Effect.fail(new Bus.Unroutable({ type: envelope.type }))
            const attributes = JSON.stringify(Envelope.toAttributes(envelope))
            const stored = commit(() => {
              for (const queue of targets) store.insert(queue, now(), attributes, envelope.data)
            })
            return Effect.map(stored, () => {
              for (const queue of targets) queues.get(queue)?.wake()
            })
          }),
        consume: (name, { prefetch }, handle) =>
          Effect.gen(function*() {
            const queue = queues.get(name)
            if (queue === undefined) return yield* undeclared(name)
            const running = yield* FiberSet.make<void, never>()
            const run = yield* FiberSet.runtime(running)<Effect.Services<ReturnType<typeof handle>>>()
            const settle = settler(store, commit, now, queue, deadLetters.buried)
            const subscriber: Dispatcher.Subscriber = {
              free: prefetch,
              deliver: (row) =>
                void run(Effect.andThen(
                  settle(row, handle),
                  Effect.sync(() => {
                    subscriber.free++
                    queue.wake()
                  })
                ))
            }
            yield* Effect.acquireRelease(
              Effect.sync(() => queue.subscribe(subscriber)),
              () => Effect.andThen(Effect.sync(() => queue.unsubscribe(subscriber)), FiberSet.awaitEmpty(running))
            )
          }),
        deadLetters: deadLetters.read,
        collectDeadLetters: (queue, take) =>
          queues.has(queue) ? Effect.asVoid(Effect.forkScoped(deadLetters.collect(queue, take))) : undeclared(queue),
        broadcast: signals.broadcast,
        listen: signals.listen
      })
    })
  )

const undeclared = (queue: string): Fault.Unavailable =>
  new Fault.Unavailable({ dependency: "embedded bus", reason: `there is no queue ${queue}; declare it first` })

/** One timer per queue on Effect's clock; setting it again replaces it. */
const alarms = Effect.gen(function*() {
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const set = new Map<string, Fiber.Fiber<void>>()
  yield* Effect.addFinalizer(() => Fiber.interruptAll(set.values()))
  return (queue: string) => (due: number, wake: () => void): void => {
    set.get(queue)?.interruptUnsafe()
    set.set(queue, run(Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.delay(Effect.sync(wake), due - now))))
  }
})

/** Runs the handler of one row and carries out what it decided; a handler cut off leaves the row as it was. */
const settler = (
  store: Store.Store,
  commit: (write: () => void) => Effect.Effect<void, Fault.Unavailable>,
  now: () => number,
  queue: Dispatcher.Dispatcher,
  buried: () => void
) => {
  const write = (row: Store.Row, settlement: Bus.Settlement): void => {
    if (settlement._tag === "Ack") store.remove(row.seq)
    else if (settlement._tag === "Retry") store.retry(row.seq, now() + settlement.delayMillis)
    else store.bury(row.seq, settlement.failure, new Date(now()).toISOString())
  }
  const carryOut = (row: Store.Row, outcome: BusAdapter.Outcome): Effect.Effect<void> =>
    outcome._tag === "Release"
      // The yield lets others run even if a consumer gives back whatever it gets.
      ? Effect.andThen(Effect.yieldNow, Effect.sync(() => queue.giveBack(row)))
      : commit(() => write(row, outcome)).pipe(
        Effect.tap(() => outcome._tag === "DeadLetter" ? Effect.sync(buried) : Effect.void),
        Effect.catch((fault) =>
          Effect.logError(`A settlement could not be stored: ${fault.message}`).pipe(
            Effect.andThen(Effect.sleep("1 second")),
            Effect.andThen(Effect.sync(() => queue.giveBack(row)))
          )
        )
      )
  return <R>(row: Store.Row, handle: (delivery: Bus.Delivery) => Effect.Effect<Bus.Settlement, never, R>) =>
    BusAdapter.deliver(
      { attributes: JSON.parse(row.attributes) as Record<string, string>, data: row.data },
      row.attempt,
      handle,
      (outcome) => carryOut(row, outcome)
    )
}

/** Signals between parts of one process. A listener that throws is logged and harms nobody. */
const makeSignals = (): Pick<Bus.BusService, "broadcast" | "listen"> => {
  type Listener = Parameters<Bus.BusService["listen"]>[1]
  const channels = new Map<string, Set<Listener>>()
  return {
    broadcast: (channel, data) =>
      Effect.suspend(() =>
        Effect.forEach(
          [...channels.get(channel) ?? []],
          (listener) => Effect.ignoreCause(Effect.sync(() => listener.onMessage(data)), { log: "Error" }),
          { discard: true }
        )
      ),
    listen: (channel, listener) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          channels.set(channel, (channels.get(channel) ?? new Set()).add(listener))
          listener.onGap(false)
        }),
        () => Effect.sync(() => void channels.get(channel)?.delete(listener))
      )
  }
}
