import { assert, describe, it } from "@effect/vitest"
import { rankFor, similarity } from "../../src/kana/SearchRank.ts"
import { labels, normalise, withoutEdition, words } from "../../src/kana/SearchText.ts"
import { randomFrom } from "./randomFilters.ts"

describe("Kana 2.6 normal form", () => {
  const same = (expected: string, ...texts: ReadonlyArray<string>) => {
    for (const text of texts) assert.strictEqual(normalise(text), expected, text)
  }

  it("Kana 2.6 width, case, accents and compatibility forms", () => {
    same("rance10", "ＲＡＮＣＥ １０", "Rançé 10", "rance10")
    same("rancex", "Rance Ⅹ", "rance x")
    same("ハンカク", "ﾊﾝｶｸ")
    same("strasseorsteddaemon", "Straße Ørsted Dæmon")
    same("елка", "Ёлка")
  })

  it("Kana 2.6 marks of kana are no accents", () => {
    same("がぎぱ", "がぎぱ", "か\u3099き\u3099は\u309a")
    assert.notStrictEqual(normalise("か"), normalise("が"))
    assert.notStrictEqual(normalise("и"), normalise("й"))
  })

  it("Kana 2.6 no punctuation, spaces, or signs of trade", () => {
    same("abc", "a b\tc", "~a～b〜cー", "♥a★b†c", "「a」【b】・c", "A.B,C!?", "a™b©c®", "<a> \"b\" 'c'", "a_b%c")
    same("", "", "...", "♥♥", "ー")
  })

  it("Kana 2.6 signs that stand for something, and one spelling of some words", () => {
    same("candc", "C&C", "c and c")
    same("hunterxhunter", "Hunter*Hunter", "Hunter×Hunter", "HUNTER x HUNTER")
    same("diskgreycolorsempai", "disc gray colour senpai", "disk grey color sempai")
  })

  it("Kana 2.6 the normal form is its own", () => {
    const random = randomFrom(3)
    for (let at = 0; at < 2000; at++) {
      const text = Array.from(
        { length: 12 },
        () => String.fromCodePoint(32 + Math.floor(random() * (random() < 0.5 ? 600 : 0xd000)))
      ).join("")
      assert.strictEqual(normalise(normalise(text)), normalise(text), text)
    }
  })

  it("Kana 2.6 words of a query: quotes keep a phrase, each word once", () => {
    assert.deepStrictEqual(words("  Ever17  EVER-17 \"out of\" x "), ["ever17", "outof", "x"])
    assert.deepStrictEqual(words("\"unclosed phrase"), ["unclosed", "phrase"])
    assert.deepStrictEqual(words("- \"..\" "), [])
  })

  it("Kana 2.6 labels: the highest priority of each, none empty, releases without their editions", () => {
    assert.deepStrictEqual(
      labels([["Clannad", 3], ["clannad", 2], ["CLANNAD Full Voice Edition", 1, true], ["Vol.", 1], ["!", 3], [
        null,
        3
      ]]),
      [{ t: "clannad", p: 3 }, { t: "vol", p: 1 }]
    )
    assert.strictEqual(withoutEdition(normalise("車輪の国 初回限定版")), "車輪の国")
    assert.strictEqual(withoutEdition(normalise("Rewrite -trial version2-")), "rewrite")
    assert.strictEqual(withoutEdition("firststory"), "firststory")
    assert.strictEqual(withoutEdition(`a${"version18".repeat(10_000)}`), "a")
    assert.strictEqual(withoutEdition(`${"version18".repeat(100)}x`), `${"version18".repeat(100)}x`)
  })
})

/** The groups of three letters that both have, of those that either has. */
const shared = (a: string, b: string): number => {
  const groups = (text: string) =>
    new Set(
      Array.from(text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu), ([word]) => {
        const letters = [" ", " ", ...word, " "]
        return letters.slice(2).map((_, at) => letters.slice(at, at + 3).join(""))
      }).flat()
    )
  const [one, other] = [groups(a), groups(b)]
  const common = [...one].filter((group) => other.has(group)).length
  return common === 0 ? 0 : common / new Set([...one, ...other]).size
}

describe("Kana 2.6 searchrank", () => {
  it("Kana 2.6 similarity as pg_trgm counts it", () => {
    // What PostgreSQL 15 says to `select similarity(a, b)`.
    const said: ReadonlyArray<readonly [string, string, number]> = [
      ["word", "two words", 0.36363637],
      ["ever17", "17", 0.11111111],
      ["ever17", "v17", 0.1],
      ["clannad", "clan", 0.44444445],
      ["車輪の国", "車輪", 0.33333334],
      ["ランス10", "ランス", 0.42857143],
      ["ab\"cd", "abcd", 0.375],
      ["a", "a", 1],
      ["", "x", 0]
    ]
    for (const [a, b, expected] of said) assert.strictEqual(Math.fround(similarity(a, b)), Math.fround(expected))
  })

  it("Kana 2.6 rank: priority times prefix and similarity, and the id above all", () => {
    const label = (t: string, p: number) => ({ t, p })
    assert.strictEqual(rankFor(["ever17"])("v17", [label("ever17", 3)]), 3 * 1.5)
    assert.strictEqual(rankFor(["ever17"])("v17", [label("ever17", 2)]), 2 * 1.5)
    assert.strictEqual(rankFor(["17"])("v17", [label("ever17", 3)]), 3 * similarity("ever17", "17"))
    assert.strictEqual(rankFor(["ever", "17"])("v17", [label("ever17", 3)]), 3 * 1.5)
    assert.strictEqual(rankFor(["ever", "18"])("v17", [label("ever17", 3), label("18", 3)]), 0)
    assert.strictEqual(rankFor(["v17"])("v17", [label("ever17", 3)]), 3 * (2 + similarity("ever17", "v17")))
  })

  it("Kana 2.6 rank: the best of all labels, whatever they are made of", () => {
    const letters = ["a", "b", "A", "1", "é", "日", "𠀋", " ", "-", "\u0301"]
    for (let seed = 1; seed <= 2000; seed++) {
      const random = randomFrom(seed)
      const text = (most: number) =>
        Array.from({ length: 1 + Math.floor(random() * most) }, () => letters[Math.floor(random() * letters.length)])
          .join("")
      const words = Array.from({ length: 1 + Math.floor(random() * 2) }, () => text(3))
      const labels = Array.from({ length: 4 }, () => ({
        t: random() < 0.5 ? text(12) : `${words.join("")}${random() < 0.5 ? "" : text(2)}`,
        p: 1 + Math.floor(random() * 3)
      }))
      const query = words.join("")
      const ranks = labels.filter(({ t }) => words.every((word) => t.includes(word)))
        .map(({ p, t }) => p * ((t.startsWith(query) ? 0.5 : 0) + shared(t, query)))
      assert.strictEqual(rankFor(words)("v1", labels), Math.max(0, ...ranks), `seed ${seed}`)
    }
  })
})
