/**
 * What becomes of a message when its handler fails: a total map from the errors of the handler, checked by the compiler
 * where the handler is bound to its message. An error is in the map when
 *
 * - its kind needs no declaration (`Fault.Undeclared`: unavailable, timeout, conflict, invariant, rate-limited), or
 * - its class stands in `errors`: then its fault kind decides, by `Fault.rules`, or
 * - its tag stands in `dispositions`, which overrules the kind and also takes errors that have none.
 *
 * A handler that can fail with anything else does not compile.
 */
import { Fault, type System } from "@kanau/core"

/** The part of the map that is written down. */
export interface Declared {
  /** Errors whose fault kind decides. */
  readonly errors?: ReadonlyArray<Fault.AnyClass>
  /** Tag of an error → what becomes of the message. */
  readonly dispositions?: Readonly<Record<string, Fault.Disposition>>
}

/** `unknown` when every error in `E` is in the map, otherwise a sentence that says which is not. */
export type Total<E, D extends Declared> = [Missing<E, D>] extends [never] ? unknown
  : `${TagOf<Missing<E, D>>} has no disposition: name it in errors or dispositions`

type Missing<E, D extends Declared> = Exclude<
  E,
  Fault.Undeclared | ClassesOf<D>["Type"] | { readonly _tag: keyof D["dispositions"] }
>

type ClassesOf<D extends Declared> = D["errors"] extends ReadonlyArray<infer Class extends Fault.AnyClass> ? Class
  : never

type TagOf<E> = E extends { readonly _tag: infer Tag extends string } ? Tag : "An error without a _tag"

/** The declared part of the map as lines, in the order of declaration. */
export const rows = ({ errors = [], dispositions = {} }: Declared): ReadonlyArray<System.ErrorDisposition> => {
  const byClass = errors.map((error): System.ErrorDisposition => ({
    error: error.identifier,
    kind: error.kind,
    disposition: dispositions[error.identifier] ?? Fault.rule(error.kind).disposition
  }))
  const named = new Set(byClass.map(({ error }) => error))
  return [
    ...byClass,
    ...Object.entries(dispositions).filter(([error]) => !named.has(error)).map(([error, disposition]) => ({
      error,
      disposition
    }))
  ]
}
