/**
 * Counts calls and retries over a sliding window, so that retries stay a share of the calls: when everything fails, a
 * dependency gets little more load than before instead of a multiple of it (the retry budget of tower and Finagle).
 * The window moves in ten steps.
 */
export interface RetryBudget {
  /** Notes one call. */
  readonly call: (now: number) => void
  /** Takes one retry out of the budget; false when it is spent. */
  readonly take: (now: number) => boolean
}

const steps = 10

/** A budget that allows `minimum` retries a window, and `share` of the calls on top. */
export const make = (share: number, windowMillis: number, minimum: number): RetryBudget => {
  const stepMillis = windowMillis / steps
  const calls = new Float64Array(steps)
  const retries = new Float64Array(steps)
  let newest = 0
  const slot = (now: number): number => {
    const step = Math.floor(now / stepMillis)
    for (let stale = Math.max(newest + 1, step - steps + 1); stale <= step; stale++) {
      calls[stale % steps] = 0
      retries[stale % steps] = 0
    }
    newest = Math.max(newest, step)
    return newest % steps
  }
  const count = (counts: Float64Array, at: number, by: number) => {
    counts[at] = (counts[at] ?? 0) + by
  }
  const sum = (counts: Float64Array) => counts.reduce((total, counted) => total + counted, 0)
  return {
    call: (now) => count(calls, slot(now), 1),
    take: (now) => {
      const at = slot(now)
      if (sum(retries) + 1 > minimum + share * sum(calls)) return false
      count(retries, at, 1)
      return true
    }
  }
}
