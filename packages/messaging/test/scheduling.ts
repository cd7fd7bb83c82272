/** A schedule store in memory that counts what it is asked, for tests of the runner in virtual time. */
import { type Fault, Message } from "@kanau/core"
import { Clock, Effect, Schema } from "effect"
import { ScheduleStore, Timetable } from "../src/index.ts"

export class Rang extends Message.signal<Rang>()("test.schedule.rang", {
  fields: { due: Schema.String },
  subject: () => "bell"
}) {}

export const bell = (
  name: string,
  calendar: Timetable.Calendar,
  rest: { readonly catchUp?: Timetable.CatchUp; readonly jitterMillis?: number; readonly graceMillis?: number } = {}
): Timetable.Job =>
  Timetable.job({ name, calendar, signal: Rang, make: (due) => new Rang({ due: due.toISOString() }), ...rest })

/** A wall clock that a test sets while sleepers go on by the virtual clock, as they do on a real machine. */
export const wallClock = Effect.map(Clock.Clock, (virtual) => {
  const wall = { ahead: 0 }
  const clock: Clock.Clock = Object.create(virtual, {
    currentTimeMillisUnsafe: { value: () => virtual.currentTimeMillisUnsafe() + wall.ahead },
    currentTimeMillis: { get: () => Effect.map(virtual.currentTimeMillis, (millis) => millis + wall.ahead) }
  })
  return { wall, clock }
})

/** One leader at a time; `fired` has each firing with the moment it was decided. */
export const memory = () => {
  const reached = new Map<string, number>()
  const store = {
    asked: 0,
    fired: [] as Array<{ readonly job: string; readonly due: number; readonly at: number; readonly signal: object }>,
    /** What deciding fails with, if at all. */
    refuse: (_: ScheduleStore.Decision): Fault.Infrastructure | undefined => undefined,
    epoch: 0n,
    service: undefined as unknown as ScheduleStore.ScheduleStoreService
  }
  const unused = () => Effect.die(new Error("not part of these tests"))
  store.service = ScheduleStore.ScheduleStore.of({
    lead: (timetable, work) => Effect.suspend(() => work({ timetable, epoch: ++store.epoch })),
    register: (_, jobs, now) =>
      Effect.sync(() => {
        store.asked++
        for (const { job } of jobs) reached.set(job, reached.get(job) ?? now)
        return new Map(reached)
      }),
    decide: ({ epoch }, decision, now) =>
      Effect.suspend((): ReturnType<ScheduleStore.ScheduleStoreService["decide"]> => {
        store.asked++
        const fault = store.refuse(decision)
        if (fault !== undefined) return Effect.fail(fault)
        if (epoch !== store.epoch || reached.get(decision.job) !== decision.from) return Effect.succeed("overtaken")
        reached.set(decision.job, decision.reached)
        for (const firing of decision.firings) store.fired.push({ job: decision.job, at: now, ...firing })
        return Effect.succeed(decision.firings.map(({ due }) => ({ due, signalId: `${decision.job} ${due}` })))
      }),
    fireByHand: (_, job, { due, signal }) =>
      Effect.sync(() => {
        store.fired.push({ job, due, signal, at: due })
        return { due, signalId: "by hand" }
      }),
    trim: () => Effect.sync(() => store.asked++),
    list: unused
  })
  return store
}
