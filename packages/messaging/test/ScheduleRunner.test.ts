import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@kanau/core"
import { Cause, Clock, Effect, Exit, Fiber, Metric, Random } from "effect"
import { TestClock } from "effect/testing"
import { ScheduleRunner, ScheduleStore, Timetable } from "../src/index.ts"
import { bell, memory, Rang, wallClock } from "./scheduling.ts"

const minute = 60_000
const hour = 60 * minute
const start = Date.parse("2026-11-20T12:00:30Z")

/** Runs a timetable in virtual time, from 12:00:30 on. */
const running = (store: ReturnType<typeof memory>, ...jobs: ReadonlyArray<Timetable.Job>) =>
  Effect.forkChild(
    Effect.provideService(
      ScheduleRunner.run(Timetable.make("test", jobs)),
      ScheduleStore.ScheduleStore,
      store.service
    )
  )
const begin = TestClock.setTime(start)
const dues = (store: ReturnType<typeof memory>) =>
  store.fired.map(({ due }) => new Date(due).toISOString().slice(11, 19))

describe("ScheduleRunner", () => {
  it.effect("NV-11 each due time is fired once, at its time, with the signal made for it", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      yield* running(store, bell("each", Timetable.every("1 minute")), bell("odd", Timetable.cron("30 1 12 * * *")))
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(dues(store), ["12:01:00", "12:01:30", "12:02:00"])
      for (const { at, due, signal } of store.fired) {
        assert.isTrue(at >= due && at - due <= 2, `${at - due} ms late`)
        assert.deepStrictEqual(signal, new Rang({ due: new Date(due).toISOString() }))
      }
    })
  })

  it.effect("NF-10 an idle scheduler asks the store for nothing but to trim", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      yield* running(store, bell("yearly", Timetable.cron("0 0 1 1 *")))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(store.asked, 2)
      for (let hours = 0; hours < 24; hours++) yield* TestClock.adjust("1 hour")
      assert.strictEqual(store.asked, 26)
    })
  })

  it.effect("NF-10 jitter delays the firing by up to its bound, and leaves the due time what it is", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      yield* running(store, bell("jittered", Timetable.every("1 minute"), { jitterMillis: 20_000, graceMillis: 1000 }))
      for (let seconds = 0; seconds < 1800; seconds++) yield* TestClock.adjust("1 second")
      assert.strictEqual(store.fired.length, 30)
      assert.isTrue(store.fired.every(({ due }) => due % minute === 0))
      const delays = store.fired.map(({ at, due }) => at - due)
      assert.isTrue(delays.every((delay) => delay >= 0 && delay <= 21_000), delays.join(" "))
      assert.isTrue(Math.max(...delays) > 10_000 && Math.min(...delays) < 10_000)
    }).pipe(Random.withSeed("jitter"))
  })

  const policies: ReadonlyArray<readonly [Timetable.CatchUp, ReadonlyArray<string>]> = [
    ["skip", []],
    ["last", ["13:00:00"]],
    [{ all: 3 }, ["12:58:00", "12:59:00", "13:00:00"]],
    [
      { all: 100 },
      Array.from({ length: 60 }, (_, at) => at === 59 ? "13:00:00" : `12:${String(at + 1).padStart(2, "0")}:00`)
    ]
  ]
  for (const [catchUp, expected] of policies) {
    const policy = typeof catchUp === "object" ? `all ${catchUp.all}` : catchUp
    it.effect(`NF-10 restarted after an hour, ${policy} fires ${expected.length} of 60`, () => {
      const store = memory()
      // Later than its grace, but before the next one.
      const job = bell("each", Timetable.every("1 minute"), { catchUp, graceMillis: 10_000 })
      return Effect.gen(function*() {
        yield* begin
        const first = yield* running(store, job)
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.interrupt(first)
        yield* TestClock.adjust("1 hour")
        yield* running(store, job)
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(dues(store), expected)
      })
    })
    it.effect(`NF-10 the clock set forward an hour: ${policy} fires ${expected.length} of 60`, () => {
      const store = memory()
      return Effect.gen(function*() {
        yield* begin
        const { wall, clock } = yield* wallClock
        const job = bell("each", Timetable.every("1 minute"), { catchUp, graceMillis: 10_000 })
        yield* Effect.provideService(running(store, job), Clock.Clock, clock)
        yield* TestClock.adjust("1 second")
        wall.ahead = hour
        // The sleeper knows nothing of it, and looks at the clock five seconds after it began.
        yield* TestClock.adjust("3 seconds")
        assert.deepStrictEqual(dues(store), [])
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(dues(store), expected)
      })
    })
  }

  it.effect("NF-10 the clock set back an hour: nothing is fired twice, and it goes on when the hour is over", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      const { wall, clock } = yield* wallClock
      const job = bell("each", Timetable.every("10 minutes"), { catchUp: { all: 100 } })
      const first = yield* Effect.provideService(running(store, job), Clock.Clock, clock)
      yield* TestClock.adjust("20 minutes")
      wall.ahead = -10 * minute
      yield* TestClock.adjust("20 minutes")
      assert.deepStrictEqual(dues(store), ["12:10:00", "12:20:00", "12:30:00"])
      yield* Fiber.interrupt(first)
      wall.ahead = -hour - 10 * minute
      yield* Effect.provideService(running(store, job), Clock.Clock, clock)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(store.fired.length, 3)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(dues(store).slice(3), ["12:40:00"])
    })
  })

  it.effect("NF-10 a job that cannot fire is tried again each minute, and holds up no other", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      let refused = 0
      store.refuse = ({ job }) =>
        job === "bad" && ++refused < 3 ? new Fault.Invariant({ reason: "It does not fit." }) : undefined
      const bad = { ...bell("bad", Timetable.every("1 hour"), { catchUp: "last" as const }) }
      const throwing = { ...bell("throwing", Timetable.every("1 hour")), make: () => assert.fail("no signal") }
      yield* running(store, throwing, bad, bell("good", Timetable.every("1 hour")))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(store.fired.map(({ job }) => job), ["good"])
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(refused, 2)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(store.fired.map(({ job, due }) => [job, due % hour]), [["good", 0], ["bad", 0]])
    })
  })

  it.effect("NF-10 while the store is away nothing is lost; the scheduler starts again by itself", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      let away = true
      store.refuse = () => away ? new Fault.Unavailable({ dependency: "store", reason: "away" }) : undefined
      yield* running(store, bell("each", Timetable.every("1 minute"), { catchUp: { all: 10 } }))
      yield* TestClock.adjust("3 minutes")
      assert.isTrue(store.epoch > 1n)
      away = false
      yield* TestClock.adjust("6 seconds")
      assert.deepStrictEqual(dues(store), ["12:01:00", "12:02:00", "12:03:00"])
    })
  })

  it.effect("NF-10 one that was overtaken decides nothing more until it leads again", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      yield* running(store, bell("each", Timetable.every("1 minute")))
      yield* TestClock.adjust("1 second")
      store.epoch = 17n
      yield* TestClock.adjust("31 seconds")
      assert.deepStrictEqual([store.epoch, dues(store)], [18n, ["12:01:00"]])
    })
  })

  it.effect("NF-10 more due times than fit one transaction are fired in order over several", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      const job = bell("each", Timetable.every("1 second"), { catchUp: { all: 1200 } })
      const first = yield* running(store, job)
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust(1_299_985)
      const asked = store.asked
      yield* running(store, job)
      yield* TestClock.adjust("2 millis")
      assert.strictEqual(store.asked - asked, 5)
      assert.strictEqual(store.fired.length, 1200)
      assert.isTrue(store.fired.every(({ due }, at) => due === start + (100 + at) * 1000))
    })
  })

  it.effect("NF-10 fired by hand at once, in any process, under the present moment; an unknown job is refused", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      const timetable = Timetable.make("test", [bell("nightly", Timetable.cron("30 2 * * *"))])
      const fire = (job: string) =>
        Effect.provideService(ScheduleRunner.fire(timetable, job), ScheduleStore.ScheduleStore, store.service)
      assert.deepStrictEqual(yield* fire("nightly"), { due: start, signalId: "by hand" })
      assert.deepStrictEqual(store.fired[0]?.signal, new Rang({ due: "2026-11-20T12:00:30.000Z" }))
      const refused = yield* Effect.exit(fire("weekly"))
      assert.isTrue(Exit.isFailure(refused) && Cause.squash(refused.cause) instanceof ScheduleStore.NoJob)
    })
  })

  it.effect("NF-10 gauges say who leads, when each job is due and was fired, and how late", () => {
    const store = memory()
    return Effect.gen(function*() {
      yield* begin
      const leader = yield* running(store, bell("gauged", Timetable.every("1 minute")))
      yield* TestClock.adjust("35 seconds")
      const gauges = (yield* Metric.snapshot).flatMap(({ id, attributes, state }) =>
        id.startsWith("kanau_schedule") && (attributes?.["job"] ?? "gauged") === "gauged"
          ? [[id, state] as const]
          : []
      )
      const value = (id: string) => Object.values(gauges.find(([name]) => name === id)?.[1] ?? {})[0]
      assert.strictEqual(value("kanau_schedule_leads"), 1)
      assert.strictEqual(value("kanau_schedule_next_due_seconds"), Date.parse("2026-11-20T12:02:00Z") / 1000)
      assert.isTrue(Math.abs(Number(value("kanau_schedule_last_fired_seconds")) * 1000 - start - 30_000) < 3)
      assert.isTrue(Number(value("kanau_schedule_lateness_seconds")) < 0.003)
      assert.strictEqual(value("kanau_schedule_fired_total"), 1)
      yield* Fiber.interrupt(leader)
    })
  })
})
