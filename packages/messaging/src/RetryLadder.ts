/**
 * How long a message waits before it is tried again, and how often. Delays grow by a factor up to a cap, and are cut
 * short at random, so that what failed together does not come back together.
 */

/** The steps of a retry ladder. */
export interface RetryLadder {
  /** Wait after the first failed attempt. */
  readonly baseMillis: number
  readonly factor: number
  readonly capMillis: number
  /** The part of a wait that chance may take off, 0 to 1; 0.2 when absent. */
  readonly jitter?: number
  /** A message that failed this often is dead-lettered. */
  readonly attempts: number
}

/** 1 s, 4 s, 16 s, 64 s, 256 s, then 600 s: ten attempts in about 46 minutes. */
export const standard: RetryLadder = { baseMillis: 1000, factor: 4, capMillis: 600_000, attempts: 10 }

/**
 * The same waits up to a minute, for a day: for what derives the present state from elsewhere. A server may be away for long
 * without anybody minding much, nothing is lost by waiting, and afterwards all is current within a minute.
 */
export const patient: RetryLadder = { ...standard, capMillis: 60_000, attempts: 1440 }

/** The longest wait after failed attempt number `attempt` (1 for the first). */
export const delayMillis = (ladder: RetryLadder, attempt: number): number =>
  Math.min(ladder.capMillis, ladder.baseMillis * ladder.factor ** (attempt - 1))

/** A wait after failed attempt number `attempt`; `random` is from 0 to 1. */
export const jittered = (ladder: RetryLadder, attempt: number, random: number): number =>
  Math.ceil(delayMillis(ladder, attempt) * (1 - (ladder.jitter ?? 0.2) * random))

/** Every delay the ladder can ask for, each once, shortest first. */
export const steps = (ladder: RetryLadder): ReadonlyArray<number> => {
  const delays = new Set<number>()
  for (let attempt = 1; attempt < ladder.attempts; attempt++) delays.add(delayMillis(ladder, attempt))
  return [...delays]
}
