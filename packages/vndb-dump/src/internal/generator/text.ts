/** Titles, names and prose. Prose holds BBCode, line feeds, tabs, backslashes, quotes and emoji at fixed rates. */
import type { Draw } from "./random.ts"
import { en, ja, ko, ru, studios, type Word, zh } from "./words.ts"

/** In its own script; romanised, or null when it is Latin already. */
export interface Named {
  readonly original: string
  readonly latin: string | null
}

export const title = (draw: Draw, language: string): Named => {
  switch (language) {
    case "ja":
      return japanese(draw)
    case "zh":
    case "zh-Hans":
    case "zh-Hant":
      return joined(draw.pick(zh.nouns), draw.pick(chinese), draw.pick(zh.nouns))
    case "ko":
      return joined(draw.pick(ko.nouns), ["의 ", "ui "], draw.pick(ko.nouns))
    case "ru":
    case "uk":
    case "be":
      return joined(draw.pick(ru.nouns), draw.pick(cyrillic), draw.pick(ru.nouns))
    default:
      return { original: english(draw), latin: null }
  }
}

/** The name of a person. */
export const person = (draw: Draw, language: string): Named => {
  const of = language === "ja"
    ? ja
    : language.startsWith("zh")
    ? zh
    : language === "ko"
    ? ko
    : language === "ru"
    ? ru
    : undefined
  if (of === undefined) return { original: `${draw.pick(en.given)} ${draw.pick(en.family)}`, latin: null }
  const [family, given] = [draw.pick(of.family), draw.pick(of.given)]
  if (of === ru) return { original: `${given[0]} ${family[0]}`, latin: `${given[1]} ${family[1]}` }
  return { original: `${family[0]}${of === ja ? " " : ""}${given[0]}`, latin: `${family[1]} ${given[1]}` }
}

/** The name of a company or a circle. */
export const studio = (draw: Draw, language: string): Named => {
  if (language === "ja" && draw.chance(0.4)) {
    const [word, kana] = [draw.pick(ja.nouns), invented(draw)]
    return draw.chance(0.5)
      ? { original: kana[0], latin: kana[1] }
      : { original: `${word[0]}工房`, latin: `${word[1]} Koubou` }
  }
  const word = draw.chance(0.5) ? draw.pick(en.nouns) : invented(draw)[1]
  return { original: `${word} ${draw.pick(studios)}`, latin: null }
}

/** About so many characters; empty for none. */
export const prose = (draw: Draw, length: number): string => {
  const paragraphs: Array<string> = []
  let size = 0
  while (size < length) {
    // Not the same kind of sentence twice in a paragraph.
    const first = draw.below(9)
    const sentences = Array.from({ length: draw.between(2, 4) }, (_, at) => sentence(draw, (first + at * 2) % 9))
    const paragraph = sentences.join(" ")
    size += paragraph.length + 2
    paragraphs.push(paragraph)
  }
  return paragraphs.join("\n\n")
}

/** A short remark, for notes. */
export const remark = (draw: Draw): string => draw.pick(remarks)

/** Written in capitals as Japanese writes foreign names. */
const invented = (draw: Draw): Word => {
  const parts = Array.from({ length: draw.between(2, 4) }, (_, at) => {
    const kana = draw.pick(ja.kana)
    return at === 0 && kana[1] === "n" ? (["ナ", "na"] as const) : kana
  })
  const latin = parts.map((part) => part[1]).join("")
  return [parts.map((part) => part[0]).join(""), `${latin.charAt(0).toUpperCase()}${latin.slice(1)}`]
}

const japanese = (draw: Draw): Named => {
  const [one, other, kana] = [draw.pick(ja.nouns), draw.pick(ja.nouns), invented(draw)]
  switch (draw.below(6)) {
    case 0:
      return joined(one, ["と", " to "], other)
    case 1:
      return { original: `${kana[0]} ～${one[0]}の${other[0]}～`, latin: `${kana[1]} ~${one[1]} no ${other[1]}~` }
    case 2:
      return joined(kana, ["の", " no "], one)
    case 3:
      return { original: english(draw), latin: null }
    default:
      return joined(one, ["の", " no "], other)
  }
}

