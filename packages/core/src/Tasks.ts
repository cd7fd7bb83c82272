/**
 * Work in the background that nobody waits for, except shutting down. A task that is started runs to its end or until
 * the process is gone, whatever becomes of whoever started it.
 *
 * - It keeps the context of the one who started it: correlation, principal, open span, and everything else, so start it
 *   after a transaction, not inside of one. Interrupting that one does not interrupt the task.
 * - It cannot fail anybody: a failure is logged with its kind and message, and counted in
 *   `kanau_tasks_failed_total{task,kind}`.
 * - At most `limit` tasks run at a time. One more is refused with {@link Layers.Overloaded}; nothing is queued.
 * - Closing the scope of the layer refuses new tasks with {@link Fault.Unavailable}, also those that a running task
 *   starts, and waits until the running ones have ended. The runner's `DRAIN_TIMEOUT` bounds that wait. What uses this
 *   service is closed before it, so work in flight can still start tasks while it drains.
 *
 * A task is lost when the process dies. Work that must happen belongs in the outbox.
 */
import { type Cause, Context, Effect, FiberSet, Layer, Metric } from "effect"
import * as Fault from "./Fault.ts"
import { labelled } from "./internal/labelled.ts"
import { atLeast } from "./internal/settings.ts"
import { layered } from "./internal/shape.ts"
import { Overloaded } from "./layers/Bulkhead.ts"
import type { Readiness } from "./layers/Readiness.ts"
import type { Processor } from "./processor/Types.ts"

/** Why a task was not started: as many as are allowed are running, or this process is shutting down. */
export type Refused = Overloaded | Fault.Unavailable

/** Starts tasks and knows them. Ready means that the next task would be taken. */
export interface TasksService extends Readiness {
  /**
   * Starts work in the background and goes on at once. `task` names it in log lines and counts: a name from the
   * program, never from an input.
   */
  readonly start: <A, E, R>(task: string, work: Effect.Effect<A, E, R>) => Effect.Effect<void, Refused, R>
  /** How many tasks are running. */
  readonly running: Effect.Effect<number>
}

/**
 * The service.
 *
 * @example
 * ```ts
 * import { Tasks } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const done: Array<string> = []
 * const program = Effect.gen(function*() {
 *   const tasks = yield* Tasks.Tasks
 *   yield* tasks.start("warm up", Effect.sync(() => done.push("warm")))
 *   done.push("answered")
 *   return yield* tasks.running
 * })
 * await Effect.runPromise(Effect.provide(program, Tasks.layer({ limit: 10 }))) // => 1
 * done // => ["answered", "warm"]
 * ```
 */
export class Tasks extends Context.Service<Tasks, TasksService>()("@kanau/core/Tasks") {}

/**
 * Room for `limit` tasks at a time. Closing its scope waits for those that run; put what they use below it, with
 * `Layer.provideMerge`, so that it is closed after them.
 *
 * @example
 * ```ts
 * import { Tasks } from "@kanau/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const tasks = yield* Tasks.Tasks
 *   yield* tasks.start("first", Effect.void)
 *   return yield* Effect.flip(tasks.start("second", Effect.void))
 * })
 * const refused = Effect.provide(program, Tasks.layer({ limit: 1 }))
 * await Effect.runPromise(Effect.map(refused, ({ kind }) => kind)) // => "unavailable"
 * ```
 */
export const layer = (options: { readonly limit: number }): Layer.Layer<Tasks> =>
  Layer.effect(Tasks, make(atLeast(1, "Tasks: limit", options.limit)))

/**
 * A layer that answers at once and does the work of the processor in the background.
 *
 * @example
 * ```ts
 * import { Tasks } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const sent: Array<string> = []
 * const sendMail = pipe((to: string) => Effect.sync(() => sent.push(to)), Tasks.later("send mail"))
 * await Effect.runPromise(Effect.provide(sendMail("ada"), Tasks.layer({ limit: 10 }))) // => undefined
 * sent // => ["ada"]
 * ```
 */
export const later =
  (task: string) =>
  <In, Out, Err, Req>(next: Processor<In, Out, Err, Req>): Processor<In, void, Refused, Req | Tasks> =>
    layered(
      "later",
      { task },
      next,
      (input) => Effect.flatMap(Tasks, (tasks) => tasks.start(task, Effect.suspend(() => next(input))))
    )

const make = (limit: number) =>
  Effect.gen(function*() {
    const running = yield* FiberSet.make<unknown, unknown>()
    const count = () => running.state._tag === "Open" ? running.state.backing.size : 0
    let isClosing = false
    // Runs before the set closes, which would interrupt what is in it.
    yield* Effect.addFinalizer(() => {
      isClosing = true
      return FiberSet.awaitEmpty(running)
    })
    return Tasks.of({
      isReady: Effect.sync(() => !isClosing && count() < limit),
      running: Effect.sync(count),
      start: <A, E, R>(task: string, work: Effect.Effect<A, E, R>) =>
        Effect.withFiber<void, Refused, R>((fiber) => {
          if (isClosing) return Effect.fail(new Fault.Unavailable({ dependency: "tasks", reason: "shutting down" }))
          if (count() >= limit) return Effect.fail(new Overloaded())
          const whole = Effect.onExit(
            // Begins in a turn of its own, not on the stack of the one who starts it.
            Effect.andThen(Effect.yieldNow, work),
            (exit) => exit._tag === "Success" ? Effect.void : report(task, exit.cause)
          )
          // Counting, starting and noting are one step, so no other task and no closing can come between. The fiber runs
          // an effect that needs `R`, so its context has it.
          FiberSet.addUnsafe(running, Effect.runForkWith(fiber.context as Context.Context<R>)(whole))
          return Effect.void
        })
    })
  })

/** Logs and counts a failed task. Nobody can interrupt one, so an interruption is its own doing and a failure too. */
const report = (task: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.withFiber(({ context }) => {
    const kind = Fault.kindOf(cause)
    labelled(failed, { task, kind }).updateUnsafe(1, context)
    return Effect.annotateLogs(Effect.logError(`Background task failed: ${Fault.describe(cause)}`), { task, kind })
  })

const failed = Metric.counter("kanau_tasks_failed_total", {
  description: "Background tasks that failed, by fault kind",
  incremental: true
})
