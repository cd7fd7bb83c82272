/**
 * Passes lines of COPY text on as they are, and leaves out those that PostgreSQL would refuse: with a wrong number of
 * cells, bytes that are no UTF-8, or escapes that stand for such bytes. Works on bytes; at most one line is kept between
 * chunks. It knows nothing of columns.
 */
import { Fault } from "@kanau/core"
import { isUtf8 } from "node:buffer"

/** A line that was left out. */
export interface BadLine {
  readonly rule: string
  /** Counted from 1. */
  readonly line: number
}

const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const backslash = 0x5c
const longestLine = 16 << 20

export class LineFilter {
  readonly #cells: number
  readonly #leftOut: (bad: BadLine) => void
  #rest: Buffer = Buffer.alloc(0)
  #lines = 0

  constructor(cells: number, leftOut: (bad: BadLine) => void) {
    this.#cells = cells
    this.#leftOut = leftOut
  }

  /** Lines so far. */
  get lines(): number {
    return this.#lines
  }

  /** The good lines that end in these bytes. */
  push(bytes: Uint8Array): Buffer {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const end = all.lastIndexOf(lineFeed) + 1
    this.#rest = Buffer.from(all.subarray(end))
    if (this.#rest.length > longestLine) {
      throw new Fault.InvalidInput({
        issues: [{ path: `line ${this.#lines + 1}`, message: "It is longer than 16 MiB. Download the dump again." }]
      })
    }
    return this.#sift(all.subarray(0, end))
  }

  /** A last line that does not end with a line feed. */
  end(): Buffer {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length === 0 ? rest : this.#sift(Buffer.concat([rest, Buffer.from("\n")]))
  }

  /** The same bytes when every line is good. */
  #sift(block: Buffer): Buffer {
    const valid = isUtf8(block)
    const good: Array<Buffer> = []
    let start = 0
    let goodFrom = 0
    let cells = 1
    let doubtful = !valid
    let broken = false
    for (let at = 0; at < block.length; at++) {
      const byte = block[at] as number
      if (byte > backslash) continue
      if (byte === backslash) {
        const next = block[at + 1] as number
        // A line feed, a digit, a period, or an x: an escape that PostgreSQL may refuse.
        if (next === lineFeed) broken = true
        else {
          if (next === 0x2e || next === 0x78 || (next >= 0x30 && next <= 0x37)) doubtful = true
          at++
        }
      } else if (byte === tab) cells++
      else if (byte === carriageReturn || byte === 0) broken = true
      else if (byte === lineFeed) {
        this.#lines++
        const rule = broken
          ? "holds characters that must be escaped"
          : cells !== this.#cells
          ? "has a wrong number of cells"
          : doubtful
          ? mistake(block.subarray(start, at))
          : undefined
        if (rule !== undefined) {
          this.#leftOut({ rule, line: this.#lines })
          if (start > goodFrom) good.push(block.subarray(goodFrom, start))
          goodFrom = at + 1
        }
        start = at + 1
        cells = 1
        doubtful = !valid
        broken = false
      }
    }
    if (goodFrom === 0) return block
    good.push(block.subarray(goodFrom))
    return Buffer.concat(good)
  }
}

/** What PostgreSQL would refuse in a line, looked at byte by byte. */
const mistake = (line: Buffer): string | undefined => {
  if (!isUtf8(line)) return "is no UTF-8"
  const decoded: Array<number> = []
  for (let at = 0; at < line.length; at++) {
    const byte = line[at] as number
    if (byte !== backslash) {
      decoded.push(byte)
      continue
    }
    const rest = line.toString("latin1", at + 1, at + 4)
    if (rest.startsWith(".")) return "holds an escape that is none"
    const [digits] = /^(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3})/.exec(rest) ?? []
    decoded.push(digits === undefined ? 0x3f : valueOf(digits))
    at += digits?.length ?? 1
  }
  if (decoded.includes(0)) return "holds characters that must be escaped"
  return isUtf8(Uint8Array.from(decoded)) ? undefined : "is no UTF-8"
}

const valueOf = (digits: string): number =>
  digits.startsWith("x") ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 8) & 0xff
