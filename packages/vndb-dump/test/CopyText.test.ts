import { assert, describe, it } from "@effect/vitest"
import { PGlite } from "@electric-sql/pglite"
import { CopyText } from "@kanau/vndb-dump"
import { Effect, Schema, Stream } from "effect"

const awkward = [
  "\\",
  "\"",
  ",",
  "{",
  "}",
  "NULL",
  "null",
  "\\N",
  "\t",
  "\n",
  "\r",
  "\b",
  "\f",
  "\v",
  " ",
  "",
  "x",
  "7",
  "猫",
  "😀",
  "\u00a0"
]
const Awkward = Schema.Array(Schema.Literals(awkward)).pipe(Schema.check(Schema.isMaxLength(8)))
const texts = (parts: ReadonlyArray<ReadonlyArray<string>>) => parts.map((some) => some.join(""))

/** Strings that hold what a reader can get wrong. */
const vectors = [
  ...awkward,
  "C:\\new",
  "\\\\N",
  "a\\tb",
  "{\"C:\\\\new\"}",
  " spaces around ",
  "two\nlines\n",
  "\"quoted\", {braced}",
  "𝄞 עברית e\u0301",
  "\\x41\\101"
]

describe("CopyText", () => {
  it.effect.prop(
    "NV-7 decode is the inverse of encode for any text",
    [Schema.String, Awkward],
    ([text, parts]) =>
      Effect.sync(() => {
        for (const one of [text, parts.join("")]) {
          const encoded = CopyText.encode(one)
          assert.notMatch(encoded, /[\t\n\r\b\f\v]/)
          assert.strictEqual(CopyText.decode(encoded), one)
        }
      }),
    { arbitrary: { runs: 500 } }
  )

  it.effect.prop(
    "NV-7 arrays survive both layers",
    [Schema.Array(Schema.NullOr(Schema.String)), Schema.Array(Schema.NullOr(Awkward))],
    ([plain, parts]) =>
      Effect.sync(() => {
        for (const items of [plain, parts.map((some) => some === null ? null : some.join(""))]) {
          const cell = CopyText.decode(CopyText.encode(CopyText.encodeArray(items)))
          assert.deepStrictEqual(CopyText.decodeArray(cell ?? ""), items)
        }
      }),
    { arbitrary: { runs: 500 } }
  )

  it("NV-7 every escape of the format is read, in one pass", () => {
    assert.deepStrictEqual(
      CopyText.decodeRow(
        "\\N\t\\\\N\t\t\\b\\f\\n\\r\\t\\v\\\\\tC:\\\\new\t\\101\\x42\\x4g\t\\q\\\"\t\\343\\201\\202\\x1"
      ),
      [null, "\\N", "", "\b\f\n\r\t\v\\", "C:\\new", "AB\u0004g", "q\"", "あ\u0001"]
    )
    assert.strictEqual(CopyText.decode("a\\N"), "aN")
    assert.deepStrictEqual(CopyText.decodeArray(CopyText.decode("{\"C:\\\\\\\\new\"}") ?? ""), ["C:\\new"])
  })

  it("NV-7 what is no array literal is not read as one", () => {
    for (const literal of ["", "{", "}", "1", "{1", "1}", "{\"a}", "{a,}", "{,a}", "{{a}}", "{a}b}", "{a\"b\"}"]) {
      assert.isUndefined(CopyText.decodeArray(literal), literal)
    }
    assert.deepStrictEqual(CopyText.decodeArray("{ a b , \"c\" ,NULL}"), ["a b", "c", null])
  })

  it.effect.prop(
    "NV-7 rows are the same however the bytes are cut",
    [Schema.Array(Schema.Array(Awkward).pipe(Schema.check(Schema.isMinLength(1)))), Schema.Int],
    ([table, seed]) =>
      Effect.gen(function*() {
        const rows = table.map(texts).filter((row) => row.length > 1 || row[0] !== "")
        const bytes = new TextEncoder().encode(rows.map(CopyText.encodeRow).join(""))
        const step = Math.abs(seed % 7) + 1
        const chunks = Array.from(
          { length: Math.ceil(bytes.length / step) },
          (_, at) => bytes.slice(at * step, (at + 1) * step)
        )
        assert.deepStrictEqual(yield* Stream.runCollect(CopyText.rows(Stream.fromIterable(chunks))), rows)
      })
  )

  it("NV-7 PostgreSQL reads what we write, and we read what it writes", async () => {
    const database = await PGlite.create()
    const arrays = [vectors, [null, "NULL", ""], [], ...vectors.map((one) => [one, null])]
    const rows = vectors.map((text, at): ReadonlyArray<CopyText.Cell> => [
      String(at),
      text,
      null,
      CopyText.encodeArray(arrays[at] ?? [text])
    ])
    await database.exec("create table cells (n int, value text, missing text, list text[])")
    await database.query("copy cells from '/dev/blob'", [], { blob: new Blob([rows.map(CopyText.encodeRow).join("")]) })
    const stored = await database.query<{ value: string; missing: null; list: ReadonlyArray<CopyText.Cell> }>(
      "select value, missing, list from cells order by n"
    )
    assert.deepStrictEqual(
      stored.rows,
      vectors.map((value, at) => ({ value, missing: null, list: [...(arrays[at] ?? [value])] }))
    )
    const { blob } = await database.query("copy (select * from cells order by n) to '/dev/blob'")
    const written = await Effect.runPromise(
      Stream.runCollect(CopyText.rows(Stream.make(new Uint8Array(await (blob as Blob).arrayBuffer()))))
    )
    assert.deepStrictEqual(written, rows)
    await database.close()
  })
})
