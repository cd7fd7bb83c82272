/** Rounds of ours and of the peer in turn, within one process. */
import { Effect } from "effect"
import { type Goal, report } from "../report.ts"

/** What the cases of one run have in common. */
export interface Run {
  readonly bench: string
  readonly rounds: number
  /** Share of the iterations of a full run. */
  readonly share: number
}

/** Makes so many calls; answers the sum of the answers, so that no call can be left out. */
export type Calls = (calls: number) => Promise<number>

/** Nanoseconds per call of ours beside the peer; both make the same calls and must come to the same sum. */
export const compare = async (run: Run, input: {
  readonly case: string
  readonly calls: number
  readonly ours: Calls
  readonly peer: string
  readonly theirs: Calls
  readonly goal?: Goal
}): Promise<void> => {
  const calls = Math.ceil(input.calls * run.share)
  const warmUp = Math.ceil(calls / 3)
  const [ours, theirs] = [await input.ours(warmUp), await input.theirs(warmUp)]
  if (ours !== theirs) throw new Error(`${input.case}: ours came to ${ours} and theirs to ${theirs}`)
  const mine: Array<number> = []
  const other: Array<number> = []
  for (let round = 0; round < run.rounds; round++) {
    // Who goes first alternates, so that neither always pays for the garbage of the other.
    if (round % 2 === 0) mine.push(await nanosPerCall(input.ours, calls))
    other.push(await nanosPerCall(input.theirs, calls))
    if (round % 2 === 1) mine.push(await nanosPerCall(input.ours, calls))
  }
  report({
    bench: run.bench,
    case: input.case,
    unit: "ns/call",
    ours: mine,
    peer: { name: input.peer, rounds: other },
    ...(input.goal === undefined ? {} : { goal: input.goal })
  })
}

const nanosPerCall = async (run: Calls, calls: number): Promise<number> => {
  const began = performance.now()
  await run(calls)
  return (performance.now() - began) * 1e6 / calls
}

/** Calls one after the other, each awaited: how an edge calls. */
export const awaited = (call: (input: number) => Promise<number>): Calls => async (calls) => {
  let sum = 0
  for (let at = 0; at < calls; at++) sum += await call(at)
  return sum
}

/** Calls one after the other within one fiber. */
export const inOneFiber = (
  call: (input: number) => Effect.Effect<number, unknown>,
  run: (effect: Effect.Effect<void, unknown>) => Promise<void> = Effect.runPromise
): Calls =>
async (calls) => {
  let at = 0
  let sum = 0
  await run(Effect.whileLoop({
    while: () => at < calls,
    body: () => call(at++),
    step: (answer) => {
      sum += answer
    }
  }))
  return sum
}
