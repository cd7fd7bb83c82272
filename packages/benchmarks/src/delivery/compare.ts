/** Ours and its peers in turn. */
import { type Goal, report } from "../report.ts"
import { perSecond, type Round } from "./round.ts"

export interface Options {
  readonly quick: boolean
  /** Cases whose name does not match are left out. */
  readonly only?: string
}

export interface Contender {
  readonly name: string
  readonly round: () => Promise<Round>
  /** What the ratio of our figure to this one's is to reach. */
  readonly goal?: Goal
}

const warmups = 2

/** Measures rounds in turn, the first two of each for warming up only, and reports throughput and CPU time. */
export const compare = async (options: {
  readonly bench: string
  readonly case: string
  readonly rounds: number
  /** Whether the time of a message is compared, instead of messages in a time. */
  readonly time?: boolean
  readonly ours: () => Promise<Round>
  readonly peers: ReadonlyArray<Contender>
}): Promise<void> => {
  const rounds = [options.ours, ...options.peers.map((peer) => peer.round)].map((round) => ({
    round,
    done: [] as Array<Round>
  }))
  for (let at = 0; at < warmups + options.rounds; at++) {
    for (const { done, round } of rounds) {
      const result = await round()
      if (at >= warmups) done.push(result)
    }
    process.stderr.write(
      `${options.case}: ${rounds.map(({ done }) => done.map(perSecond).at(-1) ?? "warm").join(" ")}\n`
    )
  }
  const figure = options.time === true ? micros : perSecond
  const [ours = [], ...theirs] = rounds.map(({ done }) => done)
  options.peers.forEach(({ goal, name }, at) => {
    const peer = theirs[at] ?? []
    report({
      bench: options.bench,
      case: options.case,
      unit: options.time === true ? "µs per message" : "messages/s",
      ours: ours.map(figure),
      peer: { name, rounds: peer.map(figure) },
      ...(goal === undefined ? {} : { goal })
    })
    report({
      bench: options.bench,
      case: options.case,
      unit: "CPU s per 1000",
      ours: ours.map(cpu),
      peer: { name, rounds: peer.map(cpu) }
    })
  })
}

const micros = ({ count, seconds }: Round): number => seconds / count * 1e6
const cpu = ({ count, cpuSeconds }: Round): number => cpuSeconds / count * 1000
