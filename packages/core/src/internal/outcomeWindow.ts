/** The outcomes of the last calls, with the number of failures among them always at hand. */
export interface OutcomeWindow {
  readonly size: number
  readonly add: (failed: boolean) => void
  readonly clear: () => void
  readonly calls: () => number
  readonly failures: () => number
}

export const make = (size: number): OutcomeWindow => {
  const failed = new Uint8Array(size)
  let calls = 0
  let at = 0
  let failures = 0
  return {
    size,
    add: (hasFailed) => {
      if (calls === size) failures -= failed[at] ?? 0
      else calls++
      failed[at] = hasFailed ? 1 : 0
      failures += hasFailed ? 1 : 0
      at = (at + 1) % size
    },
    clear: () => {
      calls = at = failures = 0
    },
    calls: () => calls,
    failures: () => failures
  }
}
