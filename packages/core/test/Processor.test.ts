import { assert, describe, it } from "@effect/vitest"
import { Cause, Chunk, Context, Deferred, Effect, Exit, pipe, Schema, Stream } from "effect"
import { expectTypeOf } from "vitest"
import { Fault, Layers, Operation, Processor } from "../src/index.ts"

class NoteNotFound extends Fault.define<NoteNotFound>()(
  "NoteNotFound",
  "not-found",
  { id: Schema.String },
  ({ id }) => `There is no note ${id}.`
) {}
class FindNote extends Operation.define<FindNote>()("FindNote", {
  input: { id: Schema.String },
  output: Schema.Struct({ text: Schema.String }),
  errors: [NoteNotFound]
}) {}
class DeleteNote extends Operation.define<DeleteNote>()("DeleteNote", {
  input: { id: Schema.String },
  output: Schema.Boolean
}) {}
class Notes extends Context.Service<Notes, Map<string, string>>()("test/Notes") {}

const find = Processor.on(FindNote, ({ id }) =>
  Effect.flatMap(Notes, (notes) => {
    const text = notes.get(id)
    return text === undefined ? Effect.fail(new NoteNotFound({ id })) : Effect.succeed({ text })
  }))
const remove = Processor.on(DeleteNote, ({ id }) => Effect.map(Notes, (notes) => notes.delete(id)))
const service = Processor.serve(find, remove)
const withNotes = Effect.provideService(Notes, new Map([["n1", "hello"]]))

/** Processors of every ending: success, failure, defect, interruption. */
type Ending = "succeed" | "fail" | "die" | "interrupt"
const endings: ReadonlyArray<Ending> = ["succeed", "fail", "die", "interrupt"]
const ending =
  (kind: Ending, log: Array<string>, name: string): Processor.Processor<number, number, string> => (input) =>
    Effect.suspend(() => {
      log.push(`${name}(${input})`)
      switch (kind) {
        case "succeed":
          return Effect.succeed(input + 1)
        case "fail":
          return Effect.fail(`${name} failed`)
        case "die":
          return Effect.die(`${name} died`)
        case "interrupt":
          return Effect.interrupt
      }
    })

const outcome = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.exit(effect), (exit) =>
    Exit.isSuccess(exit)
      ? { ok: exit.value }
      : {
        reasons: exit.cause.reasons.map((reason) =>
          reason._tag === "Fail" ? `fail ${reason.error}` : reason._tag === "Die" ? `die ${reason.defect}` : "interrupt"
        )
      })

