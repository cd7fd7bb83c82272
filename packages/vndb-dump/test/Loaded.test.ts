import { assert, describe, it } from "@effect/vitest"
import { PGlite } from "@electric-sql/pglite"
import { Generator, Layout, Torture } from "@kanau/vndb-dump"
import { Effect, Stream } from "effect"

/** VNDB's ids and enums are text here: a value that is unknown is not PostgreSQL's business. */
const sqlType = (type: Layout.Type): string => {
  switch (type.kind) {
    case "integer":
      return { 2: "smallint", 4: "integer", 8: "bigint" }[type.bytes]
    case "array":
      return `${sqlType(type.of)}[]`
    case "id":
    case "enum":
      return "text"
    default:
      return type.kind
  }
}

describe("Generator", () => {
  it("NV-7 PostgreSQL reads every table of a dump into the types of the layout, with its keys", async () => {
    const database = await PGlite.create()
    const { entries } = await Effect.runPromise(Generator.make({ seed: 11n, scale: 0.001, day: 1 }))
    for (const { table, columns, bytes } of entries) {
      const { columns: known, key, unique } = Layout.tables[table]
      await database.exec(`create table ${table} (${
        [
          ...known.map(({ name, type, nullable }) => `"${name}" ${sqlType(type)}${nullable ? "" : " not null"}`),
          ...(table === Torture.unknownColumn.table ? [`${Torture.unknownColumn.column} text`] : []),
          ...(key.length > 0 ? [`primary key (${key.join()})`] : []),
          ...unique.map((one) => `unique ${one.nullsEqual ? "nulls not distinct " : ""}(${one.columns.join()})`)
        ].join()
      })`)
      const chunks = await Effect.runPromise(Stream.runCollect(bytes))
      await database.query(`copy ${table} (${columns.map((name) => `"${name}"`).join()}) from '/dev/blob'`, [], {
        blob: new Blob(chunks.map((chunk) => new Uint8Array(chunk)))
      })
      const { rows } = await database.query<{ count: number }>(`select count(*)::int as count from ${table}`)
      const lines = chunks.reduce((sum, chunk) => sum + chunk.filter((byte) => byte === 10).length, 0)
      assert.deepStrictEqual(rows, [{ count: lines }], table)
    }
    const { rows } = await database.query("select description, alias from vn where id in ($1, $2) order by id", [
      Torture.ids.backslashNVn,
      Torture.ids.trailingNewlineVn
    ])
    assert.deepStrictEqual(rows, [
      { description: "\\N", alias: "" },
      { description: "", alias: "First alias\nSecond alias\n" }
    ])
    await database.close()
  })
})
