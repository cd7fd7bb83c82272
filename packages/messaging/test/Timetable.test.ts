import { assert, describe, it } from "@effect/vitest"
import { Description, Message, System } from "@kanau/core"
import { Cron, Effect, Random, Schema } from "effect"
import { Consumer, Timetable } from "../src/index.ts"
import * as Calendars from "../src/internal/calendar.ts"

class Ticked extends Message.signal<Ticked>()("test.timetable.ticked", {
  fields: { at: Schema.String },
  subject: () => "clock"
}) {}
class Happened extends Message.event<Happened>()("test.timetable.happened", { fields: {}, subject: () => "x" }) {}

const tick = (calendar: Timetable.Calendar, rest: Partial<Timetable.Job> = {}) =>
  Timetable.job({
    name: "tick",
    calendar,
    signal: Ticked,
    make: (due) => new Ticked({ at: due.toISOString() }),
    ...(rest.catchUp === undefined ? {} : { catchUp: rest.catchUp }),
    ...(rest.graceMillis === undefined ? {} : { graceMillis: rest.graceMillis }),
    ...(rest.jitterMillis === undefined ? {} : { jitterMillis: rest.jitterMillis })
  })

const chain = (calendar: Timetable.Calendar, from: string, count: number): ReadonlyArray<string> => {
  const found: Array<string> = []
  let at = Date.parse(from)
  while (found.length < count) {
    at = calendar.next(at)
    found.push(new Date(at).toISOString().replace(":00.000Z", ""))
  }
  return found
}

describe("Timetable: calendars", () => {
  const cases: ReadonlyArray<readonly [what: string, Timetable.Calendar, from: string, due: ReadonlyArray<string>]> = [
    [
      "Berlin, a time in the hour that is left out comes an hour later",
      Timetable.cron("30 2 * * *", { zone: "Europe/Berlin" }),
      "2026-03-28T00:00:00Z",
      ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]
    ],
    [
      "Berlin, a time in the hour that comes twice is the first",
      Timetable.cron("30 2 * * *", { zone: "Europe/Berlin" }),
      "2026-10-24T00:00:00Z",
      ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]
    ],
    [
      "Berlin, or the second",
      Timetable.cron("30 2 * * *", { zone: "Europe/Berlin", overlap: "later" }),
      "2026-10-24T12:00:00Z",
      ["2026-10-25T01:30", "2026-10-26T01:30"]
    ],
    [
      "Berlin, or both",
      Timetable.cron("30 2 * * *", { zone: "Europe/Berlin", overlap: "both" }),
      "2026-10-24T12:00:00Z",
      ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-26T01:30"]
    ],
    [
      "Berlin, every half hour goes on through the hour that comes twice",
      Timetable.cron("*/30 * * * *", { zone: "Europe/Berlin" }),
      "2026-10-25T00:00:00Z",
      ["2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"]
    ],
    [
      "Berlin, and through the hour that is left out",
      Timetable.cron("*/30 * * * *", { zone: "Europe/Berlin" }),
      "2026-03-29T00:00:00Z",
      ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"]
    ],
    [
      "New York, the hour that is left out",
      Timetable.cron("15 2 * * *", { zone: "America/New_York" }),
      "2026-03-07T08:00:00Z",
      ["2026-03-08T07:15", "2026-03-09T06:15"]
    ],
    [
      "New York, the hour that comes twice",
      Timetable.cron("15 1 * * *", { zone: "America/New_York" }),
      "2026-10-31T06:00:00Z",
      ["2026-11-01T05:15", "2026-11-02T06:15"]
    ],
    [
      "a plain day of office hours across a change, in local time",
      Timetable.cron("0 9 * * MON-FRI", { zone: "America/New_York" }),
      "2026-03-06T00:00:00Z",
      ["2026-03-06T14:00", "2026-03-09T13:00"]
    ],
    ["UTC knows no such hours", Timetable.cron("30 2 * * *"), "2026-03-28T12:00:00Z", ["2026-03-29T02:30"]],
    [
      "month ends",
      Timetable.cron("0 0 31 * *"),
      "2026-01-31T00:00:00Z",
      ["2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00"]
    ],
    ["leap day", Timetable.cron("0 0 29 2 *"), "2026-01-01T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    [
      "6 fields begin with seconds",
      Timetable.cron("*/20 30 2 * * *"),
      "2026-01-01T00:00:00Z",
      ["2026-01-01T02:30", "2026-01-01T02:30:20.000Z", "2026-01-01T02:30:40.000Z", "2026-01-02T02:30"]
    ],
    [
      "intervals count from 1970, whenever the process began",
      Timetable.every("90 minutes"),
      "2026-01-01T00:17:00Z",
      ["2026-01-01T01:30", "2026-01-01T03:00"]
    ]
  ]
  for (const [what, calendar, from, due] of cases) {
    it(`NF-10 due times: ${what}`, () => assert.deepStrictEqual(chain(calendar, from, due.length), due))
  }

  it("NF-10 the next due time is the same wherever the search begins, around every change of the clocks", () => {
    const expressions = ["30 2 * * *", "15 */2 * * *", "*/7 2 * * *", "30 2,3 * * *", "*/20 30 2 * * *", "*/10 * * * *"]
    const changes = ["2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-03-08T07:00Z", "2026-11-01T06:00Z"]
    for (const zone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]) {
      for (const calendar of expressions.map((expression) => Timetable.cron(expression, { zone }))) {
        for (const change of [...changes, "2026-10-03T15:30Z", "2026-04-04T15:00Z"].map((at) => Date.parse(at))) {
          const due: Array<number> = []
          for (let at = calendar.next(change - 30 * 3_600_000); at < change + 30 * 3_600_000; at = calendar.next(at)) {
            due.push(at)
          }
          for (let from = change - 3 * 3_600_000; from < change + 3 * 3_600_000; from += 307_000) {
            const next = due.find((at) => at > from)
            if (next !== undefined) assert.strictEqual(calendar.next(from), next, `${calendar.text} ${zone} ${from}`)
          }
        }
      }
    }
    // What Effect's own search misses from within the hour after the gap.
    const bare = Cron.parseUnsafe("30 2 * * *", "Europe/Berlin")
    assert.strictEqual(Cron.next(bare, "2026-03-29T01:01:00Z").toISOString(), "2026-03-30T00:30:00.000Z")
    const from = Date.parse("2026-03-29T01:01:00Z")
    assert.strictEqual(
      new Date(Timetable.cron("30 2 * * *", { zone: "Europe/Berlin" }).next(from)).toISOString(),
      "2026-03-29T01:30:00.000Z"
    )
  })

  it("NF-10 the latest due times are the last of the whole chain", () => {
    const next = Timetable.cron("*/7 2,3,9 * * *", { zone: "Europe/Berlin" }).next
    const [from, until] = [Date.parse("2026-03-27T00:00Z"), Date.parse("2026-03-31T00:00Z")]
    const all: Array<number> = []
    for (let due = next(from); due <= until; due = next(due)) all.push(due)
    for (const count of [1, 2, 30, 1000]) {
      assert.deepStrictEqual(Calendars.latest(next, from, until, count), all.slice(-count))
    }
  })
})

