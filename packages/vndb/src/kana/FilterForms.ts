/** The forms in which a filter is written back: what `normalized_filters` and `compact_filters` answer. */
import { type Filter, operators } from "./Filter.ts"
import { type Entity, filters } from "./Filters.ts"
import { encodeNested, encodeNumber, encodeTest } from "./internal/compactText.ts"
import { toCompact, toJson } from "./internal/filterValues.ts"

/**
 * The normal form, to be written as JSON; null for no filter.
 *
 * @example
 * ```ts
 * import * as FilterForms from "@kanau/vndb/kana/FilterForms"
 *
 * FilterForms.normal({ is: "id", name: "id", op: "=", value: "v17" }) // => ["id", "=", "v17"]
 * ```
 */
export const normal = (filter: Filter | null): unknown => {
  if (filter === null) return null
  switch (filter.is) {
    case "and":
    case "or":
      return [filter.is, ...filter.of.map(normal)]
    case "nested":
      return [filter.name, filter.op, normal(filter.filter)]
    default:
      return [filter.name, filter.op, toJson(filter)]
  }
}

/**
 * The compact form; empty for no filter. Levels of tags are cut to steps of 0.2, since it holds no others.
 *
 * @example
 * ```ts
 * import * as FilterForms from "@kanau/vndb/kana/FilterForms"
 *
 * FilterForms.compact("vn", { is: "id", name: "id", op: "=", value: "v17" }) // => "Nv0h"
 * ```
 */
export const compact = (entity: Entity, filter: Filter | null): string => {
  if (filter === null) return ""
  if (!("name" in filter)) {
    const parts = filter.of.map((each) => compact(entity, each))
    return (filter.is === "and" ? "0" : "1") + encodeNumber(parts.length) + parts.join("")
  }
  const code = filters[entity][filter.name]?.code ?? 0
  const op = operators.indexOf(filter.op)
  return filter.is === "nested"
    ? encodeNested(code, op) + compact(filter.of, filter.filter)
    : encodeTest(code, op, toCompact(filter))
}
