import { assert, describe, it } from "@effect/vitest"
import { Folding } from "@kanau/search"

const table: ReadonlyArray<readonly [what: string, folded: string, ...texts: ReadonlyArray<string>]> = [
  [
    "width",
    "fate stay night",
    "Ｆａｔｅ／ｓｔａｙ　ｎｉｇｈｔ",
    "Fate/stay night",
    "FATE  STAY-NIGHT",
    "fate·stay·night"
  ],
  ["kana", "がんだむ", "ガンダム", "ｶﾞﾝﾀﾞﾑ", "がんだむ", "か\u3099んた\u3099む"],
  ["the prolonged sound mark", "こんぴゅた", "コンピューター", "コンピュータ", "ｺﾝﾋﾟｭｰﾀｰ"],
  ["iteration marks", "すゝめ", "ススメ".replace("スス", "スヽ"), "すゝめ"],
  ["digits", "2024 7", "２０２４ ７", "٢٠٢٤ ۷", "𝟚𝟘𝟚𝟜 ⑦", "२०२४ ๗"],
  ["roman numerals", "final fantasy 7", "Final Fantasy VII", "Final Fantasy Ⅶ", "FINAL FANTASY ⅶ", "final fantasy 7"],
  ["roman numerals next to letters", "どらくえ 2", "ドラクエⅡ", "どらくえ II"],
  ["numerals up to 39", "2 3 4 6 9 11 14 19 20 39", "ii iii iv vi ix xi xiv xix xx xxxix"],
  ["what is no numeral", "i v x mix dim civic iiii vx iix", "I V X MIX dim civic IIII vx iix"],
  ["case and diacritics", "pokemon uber angstrom istanbul", "Pokémon Über Ångström İSTANBUL"],
  ["letters without decomposition", "strasse aesir oeuvre lodz oresund thorn", "Straße Æsir œuvre Łódź Øresund Þorn"],
  ["Greek and Cyrillic", "οδυσσεασ ежик", "Ὀδυσσέας Ёжик", "οδυσσεασ ежик"],
  ["apostrophes and signs", "dont steins gate and more", "Don’t Steins;Gate & more™", "don't (steins, gate) & MORE®"],
  ["marks that mean another letter stay", "हिन्दी ไทยที่ が", "हिन्दी ไทยที่ が"],
  ["nothing", "", "", "  ", "!?…♥", "\u200b"]
]

/** Texts of characters that folding does something to, by a seed. */
const texts = (count: number): ReadonlyArray<string> => {
  let state = 7
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const pool = [..."abIiVvXx2２٢Ⅱⅳ²ｱアあーｶﾞガ\u3099\u0301éÉßæ'’- 　・／&™少女夏한글ไที่ि🎮👩‍👩‍👧ﬁǅſİı"]
  const some = () => pool[below(pool.length)] ?? ""
  const any = () => String.fromCodePoint(below(0x1_1000)).toWellFormed()
  return Array.from(
    { length: count },
    () => Array.from({ length: below(12) }, () => below(5) === 0 ? any() : some()).join("")
  )
}

describe("Folding", () => {
  for (const [what, folded, ...variants] of table) {
    it(`${what}: variants fold to the same`, () => {
      for (const variant of variants) assert.strictEqual(Folding.fold(variant), folded, variant)
    })
  }

  it("folding again changes nothing (property)", () => {
    for (const text of texts(20_000)) {
      const once = Folding.fold(text)
      assert.strictEqual(Folding.fold(once), once, JSON.stringify(text))
    }
  })

  it("a text, its composed, decomposed, wide and upper-case forms fold to the same (property)", () => {
    const wide = (text: string) => text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0))
    for (const text of texts(5000)) {
      const folded = Folding.fold(text)
      for (const variant of [text.normalize("NFC"), text.normalize("NFD"), wide(text), `  ${text}! `]) {
        assert.strictEqual(Folding.fold(variant), folded, JSON.stringify([text, variant]))
      }
      // One capital may stand for two small letters, and some have no way back.
      const latin = text.replace(/[^\x20-\x7e]/g, "")
      assert.strictEqual(Folding.fold(latin.toUpperCase()), Folding.fold(latin))
    }
  })

  it("every piece of a document that a query can be is found in what is indexed (property)", () => {
    for (const text of texts(5000)) {
      const indexed = Folding.indexed(text).split(" ")
      const asked = Folding.asked(text)
      assert.isTrue(asked.every((word) => indexed.includes(word)), JSON.stringify(text))
      const characters = [...Folding.fold(text).replaceAll(" ", "")]
      const unspaced = characters.filter((sign) => /[\p{Script=Han}\p{Script=Hiragana}]/u.test(sign))
      for (const sign of unspaced) assert.isTrue(indexed.some((word) => word.startsWith(sign)), JSON.stringify(text))
    }
  })

  it("ten words of a query count", () => {
    assert.lengthOf(Folding.asked("a b c d e f g h i j k l"), Folding.maxWords)
    assert.lengthOf(Folding.asked("夏".repeat(40)), Folding.maxWords)
  })
})
