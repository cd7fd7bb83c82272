/** Upcasters: how a message of an older shape becomes one of a newer shape. */
import type { Schema } from "effect"
import type { Format } from "../Codec.ts"

/** A step from the shape that messages had up to version `from` to the next newer shape. */
export interface Upcast<in Old = never, out Newer = unknown> {
  readonly from: number
  readonly schema: Schema.Codec<object, unknown>
  readonly up: (old: Old) => Newer
  /** The wire format of those messages; the contract's own when absent. */
  readonly format: Format | undefined
}

/** Upcasters of which each makes what the next one takes, and the last one what the class takes. */
export type UpcastChain<Upcasts extends ReadonlyArray<unknown>, Current> = Upcasts extends
  readonly [infer First, ...infer Rest] ? readonly [
    Upcast<OldOf<First>, Rest extends readonly [infer Next, ...infer _] ? OldOf<Next> : Current>,
    ...UpcastChain<Rest, Current>
  ]
  : readonly []

type OldOf<Step> = Step extends { readonly up: (old: infer Old) => unknown } ? Old : never
