/** Hands the messages of one stored queue to its consumers: in order, once each, sleeping when there is nothing. */
import type { Place, Row, Store } from "./embeddedStore.ts"

/** A consumer as its queue sees it. */
export interface Subscriber {
  /** How many more messages it takes now. */
  free: number
  readonly deliver: (row: Row) => void
}

export interface Dispatcher {
  /** Looks for work soon; call after a publish, a settlement, or when a message falls due. */
  readonly wake: () => void
  readonly subscribe: (subscriber: Subscriber) => void
  readonly unsubscribe: (subscriber: Subscriber) => void
  /** How many there are. */
  readonly subscribers: () => number
  /** Puts a message that was not settled back where it was. */
  readonly giveBack: (row: Row) => void
}

export const make = (queue: string, options: {
  readonly store: Store
  readonly now: () => number
  /** Calls `wake` at a time, and not at the one asked for before. */
  readonly wakeAt: (due: number, wake: () => void) => void
}): Dispatcher => {
  const { now, store, wakeAt } = options
  const subscribers: Array<Subscriber> = []
  let returned: Array<Row> = []
  /** The last message handed out: what is not settled lies before it, so it is not read twice. */
  let cursor: Place = { due: -1, seq: -1 }
  let next = 0
  let awake = false

  const take = (limit: number, at: number): ReadonlyArray<Row> => {
    const rows = returned.splice(0, limit)
    if (rows.length === limit) return rows
    const read = store.ready(queue, cursor, at, limit - rows.length)
    cursor = read.at(-1) ?? cursor
    return [...rows, ...read]
  }

  const turn = (): Subscriber => {
    for (;;) {
      const subscriber = subscribers[next++ % subscribers.length] as Subscriber
      if (subscriber.free > 0) return subscriber
    }
  }

  const pump = (): void => {
    awake = false
    // A consumer that outlives its bus has nothing to look for.
    if (!store.isOpen()) return
    const free = subscribers.reduce((sum, subscriber) => sum + subscriber.free, 0)
    if (free === 0) return
    // One reading of the clock for both questions: what falls due between two would be missed by both.
    const at = now()
    const rows = take(free, at)
    if (rows.length < free) {
      const due = store.nextDue(queue, at)
      if (due !== undefined) wakeAt(due, wake)
    }
    for (const row of rows) {
      const subscriber = turn()
      subscriber.free--
      subscriber.deliver(row)
    }
  }

  const wake = (): void => {
    if (awake) return
    awake = true
    queueMicrotask(pump)
  }

  return {
    wake,
    subscribe: (subscriber) => {
      subscribers.push(subscriber)
      wake()
    },
    unsubscribe: (subscriber) => {
      const index = subscribers.indexOf(subscriber)
      if (index >= 0) subscribers.splice(index, 1)
    },
    subscribers: () => subscribers.length,
    giveBack: (row) => {
      returned = [...returned, row].sort((a, b) => a.due - b.due || a.seq - b.seq)
      wake()
    }
  }
}