const english = (draw: Draw): string => {
  const [adjective, noun, other] = [draw.pick(en.adjectives), draw.pick(en.nouns), draw.pick(en.nouns)]
  switch (draw.below(6)) {
    case 0:
      return `The ${adjective} ${noun}`
    case 1:
      return `${noun} of the ${adjective} ${other}`
    case 2:
      return `${adjective} ${noun}: A Tale of ${draw.pick(en.places)}`
    case 3:
      return `Letters from ${draw.pick(en.places)}`
    case 4:
      return `${adjective} ${noun} ${draw.pick(["2", "II", "Encore", "Re:birth", "Zero"])}`
    default:
      return `${adjective} ${noun}`
  }
}

const joined = (one: Word, between: Word, other: Word): Named => ({
  original: `${one[0]}${between[0]}${other[0]}`,
  latin: `${one[1]}${between[1]}${other[1]}`
})

const chinese: ReadonlyArray<Word> = [["之", " zhi "], ["与", " yu "], ["", " "]]
const cyrillic: ReadonlyArray<Word> = [[" и ", " i "], [". ", ". "], [": ", ": "]]

const sentence = (draw: Draw, kind: number): string => {
  const name = draw.pick(draw.chance(0.5) ? en.given : ja.given.map((word) => word[1]))
  const place = draw.pick(en.places)
  const thing = draw.pick(en.nouns).toLowerCase()
  const a = /^[aeio]/.test(thing) ? "an" : "a"
  if (draw.chance(0.12)) return spice(draw, name, thing)
  switch (kind) {
    case 0:
      return `${name} returns to ${place} after ${draw.between(2, 12)} years away, and nothing is as it was.`
    case 1:
      return `On the first day of the new term, ${name} finds an old ${thing} that should not be there.`
    case 2:
      return `Nobody in ${place} speaks about what happened that night at the ${thing}.`
    case 3:
      return `Together with ${draw.pick(en.given)}, ${name} sets out to find the truth before the season ends.`
    case 4:
      return `What begins as a harmless bet soon changes the lives of everyone around ${name}.`
    case 5:
      return `By day ${name} works at a small ${thing}; by night there are other promises to keep.`
    case 6:
      return `The story is told from several points of view and ends in one of ${draw.between(2, 9)} ways.`
    case 7:
      return `A summer, ${a} ${thing} and a letter without a sender: that is all it takes.`
    default:
      return `Each choice brings ${name} closer to the secret that ${place} has kept for a century.`
  }
}

/** What readers of a dump get wrong when they read it carelessly. */
const spice = (draw: Draw, name: string, thing: string): string => {
  switch (draw.below(8)) {
    case 0:
      return `[spoiler]${name} has known it from the start.[/spoiler]`
    case 1:
      return `[url=https://example.org/${thing}?from=a&to=b]Official page[/url], see also v${draw.between(1, 60)}.`
    case 2:
      return `[b]Note:[/b]\n[quote]Saves are kept in C:\\games\\new\\${name}.[/quote]`
    case 3:
      return `"We will meet again," ${name} said, "under the \\${thing}\\."`
    case 4:
      return `Routes:\t${name}\t${draw.pick(en.given)}`
    case 5:
      return `[i]${name}[/i] only smiles 😀🌸 and says nothing.`
    case 6:
      return `[raw][b]not bold[/b][/raw] and [code]if (a \\n b) {}[/code] stay as they are.`
    default:
      return `猫は「${name}」を見て、にゃあと鳴いた。`
  }
}

const remarks = [
  "Included with the first press only.",
  "Requires the base game.",
  "Patch 1.02 fixes the save bug.\nSee r1.",
  "Credited as \"staff\".",
  "Opening theme",
  "Text only; voices unchanged.",
  "C:\\new is a path, not a line.",
  "All routes, all endings."
]
