/** What is found, and in which order. */
import { Effect } from "effect"
import { expect } from "vitest"
import type { Case } from "./books.ts"
import { idsOf, library, put } from "./books.ts"

export const finding: ReadonlyArray<Case> = [
  [
    "what was written is found by every search that begins afterwards, as it was written",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, library)
        const { estimatedTotal, hits } = yield* search.search(index, { text: "fate stay night", matching: "all" })
        expect(estimatedTotal).toBe(1)
        expect(hits[0]?.id).toBe("fate")
        expect(hits[0]?.document).toEqual(library["fate"])
        expect(hits[0]?.score).toBeGreaterThan(0)
        expect(hits[0]?.score).toBeLessThanOrEqual(1)
      })
  ],
  ["without words everything is found, by the declared ranking", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      for (const query of [{}, { text: "" }, { text: " ?! " }]) {
        expect(idsOf(yield* search.search(index, query))).toEqual(["fate", "tsuki", "summer", "saturday", "cafe"])
      }
    })],
  [
    "a match in an earlier field counts more than popularity, and popularity decides between equals",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, {
          a: { title: "Dawn", text: "alpha", votes: 1000 },
          b: { title: "Alpha one", votes: 1 },
          c: { title: "Alpha two", votes: 50 },
          d: { title: "Dusk", aliases: ["Alpha"], votes: 1 }
        })
        expect(idsOf(yield* search.search(index, { text: "alpha" }))).toEqual(["c", "b", "d", "a"])
      })
  ],
  [
    "one typo from five letters on, two from nine, none in the first letter or in numbers",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, { a: { title: "Saturday" }, b: { title: "Adventures" }, c: { title: "Code 20041" } })
        const found = (text: string) => Effect.map(search.search(index, { text }), idsOf)
        expect(yield* found("saturady")).toEqual(["a"])
        expect(yield* found("satrday")).toEqual(["a"])
        expect(yield* found("advantuers")).toEqual(["b"])
        expect(yield* found("caturday")).toEqual([])
        expect(yield* found("cdoe 9")).toEqual([])
        expect(yield* found("20042")).toEqual([])
      })
  ],
  ["what is spelled right comes before what has typos", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, { a: { title: "Batmen", votes: 9 }, b: { title: "Batman", votes: 1 } })
      expect(idsOf(yield* search.search(index, { text: "batman" }))).toEqual(["b", "a"])
    })],
  ["the last word may be the beginning of one, the others may not", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      const found = (text: string) => Effect.map(search.search(index, { text, matching: "all" }), idsOf)
      expect(yield* found("tsuki")).toEqual(["tsuki"])
      expect(yield* found("fate sta")).toEqual(["fate"])
      expect(yield* found("sta fate")).toEqual([])
    })],
  [
    "where not all words are found the last ones may be missing, unless all are wanted",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, {
          a: { title: "red green blue" },
          b: { title: "red green" },
          c: { title: "red" },
          d: { title: "green blue" }
        })
        const text = "red green blue"
        expect(idsOf(yield* search.search(index, { text }))).toEqual(["a", "b", "c"])
        expect(idsOf(yield* search.search(index, { text, matching: "all" }))).toEqual(["a"])
      })
  ],
  [
    "spellings are found whatever their width, kana, case, marks, digits and numerals",
    (search, index) =>
      Effect.gen(function*() {
        yield* put(search, index, library)
        const found = (text: string) => Effect.map(search.search(index, { text, matching: "all" }), idsOf)
        for (const text of ["FATE", "ｆａｔｅ　ｓｔａｙ", "ふぇいと", "ﾌｪｲﾄ", "ふぇーいと"]) {
          expect(yield* found(text)).toContain("fate")
        }
        for (const text of ["cafe strasse", "CAFÉ", "straße"]) expect(yield* found(text)).toEqual(["cafe"])
        for (const text of ["少女たちの夏 2", "少女たちの夏Ⅱ", "夏 ２"]) expect(yield* found(text)).toEqual(["summer"])
      })
  ],
  ["any part of a run of kanji and kana is found", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      for (const text of ["少女", "たちの", "女", "夏", "ちの夏"]) {
        expect(idsOf(yield* search.search(index, { text }))).toEqual(["summer"])
      }
      expect(idsOf(yield* search.search(index, { text: "夏少", matching: "all" }))).toEqual([])
    })],
  ["synonyms are found, stop words do not count", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, { a: { title: "A novel of the sea" }, b: { title: "VN" }, c: { title: "The end" } })
      expect(idsOf(yield* search.search(index, { text: "the vn" }))).toEqual(["b", "a"])
      expect(idsOf(yield* search.search(index, { text: "novel" }))).toEqual(["a"])
    })],
  ["what matched is marked in the text as it is written, which is escaped", (search, index) =>
    Effect.gen(function*() {
      yield* put(search, index, library)
      const marked = (text: string, open?: string) =>
        Effect.map(
          search.search(index, {
            text,
            limit: 1,
            highlight: { fields: ["title", "aliases"], ...(open === undefined ? {} : { open, close: "]" }) }
          }),
          ({ hits }) => hits[0]?.highlights
        )
      expect(yield* marked("fate nig")).toEqual({
        title: "<em>Ｆａｔｅ</em>／stay <em>night</em>",
        aliases: ["フェイト", "FSN"]
      })
      expect(yield* marked("ふぇい", "[")).toEqual({ title: "Ｆａｔｅ／stay night", aliases: ["[フェイ]ト", "FSN"] })
      expect(yield* marked("saturady")).toEqual({ title: "<em>Saturday</em> &lt;night&gt; &amp; &quot;day&quot;" })
      expect((yield* marked("女た"))?.["title"]).toBe("少<em>女た</em>ちの夏 II")
    })]
]
