import { Effect } from "effect"
import { describe } from "vitest"
import { type Fault, kills } from "../src/faults.ts"
import { chanceOf, run } from "../src/run.ts"
import { balances, onOwn } from "./judging.ts"

describe("delivery under faults", () => {
  onOwn(
    "rabbitmq",
    "NB-12 NB-13 NB-16 NF-10 fifty times kill -9 of relay, consumer or scheduler at random moments lose and double nothing",
    (world) =>
      Effect.gen(function*() {
        const asked = { committed: 0, unsure: 0, next: new Map<string, number>() }
        const chance = chanceOf(50)
        const rounds = Array.from({ length: 50 }, () => kills[Math.floor(chance() * kills.length)] as Fault)
        balances(yield* run(world, asked, rounds, chance), "fifty kills")
      })
  )
})