describe("Processor", () => {
  it.effect("KN-1 one service serves many operations, told apart by class although their fields are equal", () =>
    Effect.gen(function*() {
      const found = yield* service.process(new FindNote({ id: "n1" }))
      assert.deepStrictEqual(found, { text: "hello" })
      assert.strictEqual(yield* service.process(new DeleteNote({ id: "n1" })), true)
      const missing = yield* Effect.flip(service.process(new FindNote({ id: "n1" })))
      assert.instanceOf(missing, NoteNotFound)
    }).pipe(withNotes))

  it("KN-1 output, error and needs follow from the class of the input", () => {
    expectTypeOf(service.process(new FindNote({ id: "n1" }))).toEqualTypeOf<
      Effect.Effect<{ readonly text: string }, NoteNotFound, Notes>
    >()
    expectTypeOf(service.process(new DeleteNote({ id: "n1" }))).toEqualTypeOf<Effect.Effect<boolean, never, Notes>>()
    // @ts-expect-error an operation this service does not serve
    void (() => service.process(new Date()))
    // @ts-expect-error an error the operation does not declare
    Processor.on(DeleteNote, () => Effect.fail(new NoteNotFound({ id: "n1" })))
  })

  it.effect("KN-1 an operation without a handler is a defect that names it", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(
        Processor.serve(find).process(new DeleteNote({ id: "n1" }) as never) as Effect.Effect<unknown>
      )
      assert.include(Cause.pretty(Exit.isFailure(exit) ? exit.cause : Cause.empty), "DeleteNote")
    }))

  it("KN-1 two handlers of one operation are refused when the service is made", () => {
    assert.throws(() => Processor.serve(find, find), /FindNote has two handlers/)
  })

  it.effect("KN-2 chain runs the second only after the first succeeded, and passes its failure on unchanged", () =>
    Effect.gen(function*() {
      for (const first of endings) {
        const log: Array<string> = []
        const result = yield* outcome(Processor.chain(ending(first, log, "a"), ending("succeed", log, "b"))(1))
        const alone = yield* outcome(ending(first, [], "a")(1))
        assert.deepStrictEqual(log, first === "succeed" ? ["a(1)", "b(2)"] : ["a(1)"])
        assert.deepStrictEqual(result, first === "succeed" ? { ok: 3 } : alone)
      }
    }))

  it.effect("KN-3 identity and associativity hold for every ending of every stage", () =>
    Effect.gen(function*() {
      for (const a of endings) {
        const log: Array<string> = []
        const p = ending(a, log, "a")
        const alone = yield* outcome(p(1))
        assert.deepStrictEqual(yield* outcome(Processor.chain(Processor.identity<number>(), p)(1)), alone)
        assert.deepStrictEqual(yield* outcome(Processor.chain(p, Processor.identity<number>())(1)), alone)
        for (const b of endings) {
          for (const c of endings) {
            const left: Array<string> = []
            const right: Array<string> = []
            const stages = (into: Array<string>) =>
              [ending(a, into, "a"), ending(b, into, "b"), ending(c, into, "c")] as const
            const [l1, l2, l3] = stages(left)
            const [r1, r2, r3] = stages(right)
            assert.deepStrictEqual(
              yield* outcome(Processor.chain(Processor.chain(l1, l2), l3)(1)),
              yield* outcome(Processor.chain(r1, Processor.chain(r2, r3))(1))
            )
            assert.deepStrictEqual(left, right)
          }
        }
      }
    }))

  it.effect("KN-4 layers may short-circuit, change input and output, and nest with the last applied outermost", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const noted = (name: string): Processor.Passthrough => (next) => (input) => {
        log.push(name)
        return next(input)
      }
      const cached = <Out, E, R>(next: Processor.Processor<number, Out, E, R>) => (input: number) =>
        input === 0 ? Effect.succeed("cached" as const) : next(input)
      const processor = pipe(
        (input: number) => Effect.sync(() => `inner ${input}`),
        cached,
        noted("inner"),
        noted("outer")
      )
      assert.strictEqual(yield* processor(0), "cached")
      assert.strictEqual(yield* processor(1), "inner 1")
      assert.deepStrictEqual(log, ["outer", "inner", "outer", "inner"])
    }))

  it.effect("KN-5 an adapter skips the inner processor when its first stage fails", () =>
    Effect.gen(function*() {
      for (const before of endings) {
        const log: Array<string> = []
        const layer = Processor.adapter({
          before: ending(before, log, "before"),
          after: ending("succeed", log, "after")
        })
        yield* outcome(layer(ending("succeed", log, "inner"))(1))
        assert.deepStrictEqual(log, before === "succeed" ? ["before(1)", "inner(2)", "after(3)"] : ["before(1)"])
      }
    }))

  it.effect("KN-5 a pure adapter changes both types", () =>
    Effect.gen(function*() {
      const layer = Processor.pureAdapter({ before: (text: string) => text.length, after: (n: number) => n % 2 === 0 })
      const even = layer((n: number) => Effect.succeed(n))
      expectTypeOf(even).toEqualTypeOf<Processor.Processor<string, boolean>>()
      assert.strictEqual(yield* even("four"), true)
    }))

  it.effect("KN-6 parallelMap yields in completion order, keeps its bound, and goes on after a failed item", () =>
    Effect.gen(function*() {
      let running = 0
      let most = 0
      const gates = yield* Effect.all([1, 2, 3, 4].map(() => Deferred.make<void>()))
      const processor = (n: number) =>
        Effect.gen(function*() {
          most = Math.max(most, ++running)
          if (n === 3) yield* Deferred.succeed(gates[0] as Deferred.Deferred<void>, undefined)
          if (n === 1) yield* Deferred.await(gates[0] as Deferred.Deferred<void>)
          running--
          return n === 2 ? yield* Effect.fail("two") : n
        })
      const results = yield* Stream.runCollect(Processor.parallelMap([1, 2, 3, 4], processor, { concurrency: 2 }))
      const seen = Chunk.toReadonlyArray(Chunk.fromIterable(results)).map((exit) =>
        Exit.isSuccess(exit) ? exit.value : "failed"
      )
      assert.strictEqual(most, 2)
      assert.notStrictEqual(seen[0], 1)
      assert.deepStrictEqual([...seen].sort(), [1, 3, 4, "failed"])
    }))

  it.effect("KN-9 a throw inside a processor is a defect of that call, seen as the kind `defect`", () =>
    Effect.gen(function*() {
      const thrower = pipe(
        (_: number): Effect.Effect<number> =>
          Effect.sync(() => {
            throw new Error("boom")
          }),
        Layers.meter("thrower")
      )
      const exit = yield* Effect.exit(thrower(1))
      assert.strictEqual(Exit.isFailure(exit) && Fault.kindOf(exit.cause), "defect")
    }))
})
