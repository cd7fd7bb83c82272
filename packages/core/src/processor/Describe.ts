/** Looking at what was built. */
import { layered, type LayerInfo, type Shape, shapeOf } from "../internal/shape.ts"

export type { LayerInfo, Shape } from "../internal/shape.ts"

/**
 * What a processor is made of: its name, the layers around it with their settings, the stages of a chain. Nothing is
 * run.
 *
 * @example
 * ```ts
 * import { Layers, Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const guarded = pipe((n: number) => Effect.succeed(n), Layers.timeout("double", "2 seconds"))
 * Processor.shape(guarded).layers.map(({ layer }) => layer) // => ["timeout"]
 * ```
 */
export const shape = (processor: (input: never) => unknown): Shape => shapeOf(processor)

/**
 * Gives a layer of your own a name, under which it stands in descriptions.
 *
 * @example
 * ```ts
 * import { Processor } from "@kanau/core"
 * import { Effect, pipe } from "effect"
 *
 * const seen: Array<unknown> = []
 * const audit = Processor.layer("audit", {}, <In, Out, Err, Req>(next: Processor.Processor<In, Out, Err, Req>) =>
 *   (input: In) => Effect.tap(next(input), () => Effect.sync(() => seen.push(input)))
 * )
 * const audited = pipe((n: number) => Effect.succeed(n + 1), audit)
 * Effect.runSync(audited(1)) // => 2
 * Processor.shape(audited).layers.map(({ layer }) => layer) // => ["audit"]
 * ```
 */
export const layer = <L extends (next: never) => (input: never) => unknown>(
  name: string,
  settings: LayerInfo["settings"],
  build: L
): L => {
  const named = (next: (input: never) => unknown) => layered(name, settings, next, build(next as never))
  // The same function, that also notes its name.
  return named as unknown as L
}
