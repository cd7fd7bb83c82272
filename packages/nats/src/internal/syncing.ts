/**
 * What a confirm is worth. A server that does not sync each message to disk loses confirmed ones when its machine loses
 * power. Clients are not told how it is set up; its monitoring page says it, from 2.10 on.
 */
import { BusAdapter } from "@kanau/messaging"
import { Effect, Predicate } from "effect"
import { call, unavailable } from "./link.ts"

/** Asks until there is an answer: why confirmed messages may be lost, or nothing when they are safe. */
export const problem = (monitorUrl: string): Effect.Effect<string | undefined> =>
  call(async () => {
    const answer = await fetch(new URL("/jsz", monitorUrl), { signal: AbortSignal.timeout(5000) })
    const page: unknown = await answer.json()
    if (!Predicate.hasProperty(page, "config")) throw new Error("its monitoring page does not speak of JetStream")
    return isSynced(page.config)
      ? undefined
      : "the server confirms messages before they are safe on disk; set sync_interval: always (2.10 or newer)"
  }).pipe(
    Effect.mapError(({ reason }) => unavailable(`its monitoring page cannot be read: ${reason}`)),
    Effect.tapError((fault) => Effect.logWarning(`${fault.message}; trying again`)),
    Effect.retry(BusAdapter.backOff),
    Effect.orDie
  )

const isSynced = (config: unknown): boolean =>
  Predicate.hasProperty(config, "sync_always") && config.sync_always === true
