/**
 * Runs a timetable: sends the signal of each job when it is due. Any number of processes may run one; one of them leads,
 * and each due time is fired at most once whoever does (see `ScheduleStore`).
 *
 * Sleeps until the next due time, without asking the store in between. Looks at the clock at least every five seconds, so
 * a clock that is set forward, or a machine that was suspended, is noticed; catch-up then follows the policy of each
 * job. A clock that is set back delays the next firing until the due times that are decided have passed again.
 *
 * A signal is sent when it is in the store: publishing it is the relay's, doing the work a consumer's.
 */
import { Backoff, Fault } from "@kanau/core"
import { Clock, Duration, Effect, Exit, Metric, Random, Schedule } from "effect"
import { type Fired, type Lead, NoJob, ScheduleStore, type ScheduleStoreService } from "./ScheduleStore.ts"
import type { Job, Timetable } from "./Timetable.ts"
import { plan } from "./Timetable.ts"

/** How a timetable runs. */
export interface Options {
  /** How long stamps of firings are kept, for operators to look back; 30 days when absent. */
  readonly keep?: Duration.Input
}

/**
 * Runs the timetable until interrupted. Trouble with the store is logged and tried again; a job whose signal cannot be
 * made or stored is tried again every minute, the others go on.
 *
 * @example
 * ```ts
 * import { ScheduleRunner, ScheduleStore, Timetable } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * const run = ScheduleRunner.run(Timetable.make("shop", []))
 * // Never leads: somebody else does.
 * const store = { lead: () => Effect.never } as unknown as ScheduleStore.ScheduleStoreService
 * const running = Effect.timeoutOption(Effect.provideService(run, ScheduleStore.ScheduleStore, store), "10 millis")
 * (await Effect.runPromise(running))._tag // => "None"
 * ```
 */
export const run = (timetable: Timetable, options: Options = {}): Effect.Effect<never, never, ScheduleStore> =>
  Effect.flatMap(ScheduleStore, (store) => {
    const keepMillis = Duration.toMillis(Duration.fromInputUnsafe(options.keep ?? "30 days"))
    return store.lead(timetable.name, (lead) => Effect.scoped(reign(store, lead, timetable, keepMillis))).pipe(
      // Overtaken without noticing: the store knows who leads now.
      Effect.repeat(Schedule.spaced("1 second")),
      Effect.tapCause((cause) =>
        Fault.kindOf(cause) === "interrupted"
          ? Effect.void
          : Effect.logWarning("the scheduler stopped and starts again", cause)
      ),
      Effect.sandbox,
      Effect.retry(Backoff.upTo("5 seconds")),
      Effect.orDie,
      Effect.andThen(Effect.never)
    )
  })

/**
 * Sends the signal of a job now, beside its calendar, from any process. The signal is made for the present moment; the
 * due times of the job stay what they are.
 *
 * @example
 * ```ts
 * import { ScheduleRunner, ScheduleStore, Timetable } from "@kanau/messaging"
 * import { Effect } from "effect"
 *
 * const fire = ScheduleRunner.fire(Timetable.make("shop", []), "nightly")
 * const store = {} as ScheduleStore.ScheduleStoreService
 * Effect.runSync(Effect.flip(Effect.provideService(fire, ScheduleStore.ScheduleStore, store))).message // => "The timetable shop has no job nightly."
 * ```
 */
export const fire = (
  timetable: Timetable,
  job: string
): Effect.Effect<Fired, NoJob | Fault.Infrastructure, ScheduleStore> =>
  Effect.gen(function*() {
    const found = timetable.jobs.find(({ name }) => name === job)
    if (found === undefined) return yield* Effect.fail(new NoJob({ timetable: timetable.name, job }))
    const store = yield* ScheduleStore
    const due = yield* Clock.currentTimeMillis
    return yield* store.fireByHand(timetable.name, job, { due, signal: found.make(new Date(due)) })
  })

/** A job while this process leads. */
interface Entry {
  readonly job: Job
  reached: number
  next: number
  /** When to act on `next`: its own time and the jitter, or the next try after trouble. */
  at: number
}

/** Ends when another process has taken over. */
const reign = (store: ScheduleStoreService, lead: Lead, timetable: Timetable, keepMillis: number) =>
  Effect.gen(function*() {
    yield* Effect.acquireRelease(Metric.update(leads, 1), () => Metric.update(leads, 0))
    const began = yield* Clock.currentTimeMillis
    const reached = yield* store.register(lead, timetable.jobs.map((job) => definition(job, began)), began)
    if (reached === "overtaken") return
    const entries: Array<Entry> = []
    for (const job of timetable.jobs) {
      const from = reached.get(job.name) ?? began
      const entry = { job, reached: from, next: job.calendar.next(from), at: 0 }
      yield* schedule(entry)
      if (from > began + ahead) {
        yield* Effect.annotateLogs(Effect.logWarning("the clock was set back; nothing fires before it has caught up"), {
          timetable: lead.timetable,
          job: job.name,
          until: new Date(entry.next).toISOString()
        })
      }
      entries.push(entry)
    }
    let trimmed = -Infinity
    for (;;) {
      const now = yield* Clock.currentTimeMillis
      for (const entry of entries) {
        if (entry.at <= now && (yield* act(store, lead, entry, now)) === "overtaken") return
      }
      if (Math.abs(now - trimmed) >= hour) {
        trimmed = now
        yield* store.trim(lead.timetable, now - keepMillis)
      }
      const soonest = entries.reduce((least, { at }) => Math.min(least, at), Infinity)
      yield* Effect.sleep(Math.min(lookMillis, Math.max(1, soonest - (yield* Clock.currentTimeMillis))))
    }
  })

