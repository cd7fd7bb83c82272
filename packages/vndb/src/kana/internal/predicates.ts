/** Predicates made short: what is nested for no reason is flattened, and values of one field are put together. */
import type { Plan } from "../Plan.ts"

type Value = string | number | boolean | null

/** Holds always. */
export const always: Plan = { all: [] }

/** Holds never. */
export const never: Plan = { any: [] }

export const isIn = (field: string, ...values: ReadonlyArray<Value>): Plan => ({ field, is: "in", values })

/** The complement. */
export const not = (plan: Plan): Plan => "not" in plan ? plan.not : { not: plan }

/** All of them; `x not in a` and `x not in b` become one. */
export const all = (plans: ReadonlyArray<Plan>): Plan => {
  const parts = plans.flatMap((plan) => "all" in plan ? plan.all : [plan])
  if (parts.some((part) => "any" in part && part.any.length === 0)) return never
  return only("all", merged(parts, (part) => "not" in part ? part.not : undefined, not))
}

/** At least one of them; `x in a` and `x in b` become one. */
export const any = (plans: ReadonlyArray<Plan>): Plan => {
  const parts = plans.flatMap((plan) => "any" in plan ? plan.any : [plan])
  if (parts.some((part) => "all" in part && part.all.length === 0)) return always
  return only("any", merged(parts, (part) => part, (part) => part))
}

const only = (key: "all" | "any", parts: ReadonlyArray<Plan>): Plan => {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  return key === "all" ? { all: parts } : { any: parts }
}

/** Parts with the same field and `in` as one, where the first of them was. */
const merged = (
  parts: ReadonlyArray<Plan>,
  inside: (part: Plan) => Plan | undefined,
  outside: (part: Plan) => Plan
): ReadonlyArray<Plan> => {
  const places = new Map<string, number>()
  const found: Array<Plan> = []
  for (const part of parts) {
    const one = inside(part)
    const field = one !== undefined && "field" in one && one.is === "in" ? one.field : undefined
    const place = field === undefined ? undefined : places.get(field)
    const earlier = place === undefined ? undefined : inside(found[place] ?? never)
    if (one !== undefined && place !== undefined && earlier !== undefined && "values" in one && "values" in earlier) {
      found[place] = outside(isIn(earlier.field, ...new Set([...earlier.values, ...one.values])))
    } else {
      if (field !== undefined) places.set(field, found.length)
      found.push(part)
    }
  }
  return found
}
