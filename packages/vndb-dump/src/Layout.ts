/**
 * The layout of VNDB's dump as data: its tables, their columns in the order of the dump, keys, references and enums, as
 * of 2026-03-14.
 *
 * It describes; it does not read anything. A dump's own header decides which columns a file has and in which order:
 * VNDB moves columns, and adds and removes some every year. References may dangle in a real dump where the far side was
 * hidden. The animation columns of `releases`, which are flags, are small integers here.
 */
import { enums } from "./internal/layout/enums.ts"
import { notation } from "./internal/layout/notation.ts"

/** What a cell holds. An id without prefixes may be of any kind. */
export type Type =
  | { readonly kind: "integer"; readonly bytes: 2 | 4 | 8 }
  | { readonly kind: "boolean" | "text" | "date" | "uuid" }
  | { readonly kind: "id"; readonly prefixes: ReadonlyArray<string> }
  | { readonly kind: "enum"; readonly name: EnumName }
  | { readonly kind: "array"; readonly of: Type }

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly type: Type
  readonly nullable: boolean
}

/** Columns whose values are those of the target's columns, in the same order; none when one of them is NULL. */
export interface Reference {
  readonly columns: ReadonlyArray<string>
  readonly table: TableName
  readonly targets: ReadonlyArray<string>
}

/** Columns that are unique together beside the key; `nullsEqual` says whether NULL equals NULL there. */
export interface Unique {
  readonly columns: ReadonlyArray<string>
  readonly nullsEqual: boolean
}

/** A table of the dump. `key` is empty where it has none. */
export interface Table {
  readonly name: TableName
  readonly columns: ReadonlyArray<Column>
  readonly key: ReadonlyArray<string>
  readonly references: ReadonlyArray<Reference>
  readonly unique: ReadonlyArray<Unique>
}

/** The name of a table of the dump. */
export type TableName = keyof typeof notation

/** The name of an enum of the dump. */
export type EnumName = keyof typeof enums

/**
 * The names of the tables, in the order of the archive.
 *
 * @example
 * ```ts
 * import { Layout } from "@kanau/vndb-dump"
 *
 * Layout.names.slice(0, 2) // => ["anime", "chars"]
 * ```
 */
export const names: ReadonlyArray<TableName> = (Object.keys(notation) as Array<TableName>).sort()

/**
 * Every table by its name.
 *
 * @example
 * ```ts
 * import { Layout } from "@kanau/vndb-dump"
 *
 * Layout.tables.vn_titles.key // => ["id", "lang"]
 * Layout.tables.vn_titles.columns[1] // => { name: "lang", type: { kind: "enum", name: "language" }, nullable: false }
 * ```
 */
export const tables: Readonly<Record<TableName, Table>> = Object.fromEntries(
  names.map((name) => [name, parse(name, notation[name])])
) as Record<TableName, Table>

/**
 * The values of an enum, in VNDB's order. `""` is "unknown" where it occurs.
 *
 * @example
 * ```ts
 * import { Layout } from "@kanau/vndb-dump"
 *
 * Layout.enumValues("release_type") // => ["complete", "partial", "trial"]
 * ```
 */
export const enumValues = (name: EnumName): ReadonlyArray<string> => enums[name]

/**
 * Whether the dump has a table of this name, as far as this layout knows.
 *
 * @example
 * ```ts
 * import { Layout } from "@kanau/vndb-dump"
 *
 * Layout.isTable("vn") // => true
 * Layout.isTable("reviews") // => false
 * ```
 */
export const isTable = (name: string): name is TableName => Object.hasOwn(notation, name)

/** Declared as functions because the tables above are parsed when the module loads. */
function parse(name: TableName, text: string): Table {
  const [columns = "", key = "", references = "", unique = ""] = text.split("|").map((part) => part.trim())
  return {
    name,
    columns: words(columns).map(parseColumn),
    key: key === "" ? [] : key.split(","),
    references: words(references).map(parseReference),
    unique: words(unique).map((one) => ({
      columns: one.replace("!", "").split(","),
      nullsEqual: one.endsWith("!")
    }))
  }
}

function words(text: string): ReadonlyArray<string> {
  return text === "" ? [] : text.split(" ")
}

function parseColumn(text: string): Column {
  const [name = "", type = ""] = text.split(":")
  return { name, type: parseType(type.replace("?", "")), nullable: type.endsWith("?") }
}

function parseReference(text: string): Reference {
  const [columns = "", target = ""] = text.split(">")
  const [table = "", targets = ""] = target.split(".")
  return { columns: columns.split(","), table: table as TableName, targets: targets.split(",") }
}

function parseType(text: string): Type {
  if (text.endsWith("[]")) return { kind: "array", of: parseType(text.slice(0, -2)) }
  const id = /^id(?:\((\w+)\))?$/.exec(text)
  if (id !== null) return { kind: "id", prefixes: id[1] === undefined ? [] : [id[1]] }
  return simple(text) ?? { kind: "enum", name: text as EnumName }
}

function simple(text: string): Type | undefined {
  switch (text) {
    case "i2":
      return { kind: "integer", bytes: 2 }
    case "i4":
      return { kind: "integer", bytes: 4 }
    case "i8":
      return { kind: "integer", bytes: 8 }
    case "b":
      return { kind: "boolean" }
    case "t":
      return { kind: "text" }
    case "d":
      return { kind: "date" }
    case "uuid":
      return { kind: "uuid" }
  }
  return undefined
}
