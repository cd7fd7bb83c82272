/**
 * Requests to Meilisearch. A write is only noted down when it is answered; a task carries it out later, in the order of
 * the writes. Waiting for it takes its pauses from Effect's clock.
 */
import { Fault } from "@kanau/core"
import { Clock, Effect } from "effect"
import type { EnqueuedTask, Meilisearch } from "meilisearch"
import type { SearchTaskFailed } from "../SearchIndex.ts"
import { failed, refused, unavailable } from "./meiliErrors.ts"

export interface Requests {
  /** Asks something; fails when the answer does not come in time. */
  readonly ask: <A>(call: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, Fault.Unavailable>
  /** Writes something, and waits until the server has carried it out. Errors of a tolerated code count as done. */
  readonly carryOut: (
    index: string,
    call: () => PromiseLike<EnqueuedTask>,
    tolerated?: string
  ) => Effect.Effect<void, Fault.Unavailable | SearchTaskFailed>
}

export const make = (
  client: Meilisearch,
  { requestMillis, taskMillis }: { readonly requestMillis: number; readonly taskMillis: number }
): Requests => {
  const within = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | Fault.Unavailable> =>
    Effect.timeoutOrElse(effect, {
      duration: requestMillis,
      orElse: () =>
        Effect.fail(
          new Fault.Unavailable({ dependency: "meilisearch", reason: `no answer within ${requestMillis} ms` })
        )
    })

  const ask: Requests["ask"] = (call) => within(Effect.tryPromise({ try: call, catch: unavailable }))

  const done = (index: string, uid: number, tolerated: string | undefined) =>
    Effect.gen(function*() {
      const deadline = (yield* Clock.currentTimeMillis) + taskMillis
      let pause = 1
      while (true) {
        const task = yield* ask((signal) => client.tasks.getTask(uid, { signal }))
        if (task.status === "succeeded" || (tolerated !== undefined && task.error?.code === tolerated)) return
        if (task.status === "failed" || task.status === "canceled") return yield* failed(index, task)
        if ((yield* Clock.currentTimeMillis) >= deadline) {
          const reason = `a write to ${index} was not carried out within ${taskMillis} ms`
          return yield* new Fault.Unavailable({ dependency: "meilisearch", reason })
        }
        yield* Effect.sleep(pause)
        pause = Math.min(pause * 1.5, 250)
      }
    })

  return {
    ask,
    carryOut: (index, call, tolerated) =>
      within(Effect.tryPromise({ try: async () => call(), catch: refused(index) })).pipe(
        Effect.flatMap(({ taskUid }) => done(index, taskUid, tolerated))
      )
  }
}
