/**
 * The deadlines of calls that have the same limit. They come up in the order in which they were set, so one timer, for
 * the earliest, serves all of them: a timer for each call costs more than all the rest of a time-out.
 *
 * The timer is stopped a turn after the last call has ended, so calls that follow each other closely find it running,
 * and nothing keeps a process alive.
 */
import type { Fiber } from "effect"
import { Clock, Effect } from "effect"
import { monotonicMillis } from "./monotonic.ts"

/** One call that must end in time. */
interface Deadline {
  readonly own: Ticking
  readonly at: number
  /** Called once, when the time is over. */
  readonly passed: () => void
}

/** Deadlines, each `millis` after it was set. */
export interface Deadlines {
  /** From now on, by the clock of the fiber. */
  readonly set: (fiber: AnyFiber, passed: () => void) => Deadline
  /** The call has ended. */
  readonly clear: (fiber: AnyFiber, deadline: Deadline) => void
}

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** No deadlines yet. */
export const make = (millis: number): Deadlines => {
  // Every clock has its own time: a test with a virtual one must not wait for another.
  const byClock = new WeakMap<Clock.Clock, Ticking>()
  const ticking = (fiber: AnyFiber): Ticking => {
    const clock = fiber.getRef(Clock.Clock)
    let found = byClock.get(clock)
    if (found === undefined) {
      found = { open: new Set(), timer: undefined, isStopping: false }
      byClock.set(clock, found)
    }
    return found
  }
  return {
    set: (fiber, passed) => {
      const own = ticking(fiber)
      const deadline = { own, at: monotonicMillis(fiber) + millis, passed }
      own.open.add(deadline)
      if (own.timer === undefined) {
        const timer = Effect.runForkWith(fiber.context)(tick(own))
        // A limit of nothing has passed by now.
        if (timer.pollUnsafe() === undefined) own.timer = timer
      }
      return deadline
    },
    clear: (fiber, deadline) => {
      const { own } = deadline
      own.open.delete(deadline)
      if (own.open.size > 0 || own.isStopping) return
      own.isStopping = true
      fiber.currentDispatcher.scheduleTask(() => {
        own.isStopping = false
        if (own.open.size > 0) return
        own.timer?.interruptUnsafe(fiber.id)
        own.timer = undefined
      }, 0)
    }
  }
}

interface Ticking {
  /** In the order in which they come up. */
  readonly open: Set<Deadline>
  timer: AnyFiber | undefined
  isStopping: boolean
}

/** Waits for the earliest, until there is none. */
const tick = (own: Ticking): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const now = monotonicMillis(fiber)
    for (const deadline of own.open) {
      if (deadline.at > now) return Effect.andThen(Effect.sleep(deadline.at - now), tick(own))
      own.open.delete(deadline)
      deadline.passed()
    }
    if (own.timer === fiber) own.timer = undefined
    return Effect.void
  })
