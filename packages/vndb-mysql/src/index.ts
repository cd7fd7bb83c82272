/**
 * A MySQL or MariaDB database that holds VNDB's tables, read as if it were a dump.
 *
 * @module @kanau/vndb-mysql
 */
export * as MySqlSchema from "./MySqlSchema.ts"
export * as MySqlSource from "./MySqlSource.ts"
