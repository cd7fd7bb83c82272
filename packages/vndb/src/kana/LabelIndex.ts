/**
 * The labels of many entries in memory, looked through for what they hold anywhere in them. Blocks of a few hundred entries
 * are texts of bytes, so that looking through all of them is one native search for each block, and an entry costs little
 * more than its labels.
 */
import type { Label } from "./SearchText.ts"

/** Entries of a block: an edit writes one anew, a search goes through all. */
const blockSize = 256

interface Block {
  readonly ids: Array<string>
  /** The labels of one entry after the other. */
  bytes: Buffer
  /** Where each ends. */
  ends: Array<number>
}

/** Labels by entry. */
export type Found = ReadonlyMap<string, ReadonlyArray<Label>>

/**
 * @example
 * ```ts
 * import { LabelIndex } from "@kanau/vndb/kana/LabelIndex"
 *
 * const index = new LabelIndex()
 * index.set("v17", [{ t: "ever17", p: 3 }])
 * index.set("v18", [{ t: "never7", p: 3 }])
 * Array.from(index.search(["ever", "17"]).keys()) // => ["v17"]
 * ```
 */
export class LabelIndex {
  readonly #places = new Map<string, Block>()
  #blocks: Array<Block> = []
  #bytes = 0

  /** What the labels take, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Writes an entry; without labels it is removed. */
  set(id: string, labels: ReadonlyArray<Label> | undefined): void {
    const block = this.#places.get(id)
    if (block !== undefined) {
      const at = block.ids.indexOf(id)
      if (labels !== undefined) this.#splice(block, at, 1, encode(labels))
      else {
        this.#splice(block, at, 1)
        block.ids.splice(at, 1)
        this.#places.delete(id)
        if (block.ids.length === 0) this.#blocks = this.#blocks.filter((one) => one !== block)
      }
    } else if (labels !== undefined) {
      const last = this.#blocks.at(-1)
      const open = last !== undefined && last.ids.length < blockSize ? last : this.#begin()
      this.#splice(open, open.ids.length, 0, encode(labels))
      open.ids.push(id)
      this.#places.set(id, open)
    }
  }

  /** The labels of those of the entries that are here. */
  get(ids: Iterable<string>): Found {
    const found = new Map<string, ReadonlyArray<Label>>()
    for (const id of ids) {
      const block = this.#places.get(id)
      if (block !== undefined) found.set(id, labelsAt(block, block.ids.indexOf(id)))
    }
    return found
  }

  /** The entries with a label that holds every one of the words, which are in normal form, with those labels. */
  search(words: ReadonlyArray<string>): Found {
    const found = new Map<string, Array<Label>>()
    const [longest = ""] = words.toSorted((a, b) => b.length - a.length)
    const wanted = Buffer.from(longest)
    for (const { bytes, ends, ids } of this.#blocks) {
      let entry = 0
      for (let at = bytes.indexOf(wanted); at !== -1;) {
        const from = at === 0 ? 0 : bytes.lastIndexOf(newLine, at - 1) + 1
        const until = bytes.indexOf(newLine, at)
        const label = labelOf(bytes.toString("utf8", from, until))
        if (words.every((word) => label.t.includes(word))) {
          while ((ends[entry] ?? Infinity) <= at) entry++
          const id = ids[entry]
          if (id === undefined) break
          const known = found.get(id)
          if (known === undefined) found.set(id, [label])
          else known.push(label)
        }
        at = bytes.indexOf(wanted, until)
      }
    }
    return found
  }

  #begin(): Block {
    const block: Block = { ids: [], bytes: Buffer.alloc(0), ends: [] }
    this.#blocks.push(block)
    return block
  }

  /** Puts an entry, or nothing, in the place of one, or of none. */
  #splice(block: Block, at: number, removed: 0 | 1, ...inserted: ReadonlyArray<Buffer>): void {
    const from = block.ends[at - 1] ?? 0
    const until = block.ends[at + removed - 1] ?? 0
    const [text = Buffer.alloc(0)] = inserted
    const grown = text.length - (until - from)
    block.bytes = Buffer.concat([block.bytes.subarray(0, from), text, block.bytes.subarray(until)])
    const ends = block.ends.slice(at + removed).map((end) => end + grown)
    block.ends = [...block.ends.slice(0, at), ...inserted.map(() => from + text.length), ...ends]
    this.#bytes += grown
  }
}

/** One digit of priority, the text, and a line's end, which is in no text. */
const encode = (labels: ReadonlyArray<Label>): Buffer => Buffer.from(labels.map(({ p, t }) => `${p}${t}\n`).join(""))

const newLine = 10

const labelsAt = (block: Block, entry: number): ReadonlyArray<Label> =>
  block.bytes.toString("utf8", block.ends[entry - 1] ?? 0, block.ends[entry]).split("\n").slice(0, -1).map(labelOf)

const labelOf = (line: string): Label => ({ t: line.slice(1), p: Number(line[0]) })
