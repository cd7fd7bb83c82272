import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as Shards from "../src/internal/shards.ts"
import { databases } from "./databases.ts"
import { reset } from "./relaying.ts"

const seconds = (count: number) => BigInt(count) * 1_000_000_000n

/** A clock whose hands the test moves; it sleeps as ever. */
const makeClock = Effect.map(Clock.Clock, (live) => {
  const hands = { monotonic: live.monotonicTimeNanosUnsafe(), wall: live.currentTimeNanosUnsafe() }
  const clock: Clock.Clock = Object.create(live, {
    monotonicTimeNanosUnsafe: { value: () => hands.monotonic },
    currentTimeNanosUnsafe: { value: () => hands.wall }
  })
  return { clock, hands }
})

for (const database of databases) {
  describe(`Shards on ${database.name}`, () => {
    const cases = [
      ["is set back while time passes", { monotonic: 11, wall: -3600 }, 0],
      ["runs on while the machine was suspended", { monotonic: 0, wall: 3600 }, 0],
      ["agrees that the lease still runs", { monotonic: 9, wall: 9 }, 16]
    ] as const
    for (const [what, moved, trusted] of cases) {
      it.live(`NF-10 a relay whose wall clock ${what} trusts ${trusted} of its 16 leases`, () =>
        Effect.gen(function*() {
          yield* reset
          const sql = yield* PgClient.PgClient
          const { clock, hands } = yield* makeClock
          const shards = yield* Effect.provideService(Shards.join(sql, 10), Clock.Clock, clock)
          yield* shards.rebalance
          const [claim] = shards.claims()
          assert.strictEqual(shards.claims().length, 16)
          hands.monotonic += seconds(moved.monotonic)
          hands.wall += seconds(moved.wall)
          assert.strictEqual(shards.claims().length, trusted)
          assert.strictEqual(claim !== undefined && shards.holds(claim), trusted > 0)
          yield* shards.leave
        }).pipe(Effect.provide(database.layer)))
    }
  })
}
