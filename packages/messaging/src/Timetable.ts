/**
 * Scheduled jobs as data: when each is due, the signal it sends, and what becomes of due times that passed while nobody
 * was there. {@link plan} is the whole logic of firing, without clock or database; `ScheduleRunner` runs it.
 *
 * A due time is the name of a firing: whatever process computes it, after whatever pause, it is the same instant, and
 * each is decided once, fired or skipped. Calendars follow the wall clock of their zone through every change of it.
 *
 * Does no work itself: a job sends a signal, and a consumer of its queue does what is to be done.
 */
import type { Message, System } from "@kanau/core"
import { Cron, DateTime, Duration, Option, Result } from "effect"
import * as Calendars from "./internal/calendar.ts"

/** When a job is due. Make one with {@link cron} or {@link every}. */
export interface Calendar {
  /** For people, and to see that it has changed: `30 2 * * *`, `every 1h`. */
  readonly text: string
  /** The zone whose clocks it follows; absent where none matters. */
  readonly zone?: string
  /** The first due time after an instant, in milliseconds since 1970; the same wherever the question is asked. */
  readonly next: (after: number) => number
}

/**
 * What becomes of due times that passed unfired: because no scheduler ran, because it stood still, because the clock
 * was set forward. `skip`: none is made up for, but the latest still counts as on time within the job's grace.
 * `last`: only the latest is fired, however late. `all`: the latest so many, oldest first.
 */
export type CatchUp = "skip" | "last" | { readonly all: number }

/** A job. Make one with {@link job}. */
export interface Job {
  readonly name: string
  readonly calendar: Calendar
  readonly catchUp: CatchUp
  readonly graceMillis: number
  readonly jitterMillis: number
  /** The class of its signals. */
  readonly signal: Message.Any
  /** The signal for a due time. */
  readonly make: (due: Date) => object
}

/** Jobs that one scheduler runs. Make it with {@link make}. */
export interface Timetable {
  readonly name: string
  readonly jobs: ReadonlyArray<Job>
}

/** What is to be done about a job. Times in milliseconds since 1970. */
export interface Plan {
  /** Due times to fire, oldest first. */
  readonly due: ReadonlyArray<number>
  /** The first and the last of those that are skipped for good. */
  readonly skipped?: { readonly first: number; readonly last: number }
  /** Every due time up to here is decided by this plan or an earlier one. */
  readonly reached: number
  /** The first due time after that. */
  readonly next: number
}

/**
 * The times of a cron expression: minute, hour, day of month, month and day of week, with seconds before them if there
 * are six fields. `zone` is an IANA time zone (`Europe/Berlin`), UTC when absent.
 *
 * Where clocks go forward, a time they leave out comes as much later. Where they go back, `overlap` says which of the
 * two is meant; when absent, the first, or both if the hour is `*`, so that what happens every ten minutes goes on.
 *
 * @example
 * ```ts
 * import { Timetable } from "@kanau/messaging"
 *
 * const nightly = Timetable.cron("30 2 * * *", { zone: "Europe/Berlin" })
 * new Date(nightly.next(Date.UTC(2026, 9, 24, 12))).toISOString() // => "2026-10-25T00:30:00.000Z"
 * new Date(nightly.next(Date.UTC(2026, 9, 25, 12))).toISOString() // => "2026-10-26T01:30:00.000Z"
 * ```
 */
export const cron = (
  expression: string,
  options: { readonly zone?: string; readonly overlap?: Cron.DstOverlapPolicy } = {}
): Calendar => {
  const name = options.zone ?? "UTC"
  const zone = Option.getOrElse(DateTime.zoneFromString(name), () => {
    throw new Error(`"${name}" is no time zone; write one like Europe/Berlin, or leave it out for UTC`)
  })
  const parsed = (overlap: Cron.DstOverlapPolicy) =>
    Result.getOrElse(Cron.parse(expression, zone, { onDstOverlap: overlap }), ({ message }) => {
      throw new Error(`"${expression}" is no cron expression: ${message}; write 5 fields, or 6 that begin with seconds`)
    })
  const first = parsed(options.overlap ?? "both")
  const next = Calendars.ofCron(options.overlap === undefined && first.hours.size > 0 ? parsed("earlier") : first, zone)
  try {
    next(0)
  } catch {
    throw new Error(`"${expression}" names a date that never comes; check its day and month`)
  }
  const overlap = options.overlap === undefined ? "" : ` (${options.overlap} where clocks go back)`
  return { text: `${expression.trim().split(/\s+/).join(" ")}${overlap}`, zone: name, next }
}

/**
 * The multiples of an interval since 1970 in UTC, so that every process means the same times. At least a second.
 *
 * @example
 * ```ts
 * import { Timetable } from "@kanau/messaging"
 *
 * const quarterly = Timetable.every("15 minutes")
 * new Date(quarterly.next(Date.UTC(2026, 0, 1, 12, 1))).toISOString() // => "2026-01-01T12:15:00.000Z"
 * ```
 */
export const every = (interval: Duration.Input): Calendar => {
  const millis = Duration.toMillis(Duration.fromInputUnsafe(interval))
  if (!(millis >= 1000 && Number.isSafeInteger(millis))) {
    throw new Error(`A job is due every second at most, at whole milliseconds, not every ${millis} ms`)
  }
  return { text: `every ${Duration.format(Duration.millis(millis))}`, next: Calendars.ofInterval(millis) }
}

