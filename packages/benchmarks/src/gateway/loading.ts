/** Load on a server, ours and a peer's in turn, and what it costs them. */
import autocannon from "autocannon"
import type { Child } from "../child.ts"
import { type Goal, report } from "../report.ts"

interface Figures {
  readonly requests: number
  readonly p50: number
  readonly p99: number
  /** Microseconds of the server's CPU per request. */
  readonly cpu: number
}

interface Load {
  readonly child: Child
  readonly paths: ReadonlyArray<string>
  readonly headers?: Readonly<Record<string, string>>
  /** What every answer must be; 200 when absent. */
  readonly status?: 200 | 304
}

interface Round {
  readonly seconds: number
  readonly connections: number
}

const measure = async (
  { child, headers = {}, paths, status = 200 }: Load,
  { connections, seconds }: Round
): Promise<Figures> => {
  const before = await child.cpuSeconds()
  const result = await autocannon({
    url: child.address,
    connections,
    duration: seconds,
    requests: paths.map((path) => ({ method: "GET" as const, path, headers: { ...headers } }))
  })
  const used = await child.cpuSeconds() - before
  const [right, all] = [
    status === 200 ? result["2xx"] : result["3xx"],
    result["1xx"] + result["2xx"] + result["3xx"] + result["4xx"] + result["5xx"]
  ]
  if (right < all || result.errors > 0) {
    throw new Error(`${all - right} wrong answers and ${result.errors} errors from ${child.address}${paths[0] ?? ""}`)
  }
  return {
    requests: right / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: used / right * 1e6
  }
}

export interface Comparison extends Round {
  readonly bench: string
  readonly name: string
  readonly rounds: number
  readonly ours: Load
  readonly peer: string
  readonly theirs: Load
  readonly goals: Partial<Record<keyof Figures, Goal>>
}

export const compare = async (
  { bench, connections, goals, name, ours, peer, rounds, seconds, theirs }: Comparison
): Promise<void> => {
  const mine: Array<Figures> = []
  const other: Array<Figures> = []
  const round = { seconds, connections }
  await measure(ours, round)
  await measure(theirs, round)
  for (let at = 0; at < rounds; at++) {
    process.stderr.write(`${bench} ${name}: round ${at + 1} of ${rounds}\n`)
    // Who goes first alternates, so that neither always finds the machine warmer.
    if (at % 2 === 0) mine.push(await measure(ours, round))
    other.push(await measure(theirs, round))
    if (at % 2 === 1) mine.push(await measure(ours, round))
  }
  for (const [key, unit] of units) {
    const goal = goals[key]
    report({
      bench,
      case: name,
      unit,
      ours: mine.map((one) => one[key]),
      peer: { name: peer, rounds: other.map((one) => one[key]) },
      ...(goal === undefined ? {} : { goal })
    })
  }
}

const units = [["requests", "req/s"], ["cpu", "µs CPU/req"], ["p50", "ms p50"], ["p99", "ms p99"]] as const
