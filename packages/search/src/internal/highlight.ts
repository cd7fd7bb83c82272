/**
 * Marks in the text as it is written what matched in its folded form. Done outside of the engine, which only knows the
 * folded form; the text is escaped for HTML, so only the marks are markup.
 */
import { fold } from "../Folding.ts"
import type { Definition, Document, Query } from "../SearchIndex.ts"
import { hasUnspaced } from "./grams.ts"
import type { Term } from "./matching.ts"
import { termsOf, typosOf } from "./matching.ts"

type Highlights = Readonly<Record<string, string | ReadonlyArray<string>>>

/** Highlights the documents a query found. */
export const highlighter = (index: Definition, { highlight, text = "" }: Query): (document: Document) => Highlights => {
  if (highlight === undefined) return () => ({})
  const terms = termsOf(index, text)
  // Words come again from hit to hit.
  const known = new Map<string, ReadonlyArray<Piece>>()
  const marked = (token: string): ReadonlyArray<Piece> => {
    const found = known.get(token) ?? piecesOf(token, terms)
    known.set(token, found)
    return found
  }
  const { open = "<em>", close = "</em>" } = highlight
  const mark = (part: string, isMatch: boolean) => isMatch ? `${open}${escape(part)}${close}` : escape(part)
  const render = (value: string) => pieces(value, marked).map(([part, isMatch]) => mark(part, isMatch)).join("")
  return (document) =>
    Object.fromEntries(highlight.fields.flatMap((field): ReadonlyArray<[string, string | ReadonlyArray<string>]> => {
      const value = document[field]
      if (value === undefined || value === null) return []
      return [[field, Array.isArray(value) ? value.map((one) => render(String(one))) : render(String(value))]]
    }))
}

type Piece = [text: string, isMatch: boolean]

/** The text in pieces, neighbours differing in whether they match. */
const pieces = (text: string, marked: (token: string) => ReadonlyArray<Piece>): ReadonlyArray<Piece> => {
  const found: Array<Piece> = []
  const add = (part: string, isMatch: boolean): void => {
    const last = found.at(-1)
    if (last?.[1] === isMatch) last[0] += part
    else if (part !== "") found.push([part, isMatch])
  }
  let at = 0
  for (const token of text.matchAll(tokens)) {
    add(text.slice(at, token.index), false)
    at = token.index + token[0].length
    for (const [part, isMatch] of marked(token[0])) add(part, isMatch)
  }
  add(text.slice(at), false)
  return found
}

/** A word matches or does not; a run of kanji and kana may match in parts. */
const piecesOf = (token: string, terms: ReadonlyArray<Term>): ReadonlyArray<Piece> => {
  const folded = fold(token)
  if (hasUnspaced(folded)) return unspaced(token, terms)
  return [[token, folded.split(" ").some((word) => terms.some((term) => typosOf(term, word) !== undefined))]]
}

/** Within a run of kanji and kana the pairs that were asked for are marked, character by character. */
const unspaced = (run: string, terms: ReadonlyArray<Term>): ReadonlyArray<Piece> => {
  const characters = [...graphemes.segment(run)].map(({ segment }) => ({ segment, folded: fold(segment) }))
  const starts: Array<number> = []
  let folded = ""
  for (const one of characters) {
    starts.push(folded.length)
    folded += one.folded
  }
  const marked = new Set<number>()
  for (const { word } of terms) {
    if (!hasUnspaced(word)) continue
    for (let from = folded.indexOf(word); from !== -1; from = folded.indexOf(word, from + 1)) {
      for (let at = from; at < from + word.length; at++) marked.add(at)
    }
  }
  // Of no width: a prolonged sound mark, which belongs to the character before it.
  let isMatch = false
  return characters.map(({ folded, segment }, at): Piece => {
    if (folded !== "") isMatch = marked.has(starts[at] ?? -1)
    return [segment, isMatch]
  })
}

const tokens =
  /(?:(?=[\p{L}\p{N}\p{M}])[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}])+|(?:(?![\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}])[\p{L}\p{N}\p{M}'’ʼ])+/gu

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? sign)

const entities: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["\"", "&quot;"],
  ["'", "&#39;"]
])
