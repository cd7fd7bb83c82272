/**
 * A token bucket in whole numbers: it is counted in millisecond-calls, so that whole milliseconds give whole numbers. A
 * call costs `price`, a millisecond brings `limit`, and the bucket holds `full`.
 */
import { Duration } from "effect"
import { atLeast } from "./settings.ts"

/** How often something is allowed, as people say it. */
export interface RateOptions {
  /** Calls allowed every `per` in the long run. */
  readonly limit: number
  readonly per: Duration.Input
  /** Calls allowed at once after a quiet time; `limit` when absent. */
  readonly burst?: number
}

/** How often something is allowed, as a bucket counts it. */
export interface Rate {
  readonly limit: number
  readonly price: number
  readonly full: number
}

/** The rate, or a bug of the program. `who` stands in the message. */
export const rateOf = (who: string, options: RateOptions): Rate => {
  const limit = atLeast(1, `${who}: limit`, options.limit)
  const price = atLeast(1, `${who}: milliseconds of per`, Duration.toMillis(options.per))
  return { limit, price, full: price * atLeast(1, `${who}: burst`, options.burst ?? limit) }
}

/** Mutable; one for each key. */
export interface Bucket {
  credit: number
  countedAt: number
}

/** Takes one call at `now`, or says how many milliseconds are missing; a refused call takes nothing. */
export const take = (bucket: Bucket, { limit, price, full }: Rate, now: number): number => {
  bucket.credit = Math.min(full, bucket.credit + Math.max(0, now - bucket.countedAt) * limit)
  bucket.countedAt = now
  if (bucket.credit < price) return Math.ceil((price - bucket.credit) / limit)
  bucket.credit -= price
  return 0
}

/** Milliseconds until the bucket is full again, after which it can be forgotten. */
export const millisToFull = ({ credit }: Bucket, { limit, full }: Rate): number => Math.ceil((full - credit) / limit)