describe("Timetable: plans", () => {
  const minute = 60_000
  const plan = (catchUp: Timetable.CatchUp, minutes: number, graceMillis = 60_000) => {
    const made = Timetable.plan(tick(Timetable.every("1 minute"), { catchUp, graceMillis }), 0, minutes * minute)
    return { ...made, due: made.due.map((due) => due / minute), reached: made.reached / minute }
  }
  it("NF-10 skip fires what is due now, and nothing that is later than its grace", () => {
    assert.deepStrictEqual(plan("skip", 1), { due: [1], reached: 1, next: 2 * minute })
    assert.deepStrictEqual(plan("skip", 2), {
      due: [2],
      reached: 2,
      next: 3 * minute,
      skipped: { first: minute, last: minute }
    })
    const late = Timetable.plan(tick(Timetable.every("1 hour")), 0, 60 * minute + 60_001)
    assert.deepStrictEqual(late, {
      due: [],
      reached: 60 * minute,
      next: 120 * minute,
      skipped: { first: 60 * minute, last: 60 * minute }
    })
    const inTime = Timetable.plan(tick(Timetable.every("1 hour")), 0, 61 * minute)
    assert.deepStrictEqual(inTime.due, [60 * minute])
  })
  it("NF-10 last fires the latest, however late it is", () => {
    const day = Timetable.plan(tick(Timetable.every("1 hour"), { catchUp: "last" }), 0, 24.5 * 60 * minute)
    assert.deepStrictEqual(day, {
      due: [24 * 60 * minute],
      reached: 24 * 60 * minute,
      next: 25 * 60 * minute,
      skipped: { first: 60 * minute, last: 23 * 60 * minute }
    })
  })
  it("NF-10 all fires the latest so many, oldest first, and says which it skipped", () => {
    assert.deepStrictEqual(plan({ all: 3 }, 3), { due: [1, 2, 3], reached: 3, next: 4 * minute })
    assert.deepStrictEqual(plan({ all: 3 }, 7.5), {
      due: [5, 6, 7],
      reached: 7,
      next: 8 * minute,
      skipped: { first: minute, last: 4 * minute }
    })
  })
  it("NF-10 nothing is due before its time, nor after the clock was set back", () => {
    const hourly = tick(Timetable.every("1 hour"), { catchUp: { all: 100 } })
    assert.deepStrictEqual(Timetable.plan(hourly, 120 * minute, 60 * minute), {
      due: [],
      reached: 120 * minute,
      next: 180 * minute
    })
  })

  it("NV-11 over random downtimes: no due time twice, none early, and as many as the policy says", () =>
    Effect.gen(function*() {
      const calendars = [
        Timetable.every("1 minute"),
        Timetable.cron("*/5 * * * *", { zone: "Europe/Berlin" }),
        Timetable.cron("30 */3 * * *", { zone: "America/New_York" }),
        Timetable.cron("*/15 0 2 * * *", { zone: "Europe/Berlin" })
      ]
      const policies: ReadonlyArray<Timetable.CatchUp> = ["skip", "last", { all: 1 }, { all: 4 }, { all: 50 }]
      for (const calendar of calendars) {
        for (const catchUp of policies) {
          const job = tick(calendar, { catchUp })
          const fired = new Set<number>()
          let now = Date.parse("2026-10-24T18:00Z")
          let reached = now
          for (let round = 0; round < 40; round++) {
            // Mostly downtimes, sometimes a clock that goes back.
            const length = yield* Random.nextIntBetween(1, yield* Random.nextIntBetween(2, 36_000_000))
            now += (yield* Random.next) < 0.2 ? -length : length
            let passed = 0
            for (let due = calendar.next(reached); due <= now; due = calendar.next(due)) passed++
            const made = Timetable.plan(job, reached, now)
            const late = now - made.reached > job.graceMillis
            const wanted = typeof catchUp === "object" ? catchUp.all : catchUp === "skip" && late ? 0 : 1
            assert.strictEqual(made.due.length, Math.min(wanted, passed))
            assert.strictEqual(made.skipped === undefined, made.due.length === passed)
            assert.isTrue(
              made.reached >= reached && made.next > made.reached && made.next > Math.min(now, made.next - 1)
            )
            for (const due of made.due) {
              assert.isTrue(due <= now && due > reached && !fired.has(due))
              fired.add(due)
            }
            reached = made.reached
          }
        }
      }
    }).pipe(Random.withSeed("timetable"), Effect.runPromise))
})

