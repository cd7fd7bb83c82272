import { assert, it } from "@effect/vitest"
import { Fault } from "@kanau/core"
import { Bus } from "@kanau/messaging"
import { Health } from "@kanau/runner"
import { Effect } from "effect"
import { needsBroker } from "../src/roles/availability.ts"

it.effect("SH-16 a role that needs the broker is not ready while it cannot be used, and says why", () =>
  Effect.gen(function*() {
    const health = yield* Health.Health
    yield* health.enter("running")
    const problems: Array<Fault.Unavailable> = []
    const check = Effect.forEach(problems, (problem) => Effect.fail(problem), { discard: true })
    yield* Effect.provideService(needsBroker, Bus.Health, { check })
    assert.deepStrictEqual(yield* health.ready, { ready: true, phase: "running", checks: { broker: "ok" } })
    problems.push(new Fault.Unavailable({ dependency: "rabbitmq", reason: "there is no connection" }))
    const { checks, ready } = yield* health.ready
    assert.isFalse(ready)
    assert.include(checks["broker"], "there is no connection")
  }).pipe(Effect.scoped, Effect.provide(Health.layer)))

it.effect("SH-16 a bus without a broker is nothing to wait for", () =>
  Effect.gen(function*() {
    yield* needsBroker
    assert.deepStrictEqual((yield* Effect.flatMap(Health.Health, ({ ready }) => ready)).checks, {})
  }).pipe(Effect.scoped, Effect.provide(Health.layer)))
