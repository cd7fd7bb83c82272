/**
 * A processor turns an input into an `Effect` of its output and error. A plain effectful function is one; everything
 * here combines such functions into larger ones. Combine once, at start-up; a call then only runs what was built.
 *
 * A {@link ProcessorLayer} wraps a processor. Layers go around a processor with `pipe`, the innermost first.
 *
 * A processor reports what can go wrong as a fault in its `Effect`. What it throws is a bug: runners turn it into the
 * defect of that one call.
 */
export { adapter, embed, mapInput, mapOutput, pureAdapter } from "./processor/Adapter.ts"
export { andThen, chain, identity } from "./processor/Chain.ts"
export { layer, type LayerInfo, type Shape, shape } from "./processor/Describe.ts"
export {
  type Batch,
  type Concurrency,
  parallelMap,
  parallelMapBatched,
  parallelMapOrdered
} from "./processor/ParallelMap.ts"
export {
  type AnyHandler,
  type Complete,
  type Declared,
  dependencies,
  type Handler,
  on,
  type Requirements,
  serve,
  type Service
} from "./processor/Service.ts"
export type { Passthrough, Processor, ProcessorLayer } from "./processor/Types.ts"