describe("Timetable: composition", () => {
  const daily = Timetable.cron("0 0 * * *")
  const refusals: ReadonlyArray<readonly [what: string, () => unknown, message: RegExp]> = [
    ["too few fields", () => Timetable.cron("0 0 *"), /"0 0 \*" is no cron expression: .* write 5 fields, or 6/],
    ["a value out of range", () => Timetable.cron("61 * * * *"), /between 0 and 59/],
    ["a date that never comes", () => Timetable.cron("0 0 31 2 *"), /names a date that never comes/],
    ["an unknown zone", () => Timetable.cron("0 0 * * *", { zone: "Mars/Olympus" }), /"Mars\/Olympus" is no time zone/],
    ["less than a second", () => Timetable.every("500 millis"), /every second at most/],
    ["two jobs of one name", () => Timetable.make("test", [tick(daily), tick(daily)]), /Two jobs are called "tick"/],
    ["a name of nothing", () => Timetable.make(" ", []), /1 to 100 characters/],
    ["catching up on none", () => tick(daily, { catchUp: { all: 0 } }), /1 to 10000/],
    ["no grace", () => tick(daily, { graceMillis: 0 }), /1000 or more/],
    ["a jitter below 0", () => tick(daily, { jitterMillis: -1 }), /jitter is 0 or more/],
    [
      "an event as signal",
      () => Timetable.job({ name: "odd", calendar: daily, signal: Happened, make: () => new Happened() }),
      /Job "odd": it sends test.timetable.happened, not a signal but of kind event; declare it/
    ]
  ]
  for (const [what, make, message] of refusals) {
    it(`NF-10 ${what} is refused in plain words`, () => assert.throws(make, message))
  }

  it("NV-11 a described system lists its jobs and knows their signals", () => {
    const timetable = Timetable.make("test", [
      tick(Timetable.cron("0  9 * * MON", { zone: "Europe/Berlin", overlap: "both" }), { catchUp: { all: 3 } })
    ])
    const system = System.make({
      name: "test",
      version: "1",
      roles: {
        scheduler: Timetable.parts(timetable),
        worker: [Consumer.part(Consumer.make({ queue: "clock", handlers: [Consumer.on(Ticked, () => Effect.void)] }))]
      }
    })
    const description = Description.of(system)
    assert.deepStrictEqual(description.roles["scheduler"], [{
      kind: "schedule",
      job: "tick",
      calendar: "0 9 * * MON (both where clocks go back)",
      zone: "Europe/Berlin",
      catchUp: "all, at most 3",
      jitterMillis: 0,
      signal: "test.timetable.ticked"
    }])
    assert.deepStrictEqual(Object.keys(description.messages), ["test.timetable.ticked"])
  })
})
