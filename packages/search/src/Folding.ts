/**
 * Folding: different spellings of one text become the same text, so that whoever types one finds the other. Documents
 * and queries are folded by the same function, outside of the engine, so every engine finds the same.
 *
 * What is folded: width (NFKC: full-width Latin, half-width kana, ligatures); case and diacritics of Latin, Greek and
 * Cyrillic letters, and letters that Unicode does not decompose (ß, æ, ø, ł …); katakana to hiragana; the prolonged
 * sound mark, which is left out; digits of every script to 0–9; roman numerals to digits; `&` to `and`; ™ ® © are
 * dropped, apostrophes vanish, every other sign parts words.
 *
 * The rule of roman numerals: the characters Ⅰ to Ⅻ always are numbers. A word of the letters i, v and x is one when it
 * is the proper way to write a number from 2 to 39 and has at least two letters: `II`, `iv`, `XIV`. One letter alone
 * (`I`, `V`, `X`) stays a letter: it is a word or a name more often than a number. `mix`, `dim` and `civic` have other
 * letters; `iiii` and `vx` are no proper numerals. So `VI` folds to `6` wherever it stands, in texts and in queries alike.
 *
 * Does not translate, transliterate or stem: `少女` and `shoujo` stay two words.
 */
import { grams, hasUnspaced } from "./internal/grams.ts"
import { plainNumbers } from "./internal/numerals.ts"
import { plainLetters } from "./internal/plainLetters.ts"

/**
 * The folded text: words with single spaces between them. Folding it again changes nothing.
 *
 * @example
 * ```ts
 * import { Folding } from "@kanau/search"
 *
 * Folding.fold("Ｆａｔｅ／ｓｔａｙ night ™") // => "fate stay night"
 * Folding.fold("ドラゴンクエストⅡ") // => "どらごんくえすと 2"
 * Folding.fold("Pokémon: Don't mix II") // => "pokemon dont mix 2"
 * ```
 */
export const fold = (text: string): string => folded(text).join(" ")

/**
 * What the index holds of a text: its folded words. Scripts that are written without spaces (kanji, kana) are cut into
 * overlapping pairs of characters, so that a part of a run is found too.
 *
 * @example
 * ```ts
 * import { Folding } from "@kanau/search"
 *
 * Folding.indexed("少女たち II") // => "少女 女た たち ち 2"
 * ```
 */
export const indexed = (text: string): string => folded(text).flatMap((word) => cut(word, true)).join(" ")

/**
 * What is asked for: the words of a query, cut in the same way, at most {@link maxWords}.
 *
 * @example
 * ```ts
 * import { Folding } from "@kanau/search"
 *
 * Folding.asked("少女た II") // => ["少女", "女た", "2"]
 * ```
 */
export const asked = (text: string): ReadonlyArray<string> =>
  folded(text).flatMap((word) => cut(word, false)).slice(0, maxWords)

/**
 * Words of a query that count; Meilisearch looks at no more.
 *
 * @example
 * ```ts
 * import { Folding } from "@kanau/search"
 *
 * Folding.maxWords // => 10
 * ```
 */
export const maxWords = 10

const folded = (text: string): ReadonlyArray<string> => plainNumbers(words(text))

const words = (text: string): ReadonlyArray<string> =>
  // Most titles of most libraries are of these signs, with which little can happen.
  (plain.test(text)
    ? text.toLowerCase().replace(/['`]/g, "").replace(/&/g, " and ").split(/[^a-z0-9]+/)
    : plainLetters(text).split(/[^\p{L}\p{N}\p{M}]+/u)).filter((word) => word !== "")

const plain = /^[\t\n\r -~]*$/

const cut = (word: string, isDocument: boolean): ReadonlyArray<string> =>
  !plain.test(word) && hasUnspaced(word) ? grams(word, isDocument) : [word]
