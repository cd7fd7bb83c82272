/**
 * The tables of VNDB's dump as MySQL and MariaDB have them: made from the layout, so that a database for
 * {@link MySqlSource} can be created and filled.
 *
 * It holds whatever a dump holds: enums are text because VNDB adds values, arrays are JSON, and there are primary keys but
 * no references, which dangle in dumps. Texts are compared by code points; spaces at their end do not count in a key.
 */
import { Layout } from "@kanau/vndb-dump"
import { quoted } from "./internal/names.ts"

/**
 * The table of what stands beside the tables of a dump: texts by file name, such as licences, and when the data were taken,
 * under the name `TIMESTAMP`.
 *
 * @example
 * ```ts
 * import { MySqlSchema } from "@kanau/vndb-mysql"
 *
 * MySqlSchema.files // => "dump_files"
 * ```
 */
export const files = "dump_files"

/**
 * A script that creates tables: all of them, and the one for {@link files}, unless it is told which.
 *
 * @example
 * ```ts
 * import { MySqlSchema } from "@kanau/vndb-mysql"
 *
 * const lines = MySqlSchema.ddl(["vn_anime"]).split("\n")
 * lines.slice(0, 3) // => ["create table `vn_anime` (", "  `id` varchar(12) not null,", "  `aid` int not null,"]
 * ```
 */
export const ddl = (tables?: ReadonlyArray<Layout.TableName>): string =>
  [
    ...(tables ?? Layout.names).map((name) => createTable(Layout.tables[name])),
    ...(tables === undefined
      ? [create(files, ["`name` varchar(100) not null", "`content` mediumtext not null"], ["name"])]
      : [])
  ].join("")

const createTable = ({ columns, key, name }: Layout.Table) =>
  create(
    name,
    columns.map((column) =>
      `${quoted(column.name)} ${typeOf(column.type, key.includes(column.name))} ${
        column.nullable ? "null" : "not null"
      }`
    ),
    key
  )

const create = (name: string, columns: ReadonlyArray<string>, key: ReadonlyArray<string>) => {
  const lines = key.length === 0 ? columns : [...columns, `primary key (${key.map(quoted).join(", ")})`]
  return `create table ${quoted(name)} (\n  ${
    lines.join(",\n  ")
  }\n) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;\n`
}

const typeOf = (type: Layout.Type, inKey: boolean): string => {
  switch (type.kind) {
    case "integer":
      return type.bytes === 2 ? "smallint" : type.bytes === 4 ? "int" : "bigint"
    case "boolean":
      return "boolean"
    case "date":
      return "date"
    case "uuid":
      return "char(36)"
    case "id":
      return "varchar(12)"
    case "enum":
      return "varchar(32)"
    case "array":
      return "json"
    case "text":
      // What is part of a key needs a length; 700 characters of four bytes fit one.
      return inKey ? "varchar(700)" : "mediumtext"
  }
}
