/** `Consumer.run` on a prefilled queue: decodes, and does nothing. */
import "effect/schema/SchemaJITCompiler/enable"
import { Bus, Consumer } from "@kanau/messaging"
import { Effect, ManagedRuntime } from "effect"
import { busAt, environment } from "../connections.ts"
import { Noted, queue } from "../messages.ts"
import type { Round } from "../round.ts"
import { settled, tally } from "../round.ts"

export const prepare = async () => {
  const { expect, tick } = tally()
  const consumer = Consumer.make({
    queue: queue.name,
    handlers: [Consumer.on(Noted, () => Effect.sync(() => tick()))]
  })
  const runtime = ManagedRuntime.make(busAt(environment("BUS_URL")))
  await runtime.runPromise(Effect.flatMap(Bus.Bus, (bus) => bus.declare(queue)))
  return ({ count, prefetch }: { readonly count: number; readonly prefetch: number }): Promise<Round> =>
    runtime.runPromise(Effect.scoped(Effect.gen(function*() {
      const finished = expect(count)
      yield* Consumer.run(consumer, { prefetch })
      const round = yield* Effect.promise(() => finished)
      yield* Effect.promise(settled)
      return round
    })))
}
