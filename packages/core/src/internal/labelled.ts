/** Counters of layers: made once for each label, so that counting costs a look-up and an addition. */
import { Metric } from "effect"

/**
 * The series of a counter with these labels. `Metric.withAttributes` makes a context for every count instead, which
 * costs more than the rest of a layer.
 */
export const labelled = (
  counter: Metric.Counter<number>,
  labels: Readonly<Record<string, string>>
): Metric.Counter<number> =>
  Metric.counter(counter.id, {
    incremental: true,
    attributes: labels,
    ...(counter.description === undefined ? {} : { description: counter.description })
  })

/** The series of one label that is only known when something ended; each is made when it is first met. */
export const byLabel = (make: (label: string) => Metric.Counter<number>): (label: string) => Metric.Counter<number> => {
  const series = new Map<string, Metric.Counter<number>>()
  return (label) => {
    let counter = series.get(label)
    if (counter === undefined) {
      counter = make(label)
      series.set(label, counter)
    }
    return counter
  }
}
