/**
 * The normal form of texts that are searched for and in: both sides pass through {@link normalise}, and a search finds what
 * holds every one of its words.
 *
 * The form knows no spaces, punctuation, accents, width or case, and one spelling of a few words, so a word may match across
 * words of a title. No typing errors are forgiven, and there are no word ends.
 */

/**
 * The normal form of a text, which may be empty. It is its own normal form.
 *
 * @example
 * ```ts
 * import { normalise } from "@kanau/vndb/kana/SearchText"
 *
 * normalise("Ｃ＆Ｃ: Pokémon Disc ～senpai～") // => "candcpokemondisksempai"
 * ```
 */
export const normalise = (text: string): string =>
  respelt(/^[ -~]*$/.test(text) ? plain(text.toLowerCase()) : plain(foreign(text)))

/**
 * The words of a search, in normal form and each once. Double quotes keep a phrase together.
 *
 * @example
 * ```ts
 * import { words } from "@kanau/vndb/kana/SearchText"
 *
 * words("Ever17 \"out of infinity\" ever17 -") // => ["ever17", "outofinfinity"]
 * ```
 */
export const words = (search: string): ReadonlyArray<string> => [
  ...new Set(
    Array.from(search.matchAll(/"[^"]+"|\S+/g), ([word]) => normalise(word)).filter((word) => word !== "")
  )
]

/** What search looks at, a record of documents: a text in normal form, and how much it counts. */
export type Label = { readonly t: string; readonly p: number }

/** A title or name, how much it counts (3 titles and names, 2 aliases, 1 the rest), and whether it is of an edition. */
export type Term = readonly [text: string | null, priority: number, isEdition?: boolean]

/**
 * The labels of an entry: every text once, with the highest of its priorities.
 *
 * @example
 * ```ts
 * import { labels } from "@kanau/vndb/kana/SearchText"
 *
 * labels([["Ever 17", 3], ["ever17", 2], ["Ever17 Premium Edition", 1, true], ["...", 1], [null, 3]]) // => [{ t: "ever17", p: 3 }]
 * ```
 */
export const labels = (terms: ReadonlyArray<Term>): ReadonlyArray<Label> => {
  const found = new Map<string, number>()
  for (const [text, priority, isEdition] of terms) {
    const normal = text === null ? "" : normalise(text)
    const label = isEdition === true ? withoutEdition(normal) : normal
    if (label !== "") found.set(label, Math.max(priority, found.get(label) ?? 0))
  }
  return Array.from(found, ([t, p]) => ({ t, p }))
}

/**
 * A release's title, in normal form, without the names of editions, versions and packages at its end: whoever searches for
 * a visual novel does not mean them.
 *
 * @example
 * ```ts
 * import { withoutEdition } from "@kanau/vndb/kana/SearchText"
 *
 * withoutEdition("ever17premiumeditiondownloadversion") // => "ever17"
 * ```
 */
export const withoutEdition = (text: string): string => {
  // One at a time: to look for all of them at once may take for ever, since some are parts of others.
  let rest = text
  for (let last = editionAt(rest); last > 0; last = editionAt(rest)) rest = rest.slice(0, -last)
  return rest
}

/** The length of the edition at the end of a text; none is longer than this. */
const editionAt = (text: string): number => edition.exec(text.slice(-32))?.[0].length ?? 0

const edition = new RegExp(
  `(?:${
    [
      "初回|通常|限定|豪華|廉価|復刻|新装|体験|特別|完全|普及|生産|追加|版|リメイク|ベスト|コレクション|パッケージ|ダウンロド|ダウンロード",
      "first|press|limited|regular|standard|deluxe|premium|special|complete|full|extended|popular|collectors?",
      "editions?|versions?|pack|package|bundle|box|set|collection|best|reprint|renewal|remake|remaster(?:ed)?|hd",
      "free|cheap|budget|low|price|trial|demo|append|scenario|patch|dlc|web|port|download|steam|early|access|all|ages",
      "for|support(?:ed|s)?|win(?:dows)?(?:xp|95|98|7|8|10|11)?|vista|android|voiced?|uncensored|r?18",
      "cd|cdr|cdrom|dvd|dvdrom|dvdpg|bd|disk",
      "(?:version|vol|volumes?|parts?|chapters?|episodes?)\\d{1,8}"
    ].join("|")
  })$`
)

/** Signs that stand for something, and everything that stands for nothing. */
const plain = (text: string): string =>
  text
    .replaceAll("*", "x").replaceAll("&", "and").replaceAll("@", "a")
    .replace(/[\p{P}\p{Z}\p{C}\p{Sk}\p{Sm}\sー$♥★☆♪]+/gu, "")

/** Width, compatibility forms, case and accents. Marks of kana are not accents, and those of й and ї make other letters. */
const foreign = (text: string): string =>
  text
    .replace(/[™©®]/g, "")
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("×", "x")
    .normalize("NFD")
    .replace(/(?<![а-дж-яі])[\u0300-\u036f]/gu, "")
    .normalize("NFC")
    .replace(/[ßæœøđðþłħıŋ]/g, (letter) => letters[letter] ?? letter)

const letters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ħ: "h",
  ı: "i",
  ŋ: "n"
}

const spellings: Readonly<Record<string, string>> = { disc: "disk", gray: "grey", colour: "color", senpai: "sempai" }

const respelt = (text: string): string => text.replace(/disc|gray|colour|senpai/g, (word) => spellings[word] ?? word)
