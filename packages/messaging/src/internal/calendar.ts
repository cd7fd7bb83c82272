/**
 * Due times of a calendar, in milliseconds since 1970. The next due time after an instant is the same wherever the
 * search begins: two processes, or one before and after a restart, never see two versions of one calendar.
 */
import { Cron, DateTime } from "effect"

/** The first due time after an instant. */
export type Next = (after: number) => number

const hour = 3_600_000

/** Multiples of the interval since 1970. */
export const ofInterval = (millis: number): Next => (after) => (Math.floor(after / millis) + 1) * millis

/**
 * Due times of a cron expression. From an instant shortly after clocks went forward, `Cron.next` misses the times that
 * were moved out of the gap and are still to come; from before the gap it sees them. So the search begins there.
 */
export const ofCron = (cron: Cron.Cron, timeZone: DateTime.TimeZone): Next => {
  const offsetAt = (millis: number) => DateTime.zonedOffset(DateTime.makeZonedUnsafe(millis, { timeZone }))
  const next = (after: number) => Cron.next(cron, after).getTime()
  const changes = DateTime.isTimeZoneNamed(timeZone) && timeZone.id !== "UTC"
  const lostTo = (after: number): number => {
    const lost = offsetAt(after) - offsetAt(after - 4 * hour)
    // Where every hour matches, those after the gap have all that were in it.
    if (lost <= 0 || (cron.hours.size === 0 && lost % hour === 0)) return 0
    return offsetAt(after - lost) < offsetAt(after) ? lost : 0
  }
  return (after) => {
    const lost = changes ? lostTo(after) : 0
    let due = next(lost === 0 ? after : after - lost - 1)
    while (due <= after) due = next(due)
    return due
  }
}

/** The latest due times after `after` and up to `until`, at most `count`, oldest first. */
export const latest = (next: Next, after: number, until: number, count: number): ReadonlyArray<number> => {
  for (let window = 60_000;; window *= 4) {
    const from = Math.max(after, until - window)
    const found: Array<number> = []
    for (let due = next(from); due <= until; due = next(due)) found.push(due)
    if (found.length >= count || from === after) return found.slice(-count)
  }
}
