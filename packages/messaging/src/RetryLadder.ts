/**
 * How long a message waits before it is tried again, and how often. Delays grow by a factor up to a cap; there is no
 * jitter in them, because a broker keeps one delay queue per step.
 */

/** The steps of a retry ladder. */
export interface RetryLadder {
  /** Wait after the first failed attempt. */
  readonly baseMillis: number
  readonly factor: number
  readonly capMillis: number
  /** A message that failed this often is dead-lettered. */
  readonly attempts: number
}

/** 1 s, 4 s, 16 s, 64 s, 256 s, then 600 s: ten attempts in about 46 minutes. */
export const standard: RetryLadder = { baseMillis: 1000, factor: 4, capMillis: 600_000, attempts: 10 }

/** The wait after failed attempt number `attempt` (1 for the first). */
export const delayMillis = (ladder: RetryLadder, attempt: number): number =>
  Math.min(ladder.capMillis, ladder.baseMillis * ladder.factor ** (attempt - 1))

/** Every delay the ladder can ask for, each once, shortest first. */
export const steps = (ladder: RetryLadder): ReadonlyArray<number> => {
  const delays = new Set<number>()
  for (let attempt = 1; attempt < ladder.attempts; attempt++) delays.add(delayMillis(ladder, attempt))
  return [...delays]
}
