/**
 * The numbers 1 to `size` in `count` different orders, the same ones every time. A linear congruential generator is
 * plenty for an order of events.
 */
export const shuffles = (count: number, size: number): ReadonlyArray<ReadonlyArray<number>> => {
  let state = 1
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  return Array.from({ length: count }, () => {
    const numbers = Array.from({ length: size }, (_, index) => index + 1)
    for (let last = size - 1; last > 0; last--) {
      const other = below(last + 1)
      const [a = 0, b = 0] = [numbers[last], numbers[other]]
      numbers[last] = b
      numbers[other] = a
    }
    return numbers
  })
}