/** Jitter moves the moment of acting, and what counts as passed with it, but no due time. */
const schedule = (entry: Entry) =>
  Effect.gen(function*() {
    const { job } = entry
    const jitter = job.jitterMillis === 0 ? 0 : yield* Random.nextIntBetween(0, job.jitterMillis)
    entry.at = entry.next + jitter
    yield* Metric.update(Metric.withAttributes(nextDue, { job: job.name }), entry.next / 1000)
  })

/** Fires what is due of one job, or leaves it for a later try. */
const act = (store: ScheduleStoreService, lead: Lead, entry: Entry, now: number) =>
  Effect.gen(function*() {
    const exit = yield* Effect.exit(fireDue(store, lead, entry, now))
    if (Exit.isSuccess(exit)) return exit.value
    const kind = Fault.kindOf(exit.cause)
    if (kind === "unavailable" || kind === "interrupted") return yield* exit
    entry.at = now + troubleMillis
    yield* Effect.annotateLogs(Effect.logError(`a job could not fire: ${Fault.describe(exit.cause)}`), {
      timetable: lead.timetable,
      job: entry.job.name
    })
    return undefined
  })

const fireDue = (store: ScheduleStoreService, lead: Lead, entry: Entry, now: number) =>
  Effect.gen(function*() {
    const { job } = entry
    const made = plan(job, entry.reached, now - Math.max(0, Math.min(entry.at - entry.next, job.jitterMillis)))
    const annotated = Effect.annotateLogs({ timetable: lead.timetable, job: job.name })
    for (let from = 0; from === 0 || from < made.due.length; from += together) {
      const due = made.due.slice(from, from + together)
      const isLast = from + together >= made.due.length
      const reached = isLast ? made.reached : due.at(-1) ?? made.reached
      const next = isLast ? made.next : made.due[from + together] ?? made.next
      const fired = yield* store.decide(lead, {
        job: job.name,
        from: entry.reached,
        reached,
        next,
        firings: due.map((due) => ({ due, signal: job.make(new Date(due)) }))
      }, now)
      if (fired === "overtaken") return fired
      entry.reached = reached
      entry.next = next
      const last = fired.at(-1)
      if (last === undefined) continue
      const lateSeconds = (now - last.due) / 1000
      yield* Metric.update(Metric.withAttributes(fires, { job: job.name }), fired.length)
      yield* Metric.update(Metric.withAttributes(lastFired, { job: job.name }), now / 1000)
      yield* Metric.update(Metric.withAttributes(lateness, { job: job.name }), lateSeconds)
      yield* annotated(Effect.annotateLogs(Effect.logInfo("a job fired"), {
        due: new Date(last.due).toISOString(),
        signals: fired.length,
        lateSeconds,
        messageId: last.signalId
      }))
    }
    if (made.skipped !== undefined) {
      yield* Metric.update(Metric.withAttributes(skips, { job: job.name }), 1)
      yield* annotated(Effect.annotateLogs(Effect.logWarning("due times that had passed were skipped"), {
        since: new Date(made.skipped.first).toISOString(),
        until: new Date(made.skipped.last).toISOString()
      }))
    }
    yield* schedule(entry)
    return undefined
  })

const definition = ({ calendar, catchUp, name }: Job, now: number) => ({
  job: name,
  calendar: calendar.zone === undefined ? calendar.text : `${calendar.text} ${calendar.zone}`,
  catchUp: typeof catchUp === "object" ? `all ${catchUp.all}` : catchUp,
  next: calendar.next(now)
})

const hour = 3_600_000

/** A job that is decided further ahead than this was decided by a clock that has been set back since. */
const ahead = 60_000

/** How often the clock is looked at, at least. */
const lookMillis = 5000

/** The wait after trouble with one job. */
const troubleMillis = 60_000

/** Most signals of one transaction. */
const together = 500

const leads = Metric.gauge("kanau_schedule_leads", {
  description: "1 while this process decides what is due, else 0; over all processes of a timetable they sum up to 1"
})

const nextDue = Metric.gauge("kanau_schedule_next_due_seconds", {
  description: "When the job is due next, in seconds since 1970, as the leader has planned it"
})

const lastFired = Metric.gauge("kanau_schedule_last_fired_seconds", {
  description: "When this leader fired the job last, in seconds since 1970"
})

const lateness = Metric.gauge("kanau_schedule_lateness_seconds", {
  description: "How long after its due time, jitter included, the job was fired last"
})

const fires = Metric.counter("kanau_schedule_fired_total", {
  description: "Signals sent for due times",
  incremental: true
})

const skips = Metric.counter("kanau_schedule_skipped_total", {
  description: "How often due times of the job had passed and were skipped, one or many at a time",
  incremental: true
})
