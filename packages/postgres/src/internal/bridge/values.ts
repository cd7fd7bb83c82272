/**
 * Values as `to_jsonb` writes them, from the text that replication has of them. What is common is converted here; arrays
 * and composite types are left to PostgreSQL, many values in one statement.
 */
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"

/** A value of a row: JSON text, or nothing when it was not sent. */
export interface Field {
  readonly name: string
  json: string | undefined
}

export interface Values {
  /** Notes the value of a field; what cannot be converted at once is, with the next `settle`. */
  readonly set: (field: Field, type: number, text: string | null | undefined) => void
  readonly settle: Effect.Effect<void, SqlError.SqlError>
}

type Convert = (text: string) => string

export const make = (sql: PgClient.PgClient): Values => {
  const known = new Map(common)
  /** Whose conversion is PostgreSQL's work, by type: its name in SQL. */
  const left = new Map<number, string>()
  let waiting = new Map<number, Array<readonly [Field, string]>>()

  const learn = (types: ReadonlyArray<number>) =>
    Effect.map(
      sql<{ oid: number; name: string; plain: boolean }>`
        select oid::integer as oid, format_type(oid, null) as name,
          typtype in ('b', 'e', 'r', 'm') and typcategory <> 'A'
            and not exists (select 1 from pg_cast where castsource = pg_type.oid and casttarget = 'json'::regtype) as plain
        from pg_type where oid in ${sql.in(types)}`,
      (rows) => {
        for (const { name, oid, plain } of rows) {
          if (plain) known.set(oid, string)
          else left.set(oid, name)
        }
      }
    )

  const ask = (type: string, texts: ReadonlyArray<string>) =>
    sql.withTransaction(Effect.andThen(
      sql`select set_config(name, value, true) from (values ('timezone', 'UTC'), ('intervalstyle', 'postgres'),
        ('bytea_output', 'hex'), ('extra_float_digits', '1')) setting(name, value)`,
      sql<{ json: string }>`select to_jsonb(text::${sql.literal(type)})::text as json
        from json_array_elements_text(${JSON.stringify(texts)}::json) with ordinality as value(text, n) order by n`
    )).pipe(
      Effect.map((rows) => rows.map(({ json }) => json)),
      // The type is no longer what it was when the value was written.
      Effect.catchIf(isAboutData, () => Effect.succeed(texts.map(string)))
    )

  const settle = Effect.suspend(() => {
    if (waiting.size === 0) return Effect.void
    const work = waiting
    waiting = new Map()
    const unknown = [...work.keys()].filter((type) => !known.has(type) && !left.has(type))
    return Effect.andThen(
      unknown.length === 0 ? Effect.void : learn(unknown),
      Effect.forEach(work, ([type, values]) => {
        const name = left.get(type)
        // A type that has been dropped is not known any more.
        const convert = known.get(type) ?? string
        const converted = name === undefined
          ? Effect.succeed(values.map(([, text]) => convert(text)))
          : ask(name, values.map(([, text]) => text))
        return Effect.map(converted, (jsons) => {
          for (const [at, [field]] of values.entries()) field.json = jsons[at]
        })
      }, { discard: true })
    )
  })

  return {
    set: (field, type, text) => {
      if (text === undefined) return
      const convert = known.get(type)
      if (text === null) field.json = "null"
      else if (convert !== undefined) field.json = convert(text)
      else {
        const values = waiting.get(type)
        if (values === undefined) waiting.set(type, [[field, text]])
        else values.push([field, text])
      }
    },
    settle
  }
}

const string: Convert = (text) => JSON.stringify(text)
const number: Convert = (text) => /^-?\d/.test(text) ? text : string(text)
const raw: Convert = (text) => text
const boolean: Convert = (text) => text === "t" ? "true" : "false"
/** But not `infinity` and `-infinity`. */
const timestamp: Convert = (text) =>
  string(/^\d/.test(text) ? text.replace(" ", "T").replace(/\+00(?= BC|$)/, "+00:00") : text)

/** By the numbers PostgreSQL gave its types for good. */
const common: ReadonlyArray<readonly [type: number, Convert]> = [
  [16, boolean],
  ...[20, 21, 23, 700, 701, 1700].map((type) => [type, number] as const),
  ...[114, 3802].map((type) => [type, raw] as const),
  ...[1114, 1184].map((type) => [type, timestamp] as const),
  // bytea, name, text, char(n), varchar, date, time, interval, uuid
  ...[17, 19, 25, 1042, 1043, 1082, 1083, 1186, 2950].map((type) => [type, string] as const)
]

/** Errors of the classes "data", "constraint" and "syntax or name"; the others are about the connection. */
const isAboutData = (error: SqlError.SqlError): boolean => {
  const { cause } = error.reason
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" && /^(22|23|42)/.test(cause.code)
}
