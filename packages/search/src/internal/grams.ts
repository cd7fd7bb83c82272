/** Kanji and kana are written without spaces: what stands for words there are pairs of neighbouring characters. */

export const hasUnspaced = (word: string): boolean => unspaced.test(word)

/**
 * A run of kanji and kana as overlapping pairs, other letters as they are. Of a document's run the last character stands
 * alone too, so that every character begins something: a single one that is asked for is found as the beginning of a pair.
 */
export const grams = (word: string, isDocument: boolean): ReadonlyArray<string> =>
  (word.match(parts) ?? []).flatMap((part) => {
    if (!unspaced.test(part)) return [part]
    const characters = part.match(character) ?? []
    if (characters.length === 1) return characters
    const pairs = characters.slice(1).map((second, at) => `${characters[at]}${second}`)
    return isDocument ? [...pairs, characters.at(-1) ?? ""] : pairs
  })

const letters = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]"
const unspaced = new RegExp(letters, "u")
const parts = new RegExp(`(?:${letters}\\p{M}*)+|(?:(?!${letters})[^])+`, "gu")
const character = /[^]\p{M}*/gu
