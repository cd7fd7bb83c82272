/**
 * Filters as data: what a document must be like, on fields that its index declares `filterable`. Nothing is written in
 * an engine's own language, so nothing has to be escaped, and what a user sends can be checked before it is asked.
 *
 * Text is compared without regard to case. Of a field with several values one must fit. A field that is absent or null
 * fits nothing but `missing`; `not` fits whatever its filter does not.
 */

/** A single value of a field. */
export type Scalar = string | number | boolean

/** A filter on some of the fields `Field`. */
export type Filter<Field extends string = string> =
  | { readonly op: "is"; readonly field: Field; readonly value: Scalar }
  | { readonly op: "oneOf"; readonly field: Field; readonly values: ReadonlyArray<Scalar> }
  | { readonly op: "between"; readonly field: Field; readonly atLeast?: number; readonly atMost?: number }
  | { readonly op: "missing"; readonly field: Field }
  | { readonly op: "not"; readonly filter: Filter<Field> }
  | { readonly op: "allOf"; readonly filters: ReadonlyArray<Filter<Field>> }
  | { readonly op: "anyOf"; readonly filters: ReadonlyArray<Filter<Field>> }

/**
 * The field has this value.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.is("olang", "ja") // => { op: "is", field: "olang", value: "ja" }
 * ```
 */
export const is = <const Field extends string>(field: Field, value: Scalar): Filter<Field> => ({
  op: "is",
  field,
  value
})

/**
 * The field has one of these values; none of them when there are none.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.oneOf("olang", ["ja", "en"]) // => { op: "oneOf", field: "olang", values: ["ja", "en"] }
 * ```
 */
export const oneOf = <const Field extends string>(field: Field, values: ReadonlyArray<Scalar>): Filter<Field> => ({
  op: "oneOf",
  field,
  values
})

/**
 * The field is a number in this range, ends included.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.between("year", { atLeast: 2004 }) // => { op: "between", field: "year", atLeast: 2004 }
 * ```
 */
export const between = <const Field extends string>(
  field: Field,
  range: { readonly atLeast?: number; readonly atMost?: number }
): Filter<Field> => ({ op: "between", field, ...range })

/**
 * The field is absent or null.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.missing("rating") // => { op: "missing", field: "rating" }
 * ```
 */
export const missing = <const Field extends string>(field: Field): Filter<Field> => ({ op: "missing", field })

/**
 * What this filter does not fit.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.not(Filter.missing("rating")).op // => "not"
 * ```
 */
export const not = <Field extends string>(filter: Filter<Field>): Filter<Field> => ({ op: "not", filter })

/**
 * What all of these fit; everything when there are none.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.allOf(Filter.is("olang", "ja"), Filter.between("year", { atMost: 1999 })).op // => "allOf"
 * ```
 */
export const allOf = <Field extends string>(...filters: ReadonlyArray<Filter<Field>>): Filter<Field> => ({
  op: "allOf",
  filters
})

/**
 * What one of these fits; nothing when there are none.
 *
 * @example
 * ```ts
 * import { Filter } from "@kanau/search"
 *
 * Filter.anyOf(Filter.is("olang", "ja"), Filter.is("olang", "en")).op // => "anyOf"
 * ```
 */
export const anyOf = <Field extends string>(...filters: ReadonlyArray<Filter<Field>>): Filter<Field> => ({
  op: "anyOf",
  filters
})
