/**
 * The schedule port: which due times of which jobs are decided, and the signals they sent.
 *
 * An adapter writes the stamp of a due time in the transaction that enqueues its signal: either both are there or
 * neither, and there is one of each per job and due time, whatever else goes wrong. That one process leads is only for
 * economy; nothing depends on it.
 */
import { Fault } from "@kanau/core"
import { Context, type Effect, Schema } from "effect"

/** The timetable has no job of this name. */
export class NoJob extends Fault.define<NoJob>()(
  "NoJob",
  "not-found",
  { timetable: Schema.String, job: Schema.String },
  (fault) => `The timetable ${fault.timetable} has no job ${fault.job}.`
) {}

/** The right of one process to decide the due times of a timetable. */
export interface Lead {
  readonly timetable: string
  /** Grows with each leader; what a former one writes is refused. */
  readonly epoch: bigint
}

/** A job as its definition says. Times are milliseconds since 1970. */
export interface Definition {
  readonly job: string
  /** Calendar and zone as text; a job whose text has changed begins anew. */
  readonly calendar: string
  readonly catchUp: string
  /** The first due time after now. */
  readonly next: number
}

/** Due times of a job that are decided together. */
export interface Decision {
  readonly job: string
  /** Up to where they were decided before. */
  readonly from: number
  /** Up to where they are from now on. */
  readonly reached: number
  /** The first due time after that. */
  readonly next: number
  /** What is fired of it, oldest first. */
  readonly firings: ReadonlyArray<{ readonly due: number; readonly signal: object }>
}

/** A due time that was fired. */
export interface Fired {
  readonly due: number
  /** Id of the message. */
  readonly signalId: string
}

/** A job as operators see it. */
export interface Entry {
  readonly job: string
  readonly calendar: string
  readonly catchUp: string
  /** `removed` when the leader's timetable has it no more. */
  readonly state: "active" | "removed"
  /** Absent for a removed job. */
  readonly nextDue?: Date
  /** The due time that was fired last; of a firing by hand, its moment. Absent together with the next two. */
  readonly lastDue?: Date
  readonly lastFiredAt?: Date
  readonly lastSignalId?: string
}

/** A timetable as operators see it. */
export interface Listing {
  /** Who leads, until when unless it renews; absent when nobody does. */
  readonly leader?: { readonly process: string; readonly epoch: bigint; readonly until: Date }
  /** By name. */
  readonly jobs: ReadonlyArray<Entry>
}

export interface ScheduleStoreService {
  /** Waits until this process may lead, then runs `work`; it is interrupted when the right is lost. */
  readonly lead: <A, E, R>(
    timetable: string,
    work: (lead: Lead) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | Fault.Unavailable, R>
  /**
   * Notes the jobs of the timetable, and says up to where each is decided: for one that is new, is back, or has another
   * calendar, up to `now` or later. Jobs that are no longer in it are kept and marked. `overtaken`: nothing was noted,
   * another process leads.
   */
  readonly register: (
    lead: Lead,
    jobs: ReadonlyArray<Definition>,
    now: number
  ) => Effect.Effect<ReadonlyMap<string, number> | "overtaken", Fault.Infrastructure>
  /**
   * Enqueues the signals and notes the decision, in one transaction. Returns what was fired: not what has its stamp
   * already. `overtaken`: nothing was done, because another process leads, or has decided or removed the job.
   */
  readonly decide: (
    lead: Lead,
    decision: Decision,
    now: number
  ) => Effect.Effect<ReadonlyArray<Fired> | "overtaken", Fault.Infrastructure>
  /**
   * Enqueues a signal beside the calendar, from any process. The due times of the job stay what they are. A second time
   * for the same moment it is not enqueued again.
   */
  readonly fireByHand: (
    timetable: string,
    job: string,
    firing: { readonly due: number; readonly signal: object }
  ) => Effect.Effect<Fired, Fault.Infrastructure>
  readonly list: (timetable: string) => Effect.Effect<Listing, Fault.Infrastructure>
  /** Forgets stamps of firings before a moment, and says how many. What was decided stays decided. */
  readonly trim: (timetable: string, before: number) => Effect.Effect<number, Fault.Infrastructure>
}

export class ScheduleStore
  extends Context.Service<ScheduleStore, ScheduleStoreService>()("@kanau/messaging/ScheduleStore")
{}
