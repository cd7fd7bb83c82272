/**
 * What processes tell each other by `NOTIFY`, all on one channel: that queues have something to do, and signals. It goes
 * out in a statement of its own, not in the transactions of publishers, which would queue up for PostgreSQL's lock on
 * notifications; at most one every five milliseconds. Lost while nobody listens: whoever hears must look as well. A
 * listener calls itself now and then, because a connection on which nothing is said can be dead for hours without a sign.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Fault, Id } from "@kanau/core"
import type { Bus } from "@kanau/messaging"
import { Deferred, Effect, Fiber, Latch, Option, Queue, Scope } from "effect"
import * as Database from "../../Database.ts"
import * as Payload from "./payload.ts"
import { bounded } from "./store.ts"

export interface Voice extends Pick<Bus.BusService, "broadcast" | "listen"> {
  /** Tells other processes of queues that have something to do. */
  readonly call: (queues: Iterable<string>) => void
  /** Starts to listen to what others call; `heard` gets the queues, or nothing when it may be any. */
  readonly answer: Effect.Effect<void>
}

type Listener = Parameters<Bus.BusService["listen"]>[1]

const channel = "kanau_bus"

export const make = (
  sql: PgClient.PgClient,
  heard: (queues?: ReadonlyArray<string>) => void
): Effect.Effect<Voice, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const self = yield* Id.next
    let number = 0
    const { call, say } = yield* speaker(sql, self)

    const listeners = new Map<string, Set<Hearing>>()
    let connected = Deferred.makeUnsafe<void>()
    const assemble = Payload.assembler()
    const heardSelf = Latch.makeUnsafe()
    const hear = (payload: string): void => {
      const message = assemble(payload)
      if (message?._tag === "Test" && message.from === self) heardSelf.openUnsafe()
      if (message?._tag === "Work" && message.from !== self) heard(message.queues)
      if (message?._tag === "Signal") {
        for (const { take } of listeners.get(message.channel) ?? []) take(message.data)
      }
    }
    const tellAll = (open: boolean) =>
      Effect.sync(() => {
        for (const group of listeners.values()) for (const { tell } of group) tell(open)
      })
    /** Ends when this process does not hear itself. */
    const test = Effect.sleep("5 seconds").pipe(
      Effect.andThen(heardSelf.close),
      Effect.andThen(Effect.ignore(say([Payload.test(self)]))),
      Effect.andThen(Effect.timeoutOption(heardSelf.await, "5 seconds")),
      Effect.repeat({ while: Option.isSome })
    )
    const once = Effect.scoped(Effect.gen(function*() {
      const notifications = yield* Scope.provide(sql.listen(channel), yield* impatient)
      yield* Effect.addFinalizer(() => {
        connected = Deferred.makeUnsafe()
        return tellAll(true)
      })
      yield* tellAll(false)
      Deferred.doneUnsafe(connected, Effect.void)
      // What was called out before is not heard again.
      heard()
      const hearing = Effect.forever(Effect.map(Queue.take(notifications), ({ payload }) => hear(payload)))
      yield* Effect.raceFirst(hearing, test)
    }))
    const forever = Effect.exit(once).pipe(
      Effect.andThen(Effect.logWarning("notifications of the bus are not heard; listening again")),
      Effect.andThen(Effect.sleep("250 millis")),
      Effect.forever
    )
    const answer = yield* Effect.cached(Effect.asVoid(Effect.forkIn(forever, scope)))

    return {
      call,
      answer,
      broadcast: (name, data) => say(Payload.signal(`${self}.${number++}`, name, data)),
      listen: (name, listener) =>
        Effect.gen(function*() {
          const run = Effect.runForkWith(yield* Effect.context<never>())
          yield* answer
          yield* Effect.timeoutOption(Effect.suspend(() => Deferred.await(connected)), "2 seconds")
          yield* Effect.acquireRelease(
            Effect.sync(() => {
              const hearing = hearingOf(listener, (effect) => void run(effect))
              listeners.set(name, (listeners.get(name) ?? new Set()).add(hearing))
              hearing.tell(!Deferred.isDoneUnsafe(connected))
              return hearing
            }),
            (hearing) => Effect.sync(() => void listeners.get(name)?.delete(hearing))
          )
        })
    }
  })

/** A scope whose closing is not waited for: a dead connection does not answer when it is told to stop listening. */
const impatient = Effect.acquireRelease(Scope.make(), (scope, exit) =>
  Effect.flatMap(
    Effect.forkDetach(Scope.close(scope, exit)),
    (closing) => Effect.interruptible(Effect.timeoutOption(Fiber.await(closing), "1 second"))
  ))

/** A listener; one that throws is logged and harms nobody, and it is told of every change once. */
interface Hearing {
  readonly take: (data: Uint8Array) => void
  readonly tell: (open: boolean) => void
}

const hearingOf = (listener: Listener, run: (effect: Effect.Effect<void>) => void): Hearing => {
  const guarded = (what: () => void) => run(Effect.ignoreCause(Effect.sync(what), { log: "Error" }))
  let told: boolean | undefined
  return {
    take: (data) => guarded(() => listener.onMessage(data)),
    tell: (open) => {
      if (told === open) return
      told = open
      guarded(() => listener.onGap(open))
    }
  }
}

/** Sends what has gathered in one statement, in the order it was said. */
const speaker = (sql: PgClient.PgClient, self: string) =>
  Effect.gen(function*() {
    const queues = new Set<string>()
    let signals: Array<
      { readonly payloads: ReadonlyArray<string>; readonly done: Deferred.Deferred<void, Fault.Unavailable> }
    > = []
    const filled = Latch.makeUnsafe()

    const once = Effect.gen(function*() {
      yield* filled.await
      yield* filled.close
      const saying = signals
      signals = []
      const payloads = saying.flatMap((signal) => signal.payloads)
      if (queues.size > 0) payloads.push(Payload.work(self, [...queues]))
      queues.clear()
      const exit = yield* Effect.exit(bounded(sql`
        select count(pg_notify(${channel}, payload))
        from (select payload from unnest(${payloads}::text[]) with ordinality as said(payload, n) order by n) ordered`))
      const done = Effect.mapError(Effect.asVoid(exit), Database.toUnavailable)
      for (const signal of saying) Deferred.doneUnsafe(signal.done, done)
      yield* Effect.sleep("5 millis")
    })
    yield* Effect.forkScoped(Effect.forever(once))

    return {
      call: (names: Iterable<string>): void => {
        for (const name of names) queues.add(name)
        filled.openUnsafe()
      },
      say: (payloads: ReadonlyArray<string>): Effect.Effect<void, Fault.Unavailable> =>
        Effect.suspend(() => {
          const done = Deferred.makeUnsafe<void, Fault.Unavailable>()
          signals.push({ payloads, done })
          filled.openUnsafe()
          return Effect.timeoutOrElse(Deferred.await(done), {
            duration: "2 seconds",
            orElse: () =>
              Effect.fail(new Fault.Unavailable({ dependency: "postgres", reason: "it takes no signals now" }))
          })
        })
    }
  })
