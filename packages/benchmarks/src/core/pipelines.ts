/** Five layers around a leaf that does next to nothing, beside an async function in five async wrappers. */
import { Processor } from "@kanau/core"
import { Effect, pipe } from "effect"
import { awaited, type Calls, compare, inOneFiber, type Run } from "./measure.ts"

type Numbers = Processor.Processor<number, number>
type AsyncNumbers = (n: number) => Promise<number>

export const pipelines = async (run: Run): Promise<void> => {
  const wrappers = { name: "five async wrappers", calls: awaited(wrapped(increment)) }
  for (const [leaf, process] of Object.entries(leaves)) {
    await both(run, `five pure layers, ${leaf}`, inFive(pure, process), wrappers, { inFiber: 0.6, perPromise: 1.8 })
    await both(run, `five general layers, ${leaf}`, inFive(general, process), wrappers)
  }
  const { succeed } = leaves
  const awaits = { name: "five awaits", calls: awaited(inSequence) }
  await both(run, "chain of five, succeed", Processor.chain(succeed, succeed, succeed, succeed, succeed), awaits)
}

/** One answers with a value, one with an effect that must be run. */
const leaves: Readonly<Record<"succeed" | "sync", Numbers>> = {
  succeed: (n) => Effect.succeed(n + 1),
  sync: (n) => Effect.sync(() => n + 1)
}

const pure = Processor.pureAdapter({ before: (n: number) => n + 1, after: (n: number) => n + 1 })

const general = Processor.layer(
  "general",
  {},
  (next: Numbers): Numbers => (n) => Effect.map(next(n + 1), (answer) => answer + 1)
)

const inFive = (layer: (next: Numbers) => Numbers, process: Numbers): Numbers =>
  pipe(process, layer, layer, layer, layer, layer)

const increment: AsyncNumbers = async (n) => n + 1

const wrapped = (process: AsyncNumbers): AsyncNumbers => pipe(process, wrap, wrap, wrap, wrap, wrap)

const wrap = (next: AsyncNumbers): AsyncNumbers => async (n) => await next(n + 1) + 1

const inSequence: AsyncNumbers = async (n) => {
  const first = await increment(n)
  const second = await increment(first)
  const third = await increment(second)
  const fourth = await increment(third)
  return await increment(fourth)
}

/** Within one fiber, and with a promise for each call. */
const both = async (
  run: Run,
  name: string,
  ours: Numbers,
  theirs: { readonly name: string; readonly calls: Calls },
  goals?: { readonly inFiber: number; readonly perPromise: number }
): Promise<void> => {
  const shared = { calls: 300_000, peer: theirs.name, theirs: theirs.calls }
  await compare(run, {
    ...shared,
    case: `${name}, one fiber`,
    ours: inOneFiber(ours),
    ...(goals === undefined ? {} : { goal: { atMost: goals.inFiber } })
  })
  await compare(run, {
    ...shared,
    case: `${name}, runPromise`,
    ours: awaited((n) => Effect.runPromise(ours(n))),
    ...(goals === undefined ? {} : { goal: { atMost: goals.perPromise } })
  })
}
