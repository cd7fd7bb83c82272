/** Letters and digits in their plainest form; signs are left for whoever parts the words. */

export const plainLetters = (text: string): string => {
  let plain = text.replace(trademarks, " ").replace(romanSigns, (sign) => ` ${romanValue(sign)} `)
  // Twice: what one step uncovers (a capital with a dot, a ligature of a modifier) the next round may take further.
  for (let round = 0; round < 2; round++) {
    plain = plain.normalize("NFKC").toLowerCase().normalize("NFKD").replace(marks, "").replace(katakana, hiragana)
      .replace(undecomposed, (letter) => replacements.get(letter) ?? letter).replace(digits, digit)
  }
  return plain.replace(/&/g, " and ").replace(silent, "").normalize("NFC")
}

const trademarks = /[™®©℠]/g

/** Ⅰ to Ⅻ and ⅰ to ⅻ. */
const romanSigns = /[\u2160-\u216b\u2170-\u217b]/g
const romanValue = (sign: string): number => (sign.charCodeAt(0) - 0x2160) % 16 + 1

/**
 * Marks on Latin, Greek and Cyrillic letters, and the points of Hebrew and Arabic, which most writers leave out. Not the
 * marks of kana (が is not か) nor the vowels of Indic scripts and Thai.
 */
const marks =
  /\p{M}(?<=[\u0300-\u036f]|[\u0591-\u05c7]|[\u064b-\u065f]|\u0670|[\u1ab0-\u1aff]|[\u1dc0-\u1dff]|[\ufe20-\ufe2f])/gu

/** Apostrophes, the prolonged sound mark, and characters that only steer the layout. */
const silent = /['’‘ʼ´`\u30fc]|\p{Cf}|\p{Variation_Selector}/gu

const katakana = /[\u30a1-\u30f6\u30fd\u30fe]/g
const hiragana = (sign: string): string => String.fromCharCode(sign.charCodeAt(0) - 0x60)

const replacements: ReadonlyMap<string, string> = new Map([
  ["ß", "ss"],
  ["æ", "ae"],
  ["œ", "oe"],
  ["ø", "o"],
  ["ł", "l"],
  ["đ", "d"],
  ["ð", "d"],
  ["þ", "th"],
  ["ħ", "h"],
  ["ı", "i"],
  ["ŧ", "t"],
  ["ς", "σ"]
])
const undecomposed = new RegExp(`[${[...replacements.keys()].join("")}]`, "g")

const digits = /(?![0-9])\p{Nd}/gu

/** Digits of a script follow each other from 0 to 9, so counting back to the beginning of the row gives the value. */
const digit = (sign: string): string => {
  const point = sign.codePointAt(0) ?? 0
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(point - before - 1))) before++
  return String(before % 10)
}
