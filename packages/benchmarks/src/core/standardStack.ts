/**
 * The standard stack for calls to a dependency, beside the same stack of `cockatiel`: bulkhead, breaker, retries,
 * time-out, and a counter. No exporter is set up, and debug lines are not wanted. Nothing fails.
 */
import { Layers, type Processor } from "@kanau/core"
import {
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap
} from "cockatiel"
import { Context, Effect, pipe, References } from "effect"
import { setImmediate } from "node:timers/promises"
import { awaited, compare, inOneFiber, type Run } from "./measure.ts"

type AsyncNumbers = (n: number) => Promise<number>

/** What the stack is put around: the same on both sides, or a value where there is nothing to wait for. */
const works = {
  "answers at once": { ours: (n: number) => Effect.succeed(n), theirs: async (n: number) => n, calls: 60_000 },
  "waits a microtask": promised(async (n) => await Promise.resolve(n), 60_000),
  "waits a macrotask": promised((n) => setImmediate(n), 30_000)
} as const

function promised(work: AsyncNumbers, calls: number) {
  return { ours: (n: number) => Effect.promise(() => work(n)), theirs: work, calls }
}

export const standardStack = async (run: Run): Promise<void> => {
  for (const [name, { ours, theirs, calls }] of Object.entries(works)) {
    const stacked = standard(ours)
    const shared = { calls, peer: "cockatiel", theirs: awaited(cockatiel(theirs)), goal: { atMost: 1 } }
    await compare(run, {
      ...shared,
      case: `standard stack, ${name}, runPromise`,
      ours: awaited((n) => runPromise(stacked(n)))
    })
    await compare(run, {
      ...shared,
      case: `standard stack, ${name}, one fiber`,
      ours: inOneFiber(stacked, runPromise)
    })
  }
}

/** Runs effects the way an edge does that exports no spans. */
export const runPromise: <A>(effect: Effect.Effect<A, unknown>) => Promise<A> = Effect.runPromiseWith(
  Context.make(References.TracerEnabled, false)
)

/** All layers of a call to a dependency. */
export const standard = (
  process: Processor.Processor<number, number>
): Processor.Processor<number, number, unknown> => {
  const dependency = Effect.runSync(Layers.standard("bench", {
    timeout: "10 seconds",
    retry: { times: 3 },
    breaker: { failures: 5 },
    idempotent: true
  }))
  const room = Effect.runSync(Layers.bulkhead({ concurrent: 64, queued: 64 }))
  return pipe(process, dependency.layer, Layers.log("bench"), room.layer)
}

const cockatiel = (process: AsyncNumbers): AsyncNumbers => {
  let counted = 0
  const policy = wrap(
    bulkhead(64, 64),
    circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) }),
    retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    timeout(10_000, TimeoutStrategy.Cooperative)
  )
  return (n) =>
    policy.execute(() => {
      counted++
      return process(n)
    })
}
