/** Random stacks of layers and adapters against a model that interprets them from the outside in. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, pipe, Schema } from "effect"
import { Processor } from "../../src/index.ts"
import {
  expectedSequence,
  Input,
  type Numbers,
  observe,
  type Observed,
  processorOf,
  Stage,
  type Trace
} from "./support.ts"

const Around = Schema.Struct({
  kind: Schema.Literals([
    "observe",
    "answer",
    "mapInput",
    "mapInput",
    "mapOutput",
    "mapOutput",
    "pureAdapter",
    "recover"
  ]),
  by: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))
})
type Around = typeof Around.Type
const Stack = Schema.Array(Around).check(Schema.isMaxLength(8))
const runs = { arbitrary: { runs: 300, size: 40 } }

/** The layer itself. Custom ones have a name, so that descriptions show them as well. */
const layerOf = ({ lines }: Trace, name: string, { by, kind }: Around): (next: Numbers) => Numbers => {
  const add = (where: string) => (n: number) => {
    lines.push(`${name} ${where}(${n})`)
    return n + by
  }
  switch (kind) {
    case "mapInput":
      return Processor.mapInput(add("in"))
    case "mapOutput":
      return Processor.mapOutput(add("out"))
    case "pureAdapter":
      return Processor.pureAdapter({ before: add("in"), after: add("out") })
    case "observe":
      return Processor.layer(kind, {}, (next: Numbers) => (input: number) => {
        lines.push(`${name} begins`)
        return Effect.onExit(
          Effect.suspend(() => next(input)),
          (exit) => Effect.sync(() => lines.push(`${name} sees ${exit._tag}`))
        )
      })
    case "answer":
      return Processor.layer(
        kind,
        {},
        (next: Numbers) => (input: number) => input % 3 === by % 3 ? Effect.succeed(by) : next(input)
      )
    case "recover":
      return Processor.layer(
        kind,
        {},
        (next: Numbers) => (input: number) => Effect.catch(Effect.suspend(() => next(input)), () => Effect.succeed(by))
      )
  }
}

/** What the stack must do: the first layer of the list is the outermost. */
const expected = (stack: ReadonlyArray<Around>, stage: Stage, input: number): Observed => {
  const lines: Array<string> = []
  const go = (depth: number, given: number): unknown => {
    const layer = stack[depth]
    if (layer === undefined) {
      const inner = expectedSequence([["core", stage]], given)
      lines.push(...inner.lines)
      return inner.outcome
    }
    const name = `l${depth}`
    const add = (where: string, n: number) => {
      lines.push(`${name} ${where}(${n})`)
      return n + layer.by
    }
    switch (layer.kind) {
      case "mapInput":
        return go(depth + 1, add("in", given))
      case "mapOutput": {
        const out = go(depth + 1, given)
        return typeof out === "number" ? add("out", out) : out
      }
      case "pureAdapter": {
        const out = go(depth + 1, add("in", given))
        return typeof out === "number" ? add("out", out) : out
      }
      case "observe": {
        lines.push(`${name} begins`)
        const out = go(depth + 1, given)
        lines.push(`${name} sees ${typeof out === "number" ? "Success" : "Failure"}`)
        return out
      }
      case "answer":
        return given % 3 === layer.by % 3 ? layer.by : go(depth + 1, given)
      case "recover": {
        const out = go(depth + 1, given)
        return Array.isArray(out) && String(out[0]).startsWith("fail") ? layer.by : out
      }
    }
  }
  return { outcome: go(0, input), lines }
}

const stacked = (trace: Trace, stack: ReadonlyArray<Around>, stage: Stage): Numbers =>
  stack.reduceRight((next, layer, depth) => layerOf(trace, `l${depth}`, layer)(next), processorOf(trace, "core", stage))

describe("laws of layers", () => {
  it.effect.prop(
    "KN-4 the outermost layer acts first and last; any may cut short, change input and output, or watch",
    { stack: Stack, stage: Stage, input: Input },
    ({ stack, stage, input }) =>
      Effect.gen(function*() {
        const seen = yield* observe(input, (trace) => {
          const processor = stacked(trace, stack, stage)
          assert.deepStrictEqual(
            Processor.shape(processor).layers.map(({ layer }) => layer),
            stack.map(({ kind }) => kind)
          )
          return processor
        })
        assert.deepStrictEqual(seen, expected(stack, stage, input))
      }),
    runs
  )

  it.effect.prop(
    "KN-4 what was built can be called again and used in two places: layers keep nothing of a call",
    { stack: Stack, more: Around, stage: Stage, input: Input },
    ({ stack, more, stage, input }) =>
      Effect.gen(function*() {
        const calm = { ...stage, ends: "succeed" } as const
        const seen = yield* observe(input, (trace) => {
          const shared = stacked(trace, stack, calm)
          // Wrapping once more must not change the one that is inside.
          layerOf(trace, "unused", more)(shared)
          return (n) => Effect.flatMap(shared(n), () => shared(n))
        })
        const once = expected(stack, calm, input)
        assert.deepStrictEqual(seen, { outcome: once.outcome, lines: [...once.lines, ...once.lines] })
      }),
    runs
  )
})

describe("laws of adapters", () => {
  const Pair = Schema.Struct({ before: Stage, after: Stage })

  it.effect.prop(
    "KN-5 adapters run before, inner, after; what fails first ends it and skips the rest",
    { pairs: Schema.Array(Pair).check(Schema.isMaxLength(3)), inner: Stage, input: Input },
    ({ pairs, inner, input }) =>
      Effect.gen(function*() {
        const sequence = [
          ...pairs.map(({ before }, at) => [`before${at}`, before] as const),
          ["inner", inner] as const,
          ...pairs.map(({ after }, at) => [`after${at}`, after] as const).toReversed()
        ]
        for (const isEmbedded of [false, true]) {
          const seen = yield* observe(input, (trace) =>
            pairs.reduceRight((next: Numbers, pair, at) => {
              const around = {
                before: processorOf(trace, `before${at}`, pair.before),
                after: processorOf(trace, `after${at}`, pair.after)
              }
              return isEmbedded ? Processor.embed(next, around) : pipe(next, Processor.adapter(around))
            }, processorOf(trace, "inner", inner)))
          assert.deepStrictEqual(seen, expectedSequence(sequence, input))
        }
      }),
    runs
  )

  it.effect.prop(
    "KN-5 a pure adapter equals the adapter of processors that only succeed",
    { inner: Stage, input: Input },
    ({ inner, input }) =>
      Effect.gen(function*() {
        const seen = yield* observe(input, (trace) =>
          pipe(
            processorOf(trace, "inner", inner),
            Processor.pureAdapter({ before: (n: number) => n + 1, after: String })
          ))
        const same = yield* observe(input, (trace) =>
          pipe(
            processorOf(trace, "inner", inner),
            Processor.adapter({
              before: (n: number) => Effect.succeed(n + 1),
              after: (n: number) => Exit.succeed(String(n))
            })
          ))
        assert.deepStrictEqual(seen, same)
      }),
    runs
  )
})
