import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Schema } from "effect"
import { Fault } from "../src/index.ts"

class TooManyCats extends Fault.define<TooManyCats>()(
  "TooManyCats",
  "conflict",
  { cats: Schema.Int },
  ({ cats }) => `${cats} cats are too many.`
) {}

describe("Fault", () => {
  it("NF-9 every kind has one status and one disposition, as the architecture's table says", () => {
    const table = Object.fromEntries(
      Object.entries(Fault.rules).map(([kind, rule]) => [kind, [rule.status, rule.disposition]])
    )
    assert.deepStrictEqual(table, {
      "invalid-input": [400, "discard"],
      unauthenticated: [401, "discard"],
      "permission-denied": [403, "discard"],
      "not-found": [404, "discard"],
      conflict: [409, "retry"],
      gone: [410, "discard"],
      "rate-limited": [429, "retry"],
      undecodable: [400, "dead-letter"],
      unavailable: [503, "retry"],
      timeout: [504, "retry"],
      invariant: [500, "dead-letter"],
      defect: [500, "retry"]
    })
  })

  it.effect("KN-9 a declared error is a value with a kind, a code and a sentence", () =>
    Effect.gen(function*() {
      const fault = yield* Effect.flip(Effect.gen(function*() {
        return yield* new TooManyCats({ cats: 9 })
      }))
      assert.strictEqual(fault.kind, "conflict")
      assert.strictEqual(TooManyCats.kind, "conflict")
      assert.strictEqual(fault.message, "9 cats are too many.")
      assert.strictEqual(Fault.code(fault), "too-many-cats")
      assert.deepStrictEqual(Schema.encodeSync(TooManyCats)(fault), { _tag: "TooManyCats", cats: 9 })
    }))

  it("KN-9 kindOf: typed faults keep their kind, the unexpected is a defect, interruption is neither", () => {
    const fault = Cause.fail(new TooManyCats({ cats: 2 }))
    assert.strictEqual(Fault.kindOf(fault), "conflict")
    assert.strictEqual(Fault.kindOf(Cause.die(new Error("boom"))), "defect")
    assert.strictEqual(Fault.kindOf(Cause.fail("no kind")), "defect")
    assert.strictEqual(Fault.kindOf(Cause.combine(fault, Cause.die("boom"))), "defect")
    assert.strictEqual(Fault.kindOf(Cause.interrupt(1)), "interrupted")
  })

  it("AR-5 issues name paths and rules, never the values that broke them", () => {
    const secret = "hunter2-hunter2"
    const exit = Schema.decodeUnknownResult(Schema.Struct({ token: Schema.Int, inner: Schema.Array(Schema.Boolean) }))(
      { token: secret, inner: [secret] },
      { errors: "all" }
    )
    assert.strictEqual(exit._tag, "Failure")
    if (exit._tag === "Failure") {
      const issues = Fault.issuesOf(new Schema.SchemaError(exit.failure.issue))
      assert.deepStrictEqual(issues.map(({ path }) => path), ["token", "inner.0"])
      assert.notInclude(JSON.stringify(issues), "hunter2")
    }
  })
})
