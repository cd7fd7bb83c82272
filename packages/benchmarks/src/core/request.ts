/**
 * What the standard stack adds to a request: CPU time of a call with it less that of the same call without it, beside a
 * whole request to a bare server. A request has a fiber already, so none is started for the call.
 */
import autocannon from "autocannon"
import { Effect } from "effect"
import { type Child, start } from "../child.ts"
import { report } from "../report.ts"
import { type Calls, inOneFiber, type Run } from "./measure.ts"
import { runPromise, standard } from "./standardStack.ts"

const connections = 32
const calls = 400_000

const works = {
  "answers at once": (n: number) => Effect.succeed(n),
  "waits a microtask": (n: number) => Effect.promise(() => Promise.resolve(n))
} as const

export const request = async (run: Run): Promise<void> => {
  const count = Math.ceil(calls * run.share)
  const seconds = 3 * run.share
  const server = await start(new URL("./bareServer.ts", import.meta.url))
  const stacks = Object.entries(works).map(([name, work]) => ({
    name,
    bare: inOneFiber(work, runPromise),
    stacked: inOneFiber(standard(work), runPromise),
    added: [] as Array<number>
  }))
  const requests: Array<number> = []
  await load(server, seconds)
  for (const { bare, stacked } of stacks) {
    await bare(count)
    await stacked(count)
  }
  for (let round = 0; round < run.rounds; round++) {
    requests.push(await load(server, seconds))
    for (const { bare, stacked, added } of stacks) {
      added.push(await microsPerCall(stacked, count) - await microsPerCall(bare, count))
    }
  }
  await server.stop()
  for (const { name, added } of stacks) {
    report({
      bench: run.bench,
      case: `standard stack in a request, ${name}`,
      unit: "µs CPU",
      ours: added,
      peer: { name: "bare Hono, whole request", rounds: requests },
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
