import { assert, describe, it } from "@effect/vitest"
import { LabelIndex } from "../../src/kana/LabelIndex.ts"
import type { Label } from "../../src/kana/SearchText.ts"
import { randomFrom } from "./randomFilters.ts"

/** Few letters, so that much is found; of one, two, three and four bytes. */
const letters = ["a", "b", "3", "é", "日", "本", "𠀋"]

const sorted = (found: ReadonlyMap<string, unknown>) => Array.from(found).sort(([a], [b]) => a < b ? -1 : 1)

describe("LabelIndex", () => {
  it("NV-4 Kana 2.6 finds what looking through all labels finds, after any history of changes", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomFrom(seed)
      const below = (count: number) => Math.floor(random() * count)
      const many = <A>(count: number, make: () => A) => Array.from({ length: count }, make)
      const text = () => many(1 + below(6), () => letters[below(letters.length)]).join("")
      const id = () => `v${1 + below(40)}`
      const index = new LabelIndex()
      const model = new Map<string, ReadonlyArray<Label>>()
      for (let change = below(120); change >= 0; change--) {
        const entry = id()
        const labels = below(4) === 0 ? undefined : many(below(5), () => ({ t: text(), p: 1 + below(3) }))
        index.set(entry, labels)
        if (labels === undefined) model.delete(entry)
        else model.set(entry, labels)
      }
      for (const words of many(8, () => many(1 + below(3), text))) {
        const expected = Array.from(
          model,
          ([entry, some]) => [entry, some.filter(({ t }) => words.every((word) => t.includes(word)))] as const
        )
          .filter(([, some]) => some.length > 0)
        assert.deepStrictEqual(
          sorted(index.search(words)),
          sorted(new Map(expected)),
          `seed ${seed}: ${words.join(" ")}`
        )
      }
      const ids = many(10, id)
      assert.deepStrictEqual(
        sorted(index.get(ids)),
        sorted(new Map(Array.from(model).filter(([one]) => ids.includes(one)))),
        `seed ${seed}`
      )
      const bytes = Array.from(model.values()).flat().map(({ t }) => Buffer.byteLength(t) + 2)
      assert.strictEqual(index.bytes, bytes.reduce((sum, each) => sum + each, 0), `seed ${seed}`)
    }
  })

  it("NV-4 Kana 2.6 entries of many blocks are found, and found no more once they are gone", () => {
    const index = new LabelIndex()
    const all = Array.from({ length: 1000 }, (_, at) => `c${at}`)
    for (const one of all) index.set(one, [{ t: `${one}x`, p: 3 }, { t: "same", p: 1 }])
    assert.deepStrictEqual([...index.search(["same"]).keys()], all)
    assert.deepStrictEqual([...index.search(["c77"]).keys()], ["c77", ...all.slice(770, 780)])
    for (const one of all.filter((_, at) => at % 3 > 0)) index.set(one, undefined)
    assert.deepStrictEqual([...index.search(["same"]).keys()], all.filter((_, at) => at % 3 === 0))
    for (const one of all) index.set(one, undefined)
    assert.strictEqual(index.bytes, 0)
    assert.strictEqual(index.search(["same"]).size, 0)
  })

  it("NV-4 Kana 2.6 the priority before a label is no part of it", () => {
    const index = new LabelIndex()
    index.set("v1", [{ t: "ever", p: 3 }])
    assert.strictEqual(index.search(["3ever"]).size, 0)
    assert.strictEqual(index.search(["ever3"]).size, 0)
  })
})
