/** What built processors are made of: noted when they are built, read by `describe`, never looked at by a call. */

/** One layer around a processor. */
export interface LayerInfo {
  /** As in `Layers`: `retry`, `timeout`. */
  readonly layer: string
  /** The settings that matter to a reader; durations in milliseconds, names end in `Millis`. */
  readonly settings: Readonly<Record<string, string | number | boolean>>
}

/** What a processor is made of. */
export interface Shape {
  /** Name of the function at the core; `chain` for a chain. */
  readonly name: string
  /** Outermost first. */
  readonly layers: ReadonlyArray<LayerInfo>
  /** The stages of a chain, in order; empty for anything else. */
  readonly stages: ReadonlyArray<Shape>
}

type AnyFunction = (input: never) => unknown

const shapes = new WeakMap<AnyFunction, Shape>()

/** The shape of a processor; a plain function has its name and nothing else. */
export const shapeOf = (processor: AnyFunction): Shape =>
  shapes.get(processor) ?? { name: processor.name || "anonymous", layers: [], stages: [] }

/** Notes that `outer` is `next` with a layer around it, and returns `outer`. */
export const layered = <P extends AnyFunction>(
  layer: string,
  settings: LayerInfo["settings"],
  next: AnyFunction,
  outer: P
): P => {
  const inner = shapeOf(next)
  shapes.set(outer, { ...inner, layers: [{ layer, settings }, ...inner.layers] })
  return outer
}

/** Notes that `whole` runs `stages` one after the other, and returns `whole`. */
export const chained = <P extends AnyFunction>(stages: ReadonlyArray<AnyFunction>, whole: P): P => {
  shapes.set(whole, { name: "chain", layers: [], stages: stages.map(shapeOf) })
  return whole
}
