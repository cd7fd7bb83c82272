/** Runs in a world of their own, and what must be so after them. */
import { OwnServers } from "@kanau/testing"
import { Effect } from "effect"
import { assert, test } from "vitest"
import type { Result } from "../src/books.ts"
import { faultsOn } from "../src/faults.ts"
import { chanceOf, run } from "../src/run.ts"
import { type Broker, make, type World } from "../src/world.ts"

/** Nothing lost, nothing twice, nothing left, and it came to rest without anybody's help; and nothing out of order. */
export const balances = ({ complaint, ...figures }: Result, what: string, inOrder = true) => {
  process.stdout.write(`chaos ${what}: ${JSON.stringify(figures)}\n`)
  assert.isUndefined(complaint, what)
  assert.isAbove(figures.committed, 0, what)
  assert.deepInclude(figures, { twice: 0, ticksMissing: 0, ticksTwice: 0 }, what)
  if (inOrder) assert.strictEqual(figures.overtaken, 0, what)
}

const inWorld = (broker: Broker, body: (world: World) => Effect.Effect<void, unknown>) =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(make(broker), body)))

export const onOwn = (broker: Broker, title: string, body: (world: World) => Effect.Effect<void, unknown>) =>
  test(`${title} (${broker})`, (context) => {
    if (OwnServers.missing !== undefined) return context.skip(OwnServers.missing)
    return inWorld(broker, body)
  }, 400_000)

/** Every fault there is with a broker, one after the other. */
export const eachFault = (broker: Broker): void =>
  onOwn(
    broker,
    "NB-11 NB-12 NB-13 NB-16 NF-5 NF-6 NF-10 after each fault every committed event has its one effect, in order",
    (world) =>
      Effect.gen(function*() {
        const asked = { committed: 0, unsure: 0, next: new Map<string, number>() }
        const chance = chanceOf(20_261_121)
        let overtaken = 0
        for (const fault of faultsOn(broker)) {
          const result = yield* run(world, asked, [fault], chance)
          // The others deliver again behind what they have delivered meanwhile.
          const inOrder = broker === "rabbitmq" || fault.redelivers !== true
          balances({ ...result, overtaken: result.overtaken - overtaken }, `${broker}, ${fault.name}`, inOrder)
          overtaken = result.overtaken
        }
      })
  )
