/**
 * Draws that depend on nothing but the seed, a name and a number: whatever else is generated, in whatever order, entry 7
 * draws the same. Not for secrets.
 */

/** A sequence of draws. */
export interface Draw {
  /** From 0 up to, not including, 1. */
  readonly next: () => number
  /** A whole number from 0 up to, not including, `below`. */
  readonly below: (below: number) => number
  readonly between: (least: number, most: number) => number
  readonly chance: (share: number) => boolean
  readonly pick: <A>(list: ReadonlyArray<A>) => A
  /** Standard normal. */
  readonly normal: () => number
  /** `mean` on average: the whole part, and one more with the chance of the rest. */
  readonly about: (mean: number) => number
}

/** Sequences by number, for one name. `part` tells sequences of the same entry apart. */
type Source = (id: number, part?: number) => Draw

export type Seed = (name: string) => Source

/** The seed is taken modulo 2^64. */
export const seeded = (seed: bigint): Seed => {
  const low = Number(BigInt.asUintN(32, seed))
  const high = Number(BigInt.asUintN(32, seed >> 32n))
  return (name) => {
    let salt = 0x811c9dc5
    for (let at = 0; at < name.length; at++) salt = Math.imul(salt ^ name.charCodeAt(at), 0x01000193)
    const first = mix(low ^ mix(salt))
    const second = mix(high ^ mix(salt + 0x9e3779b9))
    return (id, part = 0) => draw(first, second, id | 0, part | 0)
  }
}

const mix = (value: number): number => {
  let x = value | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/** sfc32, of PractRand: 128 bits of state, passes the usual batteries. */
const draw = (first: number, second: number, id: number, part: number): Draw => {
  let a = mix(first ^ id)
  let b = mix(second ^ Math.imul(part + 1, 0x27d4eb2f))
  let c = mix(a ^ b ^ first)
  let counter = 1
  const next = () => {
    const out = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + out | 0
    return (out >>> 0) / 4294967296
  }
  for (let round = 0; round < 8; round++) next()
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (share) => next() < share,
    pick: <A>(list: ReadonlyArray<A>) => list[below(list.length)] as A,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    about: (mean) => Math.floor(mean + next())
  }
}

/**
 * Numbers in [0, 1) that fill it evenly however many entries there are: distributions hold at every scale, and an entry
 * keeps its number. `prime` tells such numbers of the same entries apart: its root is the step.
 */
export const even = (seed: Seed, name: string, prime: number): (id: number) => number => {
  const start = seed(name)(0).next()
  const step = Math.sqrt(prime)
  return (id) => (start + id * step) % 1
}

/** The most popular entry is at 0, the least at 1; the result is 1 on average. */
export const falling = (exponent: number, head: number): (at: number) => number => {
  const rest = 1 - exponent
  const mean = ((1 + head) ** rest - head ** rest) / rest
  return (at) => (at + head) ** -exponent / mean
}

/** Numbers that were picked already; a Set is one. */
interface Taken {
  readonly has: (id: number) => boolean
  readonly add: (id: number) => unknown
}

/** One that is emptied without being gone through, for numbers up to `most`. */
export const reusable = (most: number): Taken & { readonly empty: () => void } => {
  const marks = new Uint32Array(most + 1)
  let mark = 1
  return {
    has: (id) => marks[id] === mark,
    add: (id) => marks[id] = mark,
    empty: () => void mark++
  }
}

/** Picks of distinct numbers, those with more weight more often. `weights` starts at number 1. */
export interface Weighted {
  readonly size: number
  /** Adds up to `count` numbers to `taken`, calling `found` with each; the next lighter one when it is taken. */
  readonly distinct: (draws: Draw, count: number, taken: Taken, found: (id: number) => void) => void
}

export const weighted = (weights: Float64Array): Weighted => {
  const order = Uint32Array.from(weights.keys()).filter((id) => (weights[id] ?? 0) > 0)
    .sort((one, other) => (weights[other] ?? 0) - (weights[one] ?? 0) || one - other)
  const sums = new Float64Array(order.length)
  let sum = 0
  order.forEach((id, at) => sums[at] = sum += weights[id] ?? 0)
  const size = order.length
  const search = (value: number) => {
    let [low, high] = [0, size - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] ?? 0) > value) high = middle
      else low = middle + 1
    }
    return low
  }
  return {
    size,
    distinct: (draws, count, taken, found) => {
      for (let left = Math.min(count, size); left > 0; left--) {
        let at = search(draws.next() * sum)
        let tries = 0
        while (taken.has(order[at] ?? 0) && tries++ < size) at = (at + 1) % size
        if (tries > size) return
        const id = order[at] ?? 0
        taken.add(id)
        found(id)
      }
    }
  }
}
