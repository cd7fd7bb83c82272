/** Shows how far an import is: one line that changes on a terminal; elsewhere a line when something is complete. */
import type { ImportService } from "@kanau/vndb"
import { Clock, Effect } from "effect"

/** Made for one import. */
export const showProgress = Effect.sync(() => {
  let task = ""
  let began = 0
  let shown = 0
  return (progress: ImportService.Progress): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const { done, step, total, what } = progress
      const current = step === "check" || step === "derive" ? step : `${step} ${what}`
      if (current !== task) {
        task = current
        began = now
      }
      const complete = done >= total || step === "derive"
      if (!complete && now - shown < 200) return
      shown = now
      const text = `${step} ${what}: ${amount(progress)}${pace(progress, (now - began) / 1000)}`
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}${complete ? "\n" : ""}`)
      else if (complete) process.stderr.write(`${text}\n`)
    })
})

const amount = ({ done, rows, step, total }: ImportService.Progress): string =>
  step === "read" ? `${rows ?? 0} rows` : `${done}/${total}`

const pace = ({ done, rows, total }: ImportService.Progress, seconds: number): string => {
  if (seconds < 0.2 || done === 0) return ""
  const rate = `, ${Math.round((rows ?? done) / seconds)}/s`
  return done >= total ? rate : `${rate}, ${Math.ceil((total - done) * seconds / done)} s to go`
}
