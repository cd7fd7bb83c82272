/** Chance that repeats itself: the same seed makes the same choices. */
export const random = (seed: number) => {
  let state = seed >>> 0
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return {
    below,
    chance: (percent: number): boolean => below(100) < percent,
    of: <A>(some: ReadonlyArray<A>): A => some[below(some.length)] as A
  }
}
export type Random = ReturnType<typeof random>
