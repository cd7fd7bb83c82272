/**
 * A filter that has been understood: what `FilterParser` makes of a request, and what the other forms and the compiled
 * predicates are made from. It holds nothing but data; values are those of the normal form.
 */
import type { Entity } from "./Filters.ts"

/**
 * How a value is compared; the place is the number in the compact form.
 *
 * @example
 * ```ts
 * import { operators } from "@kanau/vndb/kana/Filter"
 *
 * operators.indexOf(">=") // => 2
 * ```
 */
export const operators = ["=", "!=", ">=", ">", "<=", "<"] as const

/** One of them. */
export type Operator = (typeof operators)[number]

/** Values by the rule that accepted them. */
export interface Values {
  readonly id: string
  /** What is searched for, as it was written. */
  readonly search: string
  readonly text: string
  /** One of an enumeration; null, 0 or "" for unknown. */
  readonly choice: string | number | null
  readonly number: number | null
  /** YYYYMMDD with 99 for unknown parts, 99999999 for TBA, 0 for unknown, 1 for today. */
  readonly date: number
  readonly one: 1
  readonly pair: readonly [number, number]
  readonly tag: { readonly tag: string; readonly spoiler: number; readonly level: number; readonly noLies: boolean }
  readonly trait: { readonly trait: string; readonly spoiler: number; readonly noLies: boolean }
  readonly label: { readonly user: string; readonly label: number }
  /** A site, or a link of it. */
  readonly link: { readonly site: string; readonly value: string | null }
}

/** A filter with the value of one rule. */
export interface Test<K extends keyof Values> {
  readonly is: K
  readonly name: string
  readonly op: Operator
  readonly value: Values[K]
}

/** A filter by value. */
export type Leaf = { readonly [K in keyof Values]: Test<K> }[keyof Values]

/** There is an entry of another kind, linked to this one, that fulfils the filter; or, with `!=`, there is none. */
export interface Nested {
  readonly is: "nested"
  readonly name: string
  readonly op: "=" | "!="
  readonly of: Entity
  readonly filter: Filter
}

/** Several filters combined; never empty. */
export interface Combined {
  readonly is: "and" | "or"
  readonly of: ReadonlyArray<Filter>
}

/** A filter. */
export type Filter = Leaf | Nested | Combined