/**
 * A job: at each time of the calendar it sends what `make` makes of the due time. `catchUp` is `skip` when absent.
 * Firing is delayed by up to `jitterMillis` at random (0 when absent), the due time stays what it is. What is up to
 * `graceMillis` late (a minute when absent) counts as on time where others are skipped: longer than it takes another
 * process to take over.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Timetable } from "@kanau/messaging"
 * import { Schema } from "effect"
 *
 * class ReportDue extends Message.signal<ReportDue>()("reports.due", {
 *   fields: { day: Schema.String },
 *   subject: () => "reports"
 * }) {}
 *
 * const nightly = Timetable.job({
 *   name: "nightly-report",
 *   calendar: Timetable.cron("30 2 * * *", { zone: "Europe/Berlin" }),
 *   catchUp: "last",
 *   signal: ReportDue,
 *   make: (due) => new ReportDue({ day: due.toISOString().slice(0, 10) })
 * })
 * nightly.make(new Date(0)) // => new ReportDue({ day: "1970-01-01" })
 * ```
 */
export const job = <M extends Message.Any>(options: {
  readonly name: string
  readonly calendar: Calendar
  readonly signal: M
  readonly make: (due: Date) => M["Type"]
  readonly catchUp?: CatchUp
  readonly graceMillis?: number
  readonly jitterMillis?: number
}): Job => {
  const { calendar, catchUp = "skip", graceMillis = 60_000, jitterMillis = 0, make, name, signal } = options
  const refuse = (reason: string): never => {
    throw new Error(`Job "${name}": ${reason}`)
  }
  if (name.trim() === "" || name.length > 100) refuse("a name has 1 to 100 characters")
  if (signal.messageKind !== "signal") {
    refuse(`it sends ${signal.type}, not a signal but of kind ${signal.messageKind}; declare it with Message.signal`)
  }
  const inBounds = isCount(jitterMillis) && isCount(graceMillis) && graceMillis >= 1000
  if (!inBounds) refuse("its jitter is 0 or more, its grace 1000 or more milliseconds, both whole")
  if (typeof catchUp === "object" && !(isCount(catchUp.all) && catchUp.all >= 1 && catchUp.all <= 10_000)) {
    refuse("it can catch up on 1 to 10000 due times; use \"skip\" for none")
  }
  return { name, calendar, catchUp, graceMillis, jitterMillis, signal, make }
}

/**
 * The jobs of one scheduler. Timetables of different names in one database know nothing of each other.
 *
 * @example
 * ```ts
 * import { Timetable } from "@kanau/messaging"
 *
 * Timetable.make("shop", []).name // => "shop"
 * ```
 */
export const make = (name: string, jobs: ReadonlyArray<Job>): Timetable => {
  if (name.trim() === "" || name.length > 100) throw new Error("The name of a timetable has 1 to 100 characters")
  const names = jobs.map((job) => job.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`Two jobs are called "${twice}"; give one of them another name`)
  return { name, jobs }
}

/**
 * What is to be done about a job at `now`, when every due time up to `reached` is decided. Nothing, when `now` is
 * before the next due time; so setting a clock back fires nothing twice.
 *
 * @example
 * ```ts
 * import { Message } from "@kanau/core"
 * import { Timetable } from "@kanau/messaging"
 *
 * class Tick extends Message.signal<Tick>()("clock.tick", { fields: {}, subject: () => "clock" }) {}
 * const hourly = Timetable.job({
 *   name: "hourly",
 *   calendar: Timetable.every("1 hour"),
 *   catchUp: { all: 2 },
 *   signal: Tick,
 *   make: () => new Tick()
 * })
 * const hour = 3_600_000
 *
 * Timetable.plan(hourly, hour, 4.5 * hour) // => { due: [10800000, 14400000], reached: 14400000, next: 18000000, skipped: { first: 7200000, last: 7200000 } }
 * Timetable.plan(hourly, 4 * hour, 3 * hour) // => { due: [], reached: 14400000, next: 18000000 }
 * ```
 */
export const plan = ({ calendar: { next }, catchUp, graceMillis }: Job, reached: number, now: number): Plan => {
  const first = next(reached)
  if (first > now) return { due: [], reached, next: first }
  const wanted = typeof catchUp === "object" ? catchUp.all : 1
  const passed = Calendars.latest(next, reached, now, wanted + 1)
  const last = passed.at(-1) ?? first
  const due = catchUp === "skip" && now - last > graceMillis ? [] : passed.slice(-wanted)
  const skipped = passed.at(-due.length - 1)
  return {
    due,
    reached: last,
    next: next(last),
    ...(due.length === passed.length || skipped === undefined ? {} : { skipped: { first, last: skipped } })
  }
}

/**
 * The jobs as parts of a role, for `System.make`.
 *
 * @example
 * ```ts
 * import { Timetable } from "@kanau/messaging"
 *
 * Timetable.parts(Timetable.make("shop", [])) // => []
 * ```
 */
export const parts = ({ jobs }: Timetable): ReadonlyArray<System.SchedulePart> =>
  jobs.map(({ calendar, catchUp, jitterMillis, name, signal }) => ({
    kind: "schedule",
    job: name,
    calendar: calendar.text,
    ...(calendar.zone === undefined ? {} : { zone: calendar.zone }),
    catchUp: typeof catchUp === "object" ? `all, at most ${catchUp.all}` : catchUp,
    jitterMillis,
    signal
  }))

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
