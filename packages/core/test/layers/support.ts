/** What the tests of layers share. */
import { Deferred, Effect } from "effect"
import { Fault } from "../../src/index.ts"

export const unavailable = new Fault.Unavailable({ dependency: "test", reason: "down" })
export const invariant = new Fault.Invariant({ reason: "an answer, although not a nice one" })

/** A processor whose calls end when the test says so; `begun` says how many really began. */
export const makeControlled = () => {
  const calls: Array<Deferred.Deferred<string, Fault.Unavailable | Fault.Invariant>> = []
  const ended = new Set<number>()
  return {
    process: (_: unknown) =>
      Effect.suspend(() => {
        const at = calls.length
        const call = Deferred.makeUnsafe<string, Fault.Unavailable | Fault.Invariant>()
        calls.push(call)
        return Effect.onExit(Deferred.await(call), () => Effect.sync(() => void ended.add(at)))
      }),
    begun: () => calls.length,
    hasEnded: (at: number) => ended.has(at),
    end: (at: number, outcome: Effect.Effect<string, Fault.Unavailable | Fault.Invariant>) =>
      Effect.andThen(
        Effect.sync(() => {
          const call = calls[at]
          if (call === undefined) throw new Error(`call ${at} never began`)
          Deferred.doneUnsafe(call, outcome)
        }),
        settle
      )
  }
}

/** Lets every fiber run as far as it gets. */
export const settle = Effect.forEach(Array.from({ length: 8 }), () => Effect.yieldNow, { discard: true })

/** Starts a call and lets it run as far as it gets. */
export const start = <A, E, R>(call: Effect.Effect<A, E, R>) =>
  Effect.tap(Effect.forkChild(call, { startImmediately: true }), () => settle)
