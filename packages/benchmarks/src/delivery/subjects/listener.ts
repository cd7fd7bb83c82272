/** A consumer that runs; answers when each event came to its handler. */
import "effect/schema/SchemaJITCompiler/enable"
import { Consumer } from "@kanau/messaging"
import { Effect, ManagedRuntime } from "effect"
import { busAt, environment } from "../connections.ts"
import { Noted, queue } from "../messages.ts"
import { monotonicMillis } from "../round.ts"

export const prepare = async () => {
  const handled: Array<number> = []
  let left = 0
  let finish: (times: ReadonlyArray<number>) => void = () => undefined
  const consumer = Consumer.make({
    queue: queue.name,
    handlers: [Consumer.on(Noted, ({ n }: Noted) =>
      Effect.sync(() => {
        handled[n] = monotonicMillis()
        if (--left === 0) finish(handled)
      }))]
  })
  const started = Promise.withResolvers<void>()
  ManagedRuntime.make(busAt(environment("BUS_URL"))).runFork(
    Effect.scoped(Effect.andThen(Consumer.run(consumer), Effect.andThen(Effect.sync(started.resolve), Effect.never)))
  )
  await started.promise
  return ({ count }: { readonly count: number }): Promise<ReadonlyArray<number>> => {
    left = count
    return new Promise((resolve) => {
      finish = resolve
    })
  }
}
