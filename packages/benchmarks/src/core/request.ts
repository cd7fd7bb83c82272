/** What the standard stack adds to a request: CPU time per call, beside that of a whole request to a bare server. */
import autocannon from "autocannon"
import { Effect } from "effect"
import { type Child, start } from "../child.ts"
import { report } from "../report.ts"
import { awaited, type Calls, inOneFiber, type Run } from "./measure.ts"
import { runPromise, standard } from "./standardStack.ts"

const connections = 32
const calls = 200_000

export const request = async (run: Run): Promise<void> => {
  const atOnce = standard((n) => Effect.succeed(n))
  const waiting = standard((n) => Effect.promise(() => Promise.resolve(n)))
  const stacks = {
    "answers at once, one fiber": inOneFiber(atOnce, runPromise),
    "answers at once, runPromise": awaited((n) => runPromise(atOnce(n))),
    "waits a microtask, one fiber": inOneFiber(waiting, runPromise),
    "waits a microtask, runPromise": awaited((n) => runPromise(waiting(n)))
  }
  const count = Math.ceil(calls * run.share)
  const seconds = 3 * run.share
  const server = await start(new URL("./bareServer.ts", import.meta.url))
  const mine = new Map<string, Array<number>>(Object.keys(stacks).map((name) => [name, []]))
  const other: Array<number> = []
  await load(server, seconds)
  for (const stack of Object.values(stacks)) await stack(count)
  for (let round = 0; round < run.rounds; round++) {
    other.push(await load(server, seconds))
    for (const [name, stack] of Object.entries(stacks)) mine.get(name)?.push(await microsPerCall(stack, count))
  }
  await server.stop()
  for (const [name, rounds] of mine) {
    report({
      bench: run.bench,
      case: `standard stack in a request, ${name}`,
      unit: "µs CPU",
      ours: rounds,
      peer: { name: "bare Hono, whole request", rounds: other },
      goal: { atMost: 0.1 }
    })
  }
}

const microsPerCall = async (stack: Calls, count: number): Promise<number> => {
  const before = process.cpuUsage()
  await stack(count)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/** Microseconds of the server's CPU per request. */
const load = async (server: Child, duration: number): Promise<number> => {
  const before = await server.cpuSeconds()
  const result = await autocannon({ url: `${server.address}/constant`, connections, duration })
  const used = await server.cpuSeconds() - before
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`Wrong answers or errors from ${server.address}`)
  return used / result["2xx"] * 1e6
}
