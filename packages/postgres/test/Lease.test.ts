import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { Lease } from "../src/index.ts"
import { databases } from "./databases.ts"

for (const { name, layer } of databases) {
  describe(`Lease on ${name}`, () => {
    it.live(
      "NF-10 one holder at a time; the next gets it at once when the first ends, with a higher epoch",
      () =>
        Effect.gen(function*() {
          const release = yield* Deferred.make<void>()
          const firstHolds = yield* Deferred.make<bigint>()
          let holders = 0
          const work = (held: Lease.Held, until: Effect.Effect<void>) =>
            Effect.gen(function*() {
              assert.strictEqual(++holders, 1)
              yield* Deferred.succeed(firstHolds, held.epoch)
              yield* until
              holders--
              return held.epoch
            })
          const first = yield* Effect.forkChild(Lease.hold("job", (held) => work(held, Deferred.await(release))))
          yield* Deferred.await(firstHolds)
          const second = yield* Effect.forkChild(Lease.hold("job", (held) => work(held, Effect.void)))
          yield* Deferred.succeed(release, undefined)
          const epochs = [yield* Fiber.join(first), yield* Fiber.join(second)] as const
          assert.isTrue(epochs[1] > epochs[0])
        }).pipe(Effect.provide(layer)),
      30_000
    )

    it.live("NF-10 writes of a holder that was overtaken are fenced off", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const held = yield* Deferred.make<Lease.Held>()
        const late = yield* Effect.forkChild(
          Lease.hold("fenced", (mine) => Effect.andThen(Deferred.succeed(held, mine), Effect.never))
        )
        const { fence } = yield* Deferred.await(held)
        assert.strictEqual((yield* sql`select 1 as open where ${fence}`).length, 1)
        yield* sql`update kanau.leases set epoch = epoch + 1, owner = 'another' where name = 'fenced'`
        assert.strictEqual((yield* sql`select 1 as open where ${fence}`).length, 0)
        yield* Fiber.interrupt(late)
      }).pipe(Effect.provide(layer)), 30_000)
  })
}
