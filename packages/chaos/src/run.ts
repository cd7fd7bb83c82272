/** Runs faults under load, one after the other, and settles the account. */
import { Effect, Fiber } from "effect"
import * as Books from "./books.ts"
import type { Chance, Fault } from "./faults.ts"
import type { World } from "./world.ts"

/** Mulberry32: small, and the same everywhere. */
export const chanceOf = (seed: number): Chance => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Lets the faults happen in a world under load, each at a random moment, then waits for balance. */
export const run = (
  world: World,
  asked: Books.Asked,
  faults: ReadonlyArray<Fault>,
  chance: Chance,
  report: (line: string) => void = () => undefined
) =>
  Effect.gen(function*() {
    const loading = yield* Effect.forkChild(Books.load(world, asked))
    for (const fault of faults) {
      yield* Effect.sleep(Math.round(100 + chance() * 400))
      report(fault.name)
      yield* fault.happen(world, chance)
    }
    yield* Effect.sleep("300 millis")
    yield* Fiber.interrupt(loading)
    return yield* Books.settle(world, asked)
  })
