/** What a benchmark prints: one JSON line per case on stdout, a table on stderr at the end. */

/** One comparison, made of rounds of ours and of the peer's in turn. */
interface Case {
  readonly bench: string
  readonly case: string
  readonly unit: string
  /** Median over the rounds. */
  readonly ours: number
  /** What it is compared with; `none` for figures that stand alone. */
  readonly peer: string
  readonly theirs: number | null
  /** `ours / theirs`. */
  readonly ratio: number | null
  /** What the ratio (or, without a peer, the figure) was to reach. */
  readonly goal: number | null
  readonly met: boolean | null
}

export interface Goal {
  readonly atLeast?: number
  readonly atMost?: number
}

const cases: Array<Case> = []

/** Reports one case from the figures of its rounds. */
export const report = (input: {
  readonly bench: string
  readonly case: string
  readonly unit: string
  readonly ours: ReadonlyArray<number>
  readonly peer?: { readonly name: string; readonly rounds: ReadonlyArray<number> }
  readonly goal?: Goal
}): void => {
  const ours = median(input.ours)
  const theirs = input.peer === undefined ? null : median(input.peer.rounds)
  const ratio = theirs === null ? null : ours / theirs
  const measured = ratio ?? ours
  const { atLeast, atMost } = input.goal ?? {}
  const line: Case = {
    bench: input.bench,
    case: input.case,
    unit: input.unit,
    ours: rounded(ours),
    peer: input.peer?.name ?? "none",
    theirs: theirs === null ? null : rounded(theirs),
    ratio: ratio === null ? null : rounded(ratio),
    goal: atLeast ?? atMost ?? null,
    met: atLeast !== undefined ? measured >= atLeast : atMost !== undefined ? measured <= atMost : null
  }
  cases.push(line)
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Prints every case reported so far as a table. */
export const summarise = (): void => {
  const rows = [
    ["case", "ours", "peer", "theirs", "ratio", "goal", ""],
    ...cases.map((line) => [
      `${line.bench}: ${line.case} (${line.unit})`,
      String(line.ours),
      line.peer,
      String(line.theirs ?? ""),
      String(line.ratio ?? ""),
      String(line.goal ?? ""),
      line.met === null ? "" : line.met ? "met" : "MISSED"
    ])
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of rows) {
    process.stderr.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}\n`)
  }
}

const median = (values: ReadonlyArray<number>): number => percentile(values, 0.5)

/** The value below which this share of the values lies. */
export const percentile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const rounded = (value: number): number => Number(value.toPrecision(4))
