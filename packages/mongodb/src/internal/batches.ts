/**
 * Single reads gathered into batches: everything asked for in one turn of the event loop, or while enough batches are
 * on their way already, goes out as one query. A query costs the driver many times what an id in it costs.
 *
 * A read is never answered by a query that was sent before it, so it sees every write acknowledged before it.
 */
import type { Fault } from "@kanau/core"
import type { ViewStore } from "@kanau/views"
import type { Fiber } from "effect"
import { Effect, Exit, Option } from "effect"

export type Find = (
  ids: ReadonlyArray<string>
) => Effect.Effect<ReadonlyMap<string, ViewStore.RenderedDocument>, Fault.Unavailable>

type Answer = Exit.Exit<Option.Option<ViewStore.RenderedDocument>, Fault.Unavailable>

const maxBatch = 500
const maxOnTheirWay = 4

/** A single read on top of `find`. */
export const make = (
  find: Find,
  run: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
): (id: string) => Effect.Effect<Option.Option<ViewStore.RenderedDocument>, Fault.Unavailable> => {
  const waiting = new Map<string, Array<(answer: Answer) => void>>()
  let onTheirWay = 0
  let isStarting = false

  const takeBatch = () => {
    const batch: Array<readonly [string, ReadonlyArray<(answer: Answer) => void>]> = []
    for (const entry of waiting) {
      if (batch.length === maxBatch) break
      batch.push(entry)
      waiting.delete(entry[0])
    }
    return batch
  }

  const work: Effect.Effect<void> = Effect.suspend(() => {
    const batch = takeBatch()
    if (batch.length === 0) {
      onTheirWay--
      return Effect.void
    }
    return Effect.flatMap(Effect.exit(find(batch.map(([id]) => id))), (exit) => {
      for (const [id, resumes] of batch) {
        const answer = Exit.map(exit, (found) => Option.fromNullishOr(found.get(id)))
        for (const resume of resumes) resume(answer)
      }
      return work
    })
  })

  // The yield lets the rest of this turn's requests join the batch.
  const start = Effect.flatMap(Effect.yieldNow, () => {
    isStarting = false
    return work
  })

  return (id) =>
    Effect.callback((resume) => {
      const others = waiting.get(id)
      if (others === undefined) waiting.set(id, [resume])
      else others.push(resume)
      if (isStarting || onTheirWay === maxOnTheirWay) return
      isStarting = true
      onTheirWay++
      run(start)
    })
}
