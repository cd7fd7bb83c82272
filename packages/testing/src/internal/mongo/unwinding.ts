import { Lazy } from "mingo/lazy"
import type * as standard from "mingo/operators/pipeline"
import type { Doc } from "./documents.ts"
import { isPlain, valueAt } from "./documents.ts"

/** The stage `$unwind`. Mingo's own drops empty texts, and copies more than the path for each element. */
export const $unwind: typeof standard.$unwind = (documents, given) => {
  const stage = typeof given === "string" ? { path: given } : given
  const keys = stage.path.slice(1).split(".")
  const indexField = stage.includeArrayIndex
  const unwind = function*(document: Doc): Generator<Doc> {
    const value = valueAt(document, keys.join("."))
    const numbered = (each: Doc, index: number | null): Doc =>
      indexField === undefined ? each : { ...each, [indexField]: index }
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, element] of value.entries()) yield numbered(replaced(document, keys, element), index)
    } else if (value !== undefined && value !== null && !Array.isArray(value)) {
      yield numbered(document, null)
    } else if (stage.preserveNullAndEmptyArrays === true) {
      yield numbered(value === null ? document : replaced(document, keys, undefined), null)
    }
  }
  return Lazy(function*() {
    for (const document of documents) yield* unwind(document as Doc)
  }())
}

/** The document with another value at a path, or none; what is beside the path is shared. */
const replaced = (document: Doc, [key = "", ...rest]: ReadonlyArray<string>, value: unknown): Doc => {
  const { [key]: held, ...others } = document
  if (rest.length > 0) return isPlain(held) ? { ...document, [key]: replaced(held, rest, value) } : document
  return value === undefined ? others : { ...document, [key]: value }
}
