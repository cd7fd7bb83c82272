import { assert, describe, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { databases, reset } from "./databases.ts"
import { dump } from "./dumps.ts"
import { run } from "./importing.ts"

describe.each(databases)("Imports at the same time, $name", ({ layer: database, name }) => {
  layer(database, { timeout: "240 seconds", excludeTestServices: true })((it) => {
    it.effect(
      "NV-7 a second import is refused and told since when the first runs; its end makes room",
      () =>
        Effect.gen(function*() {
          const folder = yield* Effect.promise(() => dump({ scale: 0.0001 }))
          yield* reset
          const began = yield* Deferred.make<void>()
          const first = yield* Effect.forkChild(
            run(folder, { onProgress: () => Effect.andThen(Deferred.succeed(began, undefined), Effect.never) })
          )
          yield* Deferred.await(began)
          for (const path of [folder, folder]) {
            const fault = yield* Effect.flip(run(path))
            assert.strictEqual(fault.kind, "conflict")
            assert.match(
              fault.message,
              name === "embedded PostgreSQL"
                ? /^Another import into this database is running\. Wait until it has ended, or end it; then start again\.$/
                : /^Another import into this database is running since \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Wait/
            )
          }
          yield* Fiber.interrupt(first)
          let reached = false
          yield* Effect.exit(run(folder, {
            onProgress: () => {
              reached = true
              return Effect.interrupt
            }
          }))
          assert.isTrue(reached)
        }),
      120_000
    )
  })
})
