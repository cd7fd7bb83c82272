/** Checks of numbers that a layer is built with: a wrong one is a bug of the program, seen when it starts. */

/** A whole number of at least `least`. */
export const atLeast = (least: number, setting: string, value: number): number => {
  if (value >= least && Number.isInteger(value)) return value
  throw new RangeError(`${setting} must be a whole number of at least ${least}, not ${value}`)
}

/** A share above 0, up to 1. */
export const share = (setting: string, value: number): number => {
  if (value > 0 && value <= 1) return value
  throw new RangeError(`${setting} must be above 0 and at most 1, not ${value}`)
}
