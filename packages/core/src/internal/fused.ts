/**
 * Pure functions around processors. When the processor has such functions around it already, old and new ones become
 * one step: a call then costs one `Effect.map` for any number of them.
 */
import { Effect } from "effect"
import type { Processor } from "../processor/Types.ts"

/** Everything inside was checked by the types of whoever put it together. */
type Step = (value: unknown) => unknown
type Leaf = Processor<unknown, unknown, unknown, unknown>

interface Fused {
  readonly befores: ReadonlyArray<Step>
  readonly leaf: Leaf
  readonly afters: ReadonlyArray<Step>
}

const known = new WeakMap<(input: never) => unknown, Fused>()

/** `next` with a function before and a function after it. */
export const fused = <In2, In, Out, Out2, Err, Req>(
  next: Processor<In, Out, Err, Req>,
  before: ((input: In2) => In) | undefined,
  after: ((output: Out) => Out2) | undefined
): Processor<In2, Out2, Err, Req> => {
  const inner = known.get(next) ?? { befores: [], leaf: next as Leaf, afters: [] }
  const parts: Fused = {
    befores: before === undefined ? inner.befores : [before as Step, ...inner.befores],
    leaf: inner.leaf,
    afters: after === undefined ? inner.afters : [...inner.afters, after as Step]
  }
  const whole = assemble(parts)
  known.set(whole, parts)
  return whole as Processor<In2, Out2, Err, Req>
}

const assemble = ({ befores, leaf, afters }: Fused): Leaf => {
  const prepare = sequence(befores)
  if (afters.length === 0) return (input) => leaf(prepare(input))
  const shape = sequence(afters)
  return (input) => Effect.mapEager(leaf(prepare(input)), shape)
}

const sequence = (steps: ReadonlyArray<Step>): Step => (value) => {
  let current = value
  for (const step of steps) current = step(current)
  return current
}
