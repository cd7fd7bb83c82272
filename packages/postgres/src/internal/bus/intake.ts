/**
 * Takes messages for all consumers of this process: one loop that takes, woken when there may be something, and one that
 * beats once a second: it renews what is in hand, frees what others left behind, and looks for what no wake-up told of.
 */
import { Clock, Effect, Latch, type Scope } from "effect"
import type { SqlError } from "effect/sql"
import { bounded, type Row, type Store } from "./store.ts"

/** A consumer as its queue sees it. */
export interface Subscriber {
  /** How many more messages it takes now. */
  free: number
  readonly deliver: (row: Row) => void
}

export interface Intake {
  readonly subscribe: (queue: string, subscriber: Subscriber) => void
  readonly unsubscribe: (queue: string, subscriber: Subscriber) => void
  /** Says that a queue may have something to do, or all of them. */
  readonly wake: (queues?: Iterable<string>) => void
  /** Says that a retry of a queue is due in so many milliseconds. */
  readonly wakeIn: (queue: string, millis: number) => void
  /** Says that these are not in hand any more. */
  readonly settled: (rows: Iterable<Row>) => void
  /** Says that a consumer has room again. */
  readonly room: () => void
}

interface Consumed {
  readonly subscribers: Array<Subscriber>
  /** Whose turn it is. */
  turn: number
  /** Whether there may be something to take. */
  wanted: boolean
  /** When the next retry is due, in milliseconds since 1970. */
  due: number
}

/** Longer than a statement is waited for. */
const strayMillis = 15_000

/** Trouble with the database is waited out this long. */
const pause = Effect.sleep("500 millis")

export const make = (store: Store, options: {
  readonly leaseSeconds: number
  /** Gives a message back that was taken for a consumer that has gone. */
  readonly giveBack: (row: Row) => void
}): Effect.Effect<Intake, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const queues = new Map<string, Consumed>()
    const started = Latch.makeUnsafe()
    const isNew = Latch.makeUnsafe()
    const changed = Latch.makeUnsafe()
    /** What was delivered and is not settled. */
    const inHand = new Set<Row>()
    /** Until when rows may turn up as taken whose taking failed here: the answer was lost, or the statement was late. */
    let strayUntil = 0
    let owner: bigint | undefined

    const consumed = (): ReadonlyArray<string> =>
      [...queues].flatMap(([name, { subscribers }]) => subscribers.map(() => name))
    const freeOf = ({ subscribers }: Consumed): number => subscribers.reduce((sum, { free }) => sum + free, 0)
    const wake = (names: Iterable<string> = queues.keys()): void => {
      for (const name of names) {
        const state = queues.get(name)
        if (state !== undefined) state.wanted = true
      }
      isNew.openUnsafe()
    }
    const wakeIn = (queue: string, millis: number): void => {
      const state = queues.get(queue)
      if (state === undefined) return
      state.due = Math.min(state.due, clock.currentTimeMillisUnsafe() + millis)
      isNew.openUnsafe()
    }

    const deliver = (row: Row): void => {
      inHand.add(row)
      const state = queues.get(row.queue)
      const all = state?.subscribers ?? []
      const from = state === undefined ? 0 : state.turn++
      for (let at = 0; at < all.length; at++) {
        const subscriber = all[(from + at) % all.length]
        if (subscriber === undefined || subscriber.free <= 0) continue
        subscriber.free--
        return subscriber.deliver(row)
      }
      options.giveBack(row)
    }

    const take = Effect.gen(function*() {
      // Closed before looking: what happens while it looks opens it again.
      yield* isNew.close
      const now = clock.currentTimeMillisUnsafe()
      const open = [...queues].flatMap(([queue, state]) => {
        const free = freeOf(state)
        return free > 0 ? [{ queue, state, free }] : []
      })
      const wishes = open.filter(({ state }) => state.wanted || state.due <= now)
      if (owner !== undefined && strayUntil > now) {
        yield* bounded(store.giveBackStrays(owner, [...inHand]))
      }
      if (owner === undefined || wishes.length === 0) {
        const due = owner === undefined
          ? Infinity
          : Math.min(strayUntil > now ? now + 1000 : Infinity, ...open.map(({ state }) => state.due))
        return yield* due === Infinity ? isNew.await : Effect.timeoutOption(isNew.await, due - now)
      }
      for (const { state } of wishes) {
        state.wanted = false
        state.due = Infinity
      }
      // Cut off in the middle it may have taken rows: leaving gives them back.
      yield* Effect.map(bounded(store.take(owner, wishes)), ({ next, rows }) => {
        for (const { free, queue, state } of wishes) {
          if (rows.filter((row) => row.queue === queue).length >= free) state.wanted = true
        }
        for (const { millis, queue } of next) wakeIn(queue, millis)
        for (const row of rows) deliver(row)
      }).pipe(Effect.tapError(() =>
        Effect.sync(() => {
          strayUntil = clock.currentTimeMillisUnsafe() + strayMillis
          for (const { state } of wishes) state.wanted = true
        })
      ))
    })

    const beat = Effect.gen(function*() {
      yield* changed.close
      if (owner === undefined) {
        owner = yield* bounded(store.join(consumed()))
        wake()
      }
      const work = yield* bounded(store.beat(owner, consumed()))
      if (work === undefined) {
        yield* Effect.logWarning("the lease of this process ran out; what it had in hand is delivered again")
        owner = undefined
        return yield* changed.open
      }
      for (const { millis, queue } of work) wakeIn(queue, millis)
      yield* Effect.timeoutOption(changed.await, Math.min(1000, options.leaseSeconds * 250))
    })

    const forever = (what: string, once: Effect.Effect<unknown, SqlError.SqlError>) =>
      Effect.forkScoped(Effect.forever(Effect.catch(once, (error) =>
        Effect.logWarning(`${what}; trying again`).pipe(
          Effect.annotateLogs({ reason: error.reason._tag }),
          Effect.andThen(pause)
        ))))
    // Runs when both loops have ended.
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() =>
        owner === undefined ? Effect.void : Effect.ignore(Effect.timeout(store.leave(owner), "2 seconds"))
      )
    )
    yield* forever("messages could not be taken", take)
    yield* forever(
      "messages in hand could not be renewed",
      Effect.andThen(started.await, store.pinned(Effect.forever(beat)))
    )

    return {
      subscribe: (queue, subscriber) => {
        const state = queues.get(queue) ?? { subscribers: [], turn: 0, wanted: true, due: Infinity }
        queues.set(queue, state)
        state.subscribers.push(subscriber)
        state.wanted = true
        started.openUnsafe()
        changed.openUnsafe()
        isNew.openUnsafe()
      },
      unsubscribe: (queue, subscriber) => {
        const state = queues.get(queue)
        const at = state?.subscribers.indexOf(subscriber) ?? -1
        if (at >= 0) state?.subscribers.splice(at, 1)
        changed.openUnsafe()
      },
      wake,
      wakeIn,
      settled: (rows) => {
        for (const row of rows) inHand.delete(row)
      },
      room: () => void isNew.openUnsafe()
    }
  })
