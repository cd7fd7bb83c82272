/** What a measured process reports of one round, and how it measures it. */

export interface Round {
  readonly count: number
  readonly seconds: number
  /** CPU time of the process, user and system. */
  readonly cpuSeconds: number
}

/** Starts a clock; the function it returns stops it after so many messages. */
export const stopwatch = (): (count: number) => Round => {
  const began = performance.now()
  const before = process.cpuUsage()
  return (count) => {
    const { system, user } = process.cpuUsage(before)
    return { count, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 }
  }
}

/** Measures from the first message handled to the last; completes with it. */
export const tally = (): {
  readonly expect: (count: number) => Promise<Round>
  readonly tick: (by?: number) => void
} => {
  let left = 0
  let count = 0
  let finish: (round: Round) => void = () => undefined
  let stop: ReturnType<typeof stopwatch> | undefined
  return {
    expect: (messages) => {
      left = count = messages
      stop = undefined
      return new Promise((resolve) => {
        finish = resolve
      })
    },
    tick: (by = 1) => {
      stop ??= stopwatch()
      left -= by
      if (left <= 0) finish(stop(count))
    }
  }
}

/**
 * Messages that had been acknowledged came back once when a consumer closed its channel right after the last of them. So
 * every consumer waits this long before it closes.
 */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500))

/** How many messages a second. */
export const perSecond = ({ count, seconds }: Round): number => Math.round(count / seconds)

/** The machine's monotonic clock, the same in every process. */
export const monotonicMillis = (): number => Number(process.hrtime.bigint()) / 1e6
