/** Statements with bound parameters. */
import type { ViewStore } from "@kanau/views"
import type { Fields } from "./keys.ts"

export interface Statement {
  readonly text: string
  readonly parameters: ReadonlyArray<string | ReadonlyArray<string>>
}

/** Binds a value, and says how the statement names it. */
export type Parameter = (value: string | number | ReadonlyArray<string | number>, type: string) => string

/** The values of a statement in the making. */
export interface Binder {
  readonly parameter: Parameter
  readonly parameters: Statement["parameters"]
}

export const binder = (): Binder => {
  const parameters: Array<string | ReadonlyArray<string>> = []
  return {
    parameters,
    // Sent as text: the client takes the type of a number from its value, and it must not differ from one to the next.
    parameter: (value, type) => {
      const text = typeof value === "object" ? value.map(String) : String(value)
      return `$${parameters.push(text)}::text${typeof value === "object" ? "[]" : ""}::${type}`
    }
  }
}

/**
 * Whether the index of a list looks so many values up one by one. Each costs the planner, and statements have limits; more
 * are compared with every element instead.
 */
export const canLookUp = ({ parameters }: Binder, values: number): boolean =>
  values <= 100 && parameters.length + values <= 500

/** What every index of a collection is restricted to. */
export const inCollection = (collection: string): string => `collection = ${literal(collection)} and not deleted`

export const typeOf = (fields: Fields, field: string): ViewStore.FieldType => fields[field] ?? "text"

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
