import { assert, it } from "@effect/vitest"
import { Fault } from "@kanau/core"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { hourly } from "../src/roles/housekeeping.ts"

it.effect("housekeeping begins after a minute, goes on every hour, and survives trouble", () =>
  Effect.gen(function*() {
    const times: Array<number> = []
    const work = Effect.flatMap(TestClock.testClockWith((clock) => clock.currentTimeMillis), (now) => {
      times.push(now / 60_000)
      return times.length === 2
        ? Effect.fail(new Fault.Unavailable({ dependency: "postgres", reason: "down" }))
        : Effect.void
    })
    yield* hourly("Cleaning", work)
    yield* TestClock.adjust("3 hours")
    assert.deepStrictEqual(times, [1, 61, 121])
  }).pipe(Effect.scoped))
