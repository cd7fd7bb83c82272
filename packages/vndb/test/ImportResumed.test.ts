import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { databases, events, reset } from "./databases.ts"
import { dump } from "./dumps.ts"
import { content, run } from "./importing.ts"

/** Fixed: the same steps are hit in every run. */
const stepsOf = (total: number): ReadonlyArray<number> => {
  let state = 7
  const steps = new Set<number>([total])
  while (steps.size < 6) {
    state = (state * 48271) % 2147483647
    steps.add(1 + state % total)
  }
  return [...steps]
}

const database = databases[0]
describe("An interrupted import", () => {
  layer(database.layer, { timeout: "240 seconds", excludeTestServices: true })((it) => {
    it.effect(
      "NV-7 at any step, once or again and again, and then completed, equals one clean import; every entry is published once",
      () =>
        Effect.gen(function*() {
          const folder = yield* Effect.promise(() => dump({ scale: 0.0001 }))
          yield* reset
          let total = 0
          const report = yield* run(folder, { onProgress: () => Effect.sync(() => void total++) })
          const clean = yield* content
          const interruptedAt = (step: number) => {
            let steps = 0
            return Effect.exit(run(folder, { onProgress: () => ++steps === step ? Effect.interrupt : Effect.void }))
          }
          const complete = Effect.gen(function*() {
            yield* run(folder)
            assert.deepStrictEqual(yield* content, clean)
            assert.lengthOf((yield* events).filter(({ type }) => type.endsWith(".created")), report.created)
          })
          for (const step of stepsOf(total)) {
            yield* reset
            yield* interruptedAt(step)
            yield* complete
          }
          yield* reset
          for (let step = total - 24; step <= total; step += 6) yield* interruptedAt(step)
          yield* complete
        }),
      120_000
    )
  })
})
