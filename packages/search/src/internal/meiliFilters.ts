/** Filters in the language of Meilisearch. What may be in them was checked before (`checks`). */
import type { Filter, Scalar } from "../Filter.ts"

/** The expression; `undefined` for a filter that everything fits. */
export const expression = (filter: Filter | undefined): string | undefined => {
  const written = filter === undefined ? true : write(filter)
  return written === true ? undefined : written === false ? nothing : written
}

/** Every document has a key. */
const nothing = "key NOT EXISTS"

/** An expression, or whether everything or nothing fits. */
const write = (filter: Filter): string | boolean => {
  switch (filter.op) {
    case "is":
      return `${attribute(filter.field)} = ${literal(filter.value)}`
    case "oneOf":
      return filter.values.length > 0 && `${attribute(filter.field)} IN [${filter.values.map(literal).join(", ")}]`
    case "between": {
      const { atLeast, atMost } = filter
      const field = attribute(filter.field)
      // One element of a list must be in the range, which two comparisons would not say.
      if (atLeast !== undefined && atMost !== undefined) {
        return atLeast <= atMost && `${field} ${literal(atLeast)} TO ${literal(atMost)}`
      }
      return atLeast === undefined
        ? `${field} <= ${literal(atMost ?? Number.MAX_VALUE)}`
        : `${field} >= ${literal(atLeast)}`
    }
    case "missing":
      return `(${attribute(filter.field)} NOT EXISTS OR ${attribute(filter.field)} IS NULL)`
    case "not": {
      const inner = write(filter.filter)
      return typeof inner === "boolean" ? !inner : `NOT (${inner})`
    }
    case "allOf": {
      const parts = filter.filters.map(write).filter((part) => part !== true)
      return parts.includes(false) ? false : parts.length === 0 ? true : `(${parts.join(" AND ")})`
    }
    case "anyOf": {
      const parts = filter.filters.map(write).filter((part) => part !== false)
      return parts.includes(true) ? true : parts.length === 0 ? false : `(${parts.join(" OR ")})`
    }
  }
}

/** Documents keep their own fields below `fields`, apart from what the adapter adds. */
export const attribute = (field: string): string => `fields.${field}`

/** In quotes whatever it is: `1e+21` is no word of the language, and quoted numbers compare as numbers. */
const literal = (value: Scalar): string => `"${String(value).replaceAll("\"", "\\\"")}"`
