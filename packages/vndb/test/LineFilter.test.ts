import { assert, describe, it } from "@effect/vitest"
import { type BadLine, LineFilter } from "../src/wiki/import/LineFilter.ts"

const sift = (bytes: Buffer, cells: number, size: number) => {
  const bad: Array<BadLine> = []
  const filter = new LineFilter(cells, (line) => void bad.push(line))
  const good: Array<Buffer> = []
  for (let at = 0; at < bytes.length; at += size) good.push(Buffer.from(filter.push(bytes.subarray(at, at + size))))
  good.push(filter.end())
  return { good: Buffer.concat(good), bad, lines: filter.lines }
}

const lines: ReadonlyArray<readonly [line: Buffer | string, rule?: string]> = [
  ["v1\ta"],
  ["v2", "has a wrong number of cells"],
  ["v3\ta\tb", "has a wrong number of cells"],
  ["v4\t\\\\N \\\\. C:\\\\new \\N \\t\\n"],
  ["v5\t星🎹"],
  [Buffer.from([0x76, 0x36, 0x09, 0xff]), "is no UTF-8"],
  ["v7\t\\.", "holds an escape that is none"],
  ["\\.", "has a wrong number of cells"],
  ["v8\t\\x00", "holds characters that must be escaped"],
  ["v9\t\\0", "holds characters that must be escaped"],
  ["v10\t\0", "holds characters that must be escaped"],
  ["v11\ta\rb", "holds characters that must be escaped"],
  ["v12\ta\\", "holds characters that must be escaped"],
  ["v13\ta\\\\"],
  ["v14\t\\xff", "is no UTF-8"],
  ["v15\t\\xe7\\x8c\\xab \\101 \\x4 x.0"],
  ["v16\t"]
]

describe("LineFilter", () => {
  const source = Buffer.concat(lines.map(([line]) => Buffer.concat([Buffer.from(line), Buffer.from("\n")])))
  const kept = Buffer.concat(
    lines.filter(([, rule]) => rule === undefined).map(([line]) =>
      Buffer.concat([Buffer.from(line), Buffer.from("\n")])
    )
  )
  const left = lines.flatMap(([, rule], at) => rule === undefined ? [] : [{ rule, line: at + 1 }])

  it("NV-7 lines that PostgreSQL would refuse are left out with their number; the others pass unchanged", () => {
    for (const size of [1, 2, 7, 64, 1 << 20]) {
      assert.deepStrictEqual(
        sift(source, 2, size),
        { good: kept, bad: left, lines: lines.length },
        `in pieces of ${size}`
      )
    }
  })

  it("NV-7 a last line without a line feed counts; an endless line is refused", () => {
    assert.deepStrictEqual(sift(Buffer.from("v1\ta\nv2\tb"), 2, 3).good.toString(), "v1\ta\nv2\tb\n")
    assert.throws(() => sift(Buffer.alloc(17 << 20, "x"), 2, 1 << 20), /16 MiB/)
  })
})
