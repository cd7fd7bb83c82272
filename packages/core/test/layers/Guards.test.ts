import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Logger, pipe, References, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Fault, Layers } from "../../src/index.ts"
import { unavailable } from "./support.ts"

const secret = "correct horse battery staple"

describe("Layers.authorize", () => {
  it.effect("KN-4 authorize does not make the call when the answer is no, or cannot be had", () =>
    Effect.gen(function*() {
      let made = 0
      const work = (input: { readonly owner: string }) => Effect.sync(() => `${input.owner} ${++made}`)
      const owned = pipe(
        work,
        Layers.authorize(({ owner }: { readonly owner: string }) => Effect.succeed(owner === "me"))
      )
      assert.strictEqual(yield* owned({ owner: "me" }), "me 1")
      const denied = yield* Effect.flip(owned({ owner: "you" }))
      assert.deepStrictEqual([denied._tag, denied.kind], ["PermissionDenied", "permission-denied"])
      const unknown = pipe(work, Layers.authorize(() => Effect.fail(unavailable)))
      assert.strictEqual(yield* Effect.flip(unknown({ owner: "me" })), unavailable)
      assert.strictEqual(made, 1)
    }))
})

describe("Layers.validate", () => {
  const Input = Schema.Struct({ age: Schema.NumberFromString, name: Schema.String.check(Schema.isMaxLength(5)) })

  it.effect("KN-4 validate decodes the input, or tells all that is wrong without making the call", () =>
    Effect.gen(function*() {
      let made = 0
      const call = pipe(
        (input: typeof Input.Type) => Effect.sync(() => ++made && input.age + 1),
        Layers.validate(Input)
      )
      assert.strictEqual(yield* call({ age: "41", name: "Ann" }), 42)
      const fault = yield* Effect.flip(call({ name: secret, extra: secret }))
      assert.instanceOf(fault, Fault.InvalidInput)
      assert.sameMembers(fault.issues.map(({ path }) => path), ["age", "name", "extra"])
      assert.strictEqual(made, 1)
    }))

  it.effect("AR-5 what validate tells does not quote the input", () =>
    Effect.gen(function*() {
      const call = pipe((_: typeof Input.Type) => Effect.void, Layers.validate(Input))
      for (const input of [{ age: secret, name: secret }, secret, { age: { secret }, name: [secret] }, null]) {
        const fault = yield* Effect.flip(call(input))
        assert.isAbove(fault.issues.length, 0)
        assert.notInclude(JSON.stringify(fault) + fault.message, secret)
      }
    }))
})

describe("Layers.log", () => {
  const capture = <A, E>(work: Effect.Effect<A, E>, level: "Debug" | "Info") =>
    Effect.gen(function*() {
      const lines: Array<{ readonly message: unknown; readonly annotations: Readonly<Record<string, unknown>> }> = []
      const texts: Array<string> = []
      const logger = Logger.make(({ cause, fiber, message }) => {
        const annotations = fiber.getRef(References.CurrentLogAnnotations)
        lines.push({ message, annotations })
        texts.push(JSON.stringify([message, annotations]), Cause.pretty(cause))
      })
      const exit = yield* Effect.exit(work).pipe(
        Effect.provideService(References.MinimumLogLevel, level),
        Effect.provideService(Logger.CurrentLoggers, new Set([logger]))
      )
      return { lines, text: texts.join("\n"), exit }
    })

  it.effect("KN-4 log writes start and end with outcome and duration, at debug only", () =>
    Effect.gen(function*() {
      const call = pipe(
        (input: boolean) => Effect.andThen(TestClock.adjust(20), input ? Effect.succeed(1) : Effect.fail(unavailable)),
        Layers.log("FindNote")
      )
      const { lines } = yield* capture(call(true), "Debug")
      assert.deepStrictEqual(lines, [
        { message: ["FindNote started"], annotations: {} },
        { message: ["FindNote ended"], annotations: { outcome: "ok", durationMillis: 20 } }
      ])
      const failed = yield* capture(call(false), "Debug")
      assert.deepInclude(failed.lines[1]?.annotations, { outcome: "unavailable" })
      assert.deepStrictEqual((yield* capture(call(true), "Info")).lines, [])
    }))

  it.effect("AR-5 log never writes inputs, outputs or errors", () =>
    Effect.gen(function*() {
      class Leaky extends Fault.define<Leaky>()("Leaky", "conflict", { text: Schema.String }, (it) => it.text) {}
      const echo = pipe((input: { readonly password: string }) => Effect.succeed(input), Layers.log("Login"))
      const failing = pipe(
        ({ password }: { readonly password: string }) => Effect.fail(new Leaky({ text: password })),
        Layers.log("Login")
      )
      const dying = pipe(
        ({ password }: { readonly password: string }) => Effect.die(new Error(password)),
        Layers.log("Login")
      )
      for (const call of [echo, failing, dying]) {
        const { exit, lines, text } = yield* capture<unknown, unknown>(call({ password: secret }), "Debug")
        assert.strictEqual(lines.length, 2)
        assert.notInclude(text, secret)
        assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : JSON.stringify(exit.value), secret)
      }
    }))
})
