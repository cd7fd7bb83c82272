/** A relay that runs from the beginning; answers how much CPU time it uses while nothing happens. */
import { Bus } from "@kanau/messaging"
import { Relay } from "@kanau/postgres"
import { Effect, Layer, ManagedRuntime } from "effect"
import { busAt, databaseAt, environment } from "../connections.ts"
import { queue } from "../messages.ts"
import type { Round } from "../round.ts"
import { stopwatch } from "../round.ts"

export const prepare = async () => {
  const runtime = ManagedRuntime.make(
    Layer.merge(databaseAt(environment("DATABASE_URL")), busAt(environment("BUS_URL")))
  )
  await runtime.runPromise(Effect.flatMap(Bus.Bus, (bus) => bus.declare(queue)))
  runtime.runFork(Relay.run)
  return async ({ seconds }: { readonly seconds: number }): Promise<Round> => {
    const stop = stopwatch()
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    return stop(0)
  }
}
