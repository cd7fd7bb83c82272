import { assert, describe, it } from "@effect/vitest"
import { Message } from "@kanau/core"
import { ScheduleRunner, ScheduleStore, Timetable } from "@kanau/messaging"
import { Cause, Clock, Deferred, Duration, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Outbox, PgScheduleStore } from "../src/index.ts"
import { databases } from "./databases.ts"
import { eventually } from "./relaying.ts"

class Rang extends Message.signal<Rang>()("test.pg-schedule.rang", {
  fields: { bell: Schema.String, due: Schema.String },
  subject: ({ bell }) => bell
}) {}

const hour = 3_600_000
const noon = Date.parse("2026-11-20T12:00:00Z")

/** Every bell has a name of its own, which is the subject of its signals. */
const bell = (
  name: string,
  rest: { readonly catchUp?: Timetable.CatchUp; readonly calendar?: Timetable.Calendar } = {}
) =>
  Timetable.job({
    name,
    calendar: Timetable.every("1 hour"),
    signal: Rang,
    make: (due) => new Rang({ bell: name, due: due.toISOString() }),
    ...rest
  })

/** A wall clock that stands where the test puts it; sleepers sleep in real time, for little. */
const handClock = (at: number) =>
  Effect.map(Clock.Clock, (live) => {
    const hands = { at, looks: 0 }
    const clock: Clock.Clock = Object.create(live, {
      currentTimeMillisUnsafe: { value: () => hands.at },
      currentTimeMillis: {
        get: () =>
          Effect.sync(() => {
            hands.looks++
            return hands.at
          })
      },
      // What gives up after long has to go by the real clock: these hands stand still.
      sleep: {
        value: (duration: Duration.Duration) =>
          live.sleep(Duration.toMillis(duration) > 5000 ? duration : Duration.millis(5))
      }
    })
    return { hands, clock }
  })

/** Waits until the runner has looked at the clock some more times. */
const looked = (hands: { readonly looks: number }) =>
  Effect.suspend(() => {
    const before = hands.looks
    return Effect.sync(() => hands.looks).pipe(
      Effect.delay("1 millis"),
      Effect.repeat({ until: (looks) => looks > before + 5 }),
      Effect.timeout("10 seconds")
    )
  })

/** The signals of a bell in the order of the log, by the hour they were due. */
const rung = (name: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ data: Uint8Array }>`
      select data from kanau.events where subject = ${name} and type = ${Rang.type} order by position`
    return rows.map(({ data }) => (JSON.parse(new TextDecoder().decode(data)) as { due: string }).due.slice(11, 16))
  })

const stamps = (name: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ due: Date; matches: boolean }>`select due, exists (
          select 1 from kanau.events where events.position = schedule_stamps.position and events.id = signal_id
        ) as matches
        from kanau.schedule_stamps where job = ${name} order by due`,
      (rows) =>
        rows.map(({ due, matches }) => {
          assert.isTrue(matches)
          return due.toISOString().slice(11, 16)
        })
    ))

/** Leads until the scope closes. */
const leading = (timetable: string) =>
  Effect.gen(function*() {
    const store = yield* ScheduleStore.ScheduleStore
    const led = yield* Deferred.make<ScheduleStore.Lead>()
    yield* Effect.forkScoped(
      store.lead(timetable, (lead) => Effect.andThen(Deferred.succeed(led, lead), Effect.never))
    )
    return yield* Deferred.await(led)
  })

const registered = (lead: ScheduleStore.Lead, job: Timetable.Job, now: number) =>
  Effect.gen(function*() {
    const store = yield* ScheduleStore.ScheduleStore
    const { calendar, name } = job
    const reached = yield* store.register(
      lead,
      [{ job: name, calendar: calendar.text, catchUp: "skip", next: calendar.next(now) }],
      now
    )
    return reached === "overtaken" ? undefined : reached.get(name)
  })

/** The decision to fire the due times of these hours after noon, when those up to `from` are decided. */
const decision = (name: string, from: number, ...hours: ReadonlyArray<number>): ScheduleStore.Decision => ({
  job: name,
  from: noon + from * hour,
  reached: noon + (hours.at(-1) ?? from) * hour,
  next: noon + ((hours.at(-1) ?? from) + 1) * hour,
  firings: hours.map((at) => {
    const due = noon + at * hour
    return { due, signal: new Rang({ bell: name, due: new Date(due).toISOString() }) }
  })
})

for (const database of databases) {
  const scheduled = Layer.provideMerge(
    PgScheduleStore.layer({ process: "test process", leaseSeconds: 10 }),
    Layer.provideMerge(Outbox.layer({ source: "/test" }), database.layer)
  )
  const only = (name: string) => Timetable.make(name, [bell(name)])

  describe(`PgScheduleStore on ${database.name}`, () => {
    it.live("NV-11 a running timetable: each due time has one stamp and one signal, and the list says so", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const { clock, hands } = yield* handClock(noon)
        const timetable = only("each")
        yield* Effect.forkScoped(Effect.provideService(ScheduleRunner.run(timetable), Clock.Clock, clock))
        yield* eventually("exists (select 1 from kanau.schedule_jobs where job = 'each')")
        for (let at = 1; at <= 4; at++) {
          hands.at = noon + at * hour
          yield* eventually(`(select count(*) from kanau.events where subject = 'each') = ${at}`)
        }
        assert.deepStrictEqual(yield* rung("each"), ["13:00", "14:00", "15:00", "16:00"])
        assert.deepStrictEqual(yield* stamps("each"), ["13:00", "14:00", "15:00", "16:00"])
        const { jobs, leader } = yield* store.list("each")
        const sql = yield* SqlClient.SqlClient
        const [last] = yield* sql<{ id: string }>`
          select id from kanau.events where subject = 'each' order by position desc limit 1`
        assert.match(leader?.process ?? "", /^test process .{36}$/)
        assert.deepStrictEqual(jobs, [{
          job: "each",
          calendar: "every 1h",
          catchUp: "skip",
          state: "active",
          nextDue: new Date(noon + 5 * hour),
          lastDue: new Date(noon + 4 * hour),
          lastFiredAt: new Date(noon + 4 * hour),
          lastSignalId: last?.id ?? ""
        }])
        const pending = yield* sql`select 1 from kanau.pending where subject = 'each'`
        assert.strictEqual(pending.length, 4)
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 two leaders at once, of one epoch: one of them fires each due time", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const lead = yield* leading("twice")
        yield* registered(lead, bell("twice"), noon)
        for (let at = 0; at < 5; at++) {
          const both = yield* Effect.all(
            Array.from({ length: 4 }, () => store.decide(lead, decision("twice", at, at + 1), noon + at * hour)),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(both.filter((one) => one === "overtaken").length, 3)
        }
        assert.deepStrictEqual(yield* rung("twice"), ["13:00", "14:00", "15:00", "16:00", "17:00"])
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 a leader stalled past its lease decides nothing once another leads", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const sql = yield* SqlClient.SqlClient
        const stalled = yield* leading("stalled")
        yield* registered(stalled, bell("stalled"), noon)
        yield* sql`update kanau.leases set expires_at = now() - interval '1 second' where name = 'scheduler/stalled'`
        const next = yield* leading("stalled")
        assert.strictEqual(next.epoch, stalled.epoch + 1n)
        assert.strictEqual(yield* registered(next, bell("stalled"), noon + hour), noon)
        const fired = yield* store.decide(next, decision("stalled", 0, 1), noon + hour)
        assert.strictEqual(fired.length, 1)
        // What it had in mind before it was stopped, and what it would do next.
        assert.strictEqual(yield* store.decide(stalled, decision("stalled", 0, 1), noon + hour), "overtaken")
        assert.strictEqual(yield* store.decide(stalled, decision("stalled", 1, 2), noon + hour), "overtaken")
        assert.isUndefined(yield* registered(stalled, bell("other"), noon))
        assert.deepStrictEqual(yield* rung("stalled"), ["13:00"])
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 a stamp outlasts whatever is done to the job: its due time is not fired again", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const sql = yield* SqlClient.SqlClient
        const lead = yield* leading("stamped")
        yield* registered(lead, bell("stamped"), noon)
        yield* store.decide(lead, decision("stamped", 0, 1, 2), noon + 2 * hour)
        yield* sql`update kanau.schedule_jobs set reached = ${new Date(noon).toISOString()}::timestamptz
          where job = 'stamped'`
        const fired = yield* store.decide(lead, decision("stamped", 0, 1, 2, 3), noon + 3 * hour)
        assert.deepStrictEqual(fired === "overtaken" ? fired : fired.map(({ due }) => due), [noon + 3 * hour])
        assert.deepStrictEqual(yield* rung("stamped"), ["13:00", "14:00", "15:00"])
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 killed between stamp and enqueue, neither is there, and the due time is fired later (pg-boss #914)", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const sql = yield* SqlClient.SqlClient
        const outbox = yield* Outbox.Outbox
        const lead = yield* leading("killed")
        yield* registered(lead, bell("killed"), noon)
        // Dies after each step of the transaction but the last.
        const dying = (part: "before" | "after") =>
          Effect.provide(
            Effect.flatMap(ScheduleStore.ScheduleStore, ({ decide }) => decide(lead, decision("killed", 0, 1), noon)),
            Layer.fresh(PgScheduleStore.layer()).pipe(Layer.provide(Layer.succeed(
              Outbox.Outbox,
              {
                ...outbox,
                appendAll: (messages) =>
                  part === "before"
                    ? Effect.interrupt
                    : Effect.andThen(outbox.appendAll(messages), Effect.interrupt)
              }
            )))
          )
        const rolledBack = sql.withTransaction(Effect.andThen(
          store.decide(lead, decision("killed", 0, 1), noon),
          Effect.interrupt
        ))
        for (const death of [dying("before"), dying("after"), rolledBack]) {
          const exit = yield* Effect.exit(death)
          assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
          assert.deepStrictEqual([yield* rung("killed"), yield* stamps("killed")], [[], []])
        }
        assert.strictEqual(yield* registered(lead, bell("killed"), noon + hour), noon)
        yield* store.decide(lead, decision("killed", 0, 1), noon + hour)
        assert.deepStrictEqual([yield* rung("killed"), yield* stamps("killed")], [["13:00"], ["13:00"]])
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    const policies: ReadonlyArray<readonly [Timetable.CatchUp, Array<string>]> = [
      ["skip", []],
      ["last", ["16:00"]],
      [{ all: 2 }, ["15:00", "16:00"]],
      [{ all: 9 }, ["13:00", "14:00", "15:00", "16:00"]]
    ]
    for (const [catchUp, expected] of policies) {
      const policy = typeof catchUp === "object" ? `all ${catchUp.all}` : catchUp
      it.live(`NF-10 restarted after four and a half hours, ${policy} fires ${expected.length} of 4`, () =>
        Effect.gen(function*() {
          const name = `policy ${policy}`
          const run = ScheduleRunner.run(Timetable.make(name, [bell(name, { catchUp })]))
          const { clock, hands } = yield* handClock(noon)
          const first = yield* Effect.forkChild(Effect.provideService(run, Clock.Clock, clock))
          yield* eventually(`exists (select 1 from kanau.schedule_jobs where job = '${name}')`)
          yield* Fiber.interrupt(first)
          hands.at = noon + 4.5 * hour
          yield* Effect.forkScoped(Effect.provideService(run, Clock.Clock, clock))
          yield* eventually(`(select reached from kanau.schedule_jobs where job = '${name}') = '2026-11-20T16:00:00Z'`)
          assert.deepStrictEqual(yield* rung(name), expected)
          // The clock goes back an hour, and the hour is lived through again.
          hands.at = noon + 3.5 * hour
          yield* looked(hands)
          hands.at = noon + 4 * hour
          yield* looked(hands)
          assert.deepStrictEqual(yield* rung(name), expected)
          hands.at = noon + 5 * hour
          yield* eventually(`(select reached from kanau.schedule_jobs where job = '${name}') = '2026-11-20T17:00:00Z'`)
          assert.deepStrictEqual(yield* rung(name), [...expected, "17:00"])
        }).pipe(Effect.scoped, Effect.provide(scheduled)))
    }

    it.live("NF-10 another calendar counts from when it takes effect; a job that is removed stays, marked", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const lead = yield* leading("changed")
        yield* registered(lead, bell("changed"), noon)
        yield* store.decide(lead, decision("changed", 0, 1), noon + hour)
        // The same calendar goes on where it was.
        assert.strictEqual(yield* registered(lead, bell("changed"), noon + 2 * hour), noon + hour)
        const other = bell("changed", { calendar: Timetable.every("1 minute") })
        assert.strictEqual(yield* registered(lead, other, noon + 2 * hour), noon + 2 * hour)
        // Never back behind what is decided.
        assert.strictEqual(yield* registered(lead, bell("changed"), noon), noon + 2 * hour)
        yield* registered(lead, bell("changed again"), noon + 3 * hour)
        const [removed, added] = (yield* store.list("changed")).jobs
        assert.deepStrictEqual([removed?.state, removed?.nextDue, added?.state], ["removed", undefined, "active"])
        assert.deepStrictEqual(removed?.lastDue, new Date(noon + hour))
        assert.strictEqual(yield* store.decide(lead, decision("changed", 2, 3), noon + 3 * hour), "overtaken")
        // Back again, it is as new.
        assert.strictEqual(yield* registered(lead, bell("changed"), noon + 9 * hour), noon + 9 * hour)
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 fired by hand from any process, once for a moment, beside the calendar", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const { clock, hands } = yield* handClock(noon + 1)
        const fire = Effect.provideService(ScheduleRunner.fire(only("by hand"), "by hand"), Clock.Clock, clock)
        const first = yield* fire
        const again = yield* Effect.all([fire, fire], { concurrency: "unbounded" })
        assert.deepStrictEqual(again, [first, first])
        hands.at = noon + hour
        yield* fire
        const lead = yield* leading("by hand")
        yield* registered(lead, bell("by hand"), noon)
        // The due time of the same moment is its own.
        yield* store.decide(lead, decision("by hand", 0, 1), noon + hour)
        assert.deepStrictEqual(yield* rung("by hand"), ["12:00", "13:00", "13:00"])
        hands.at = noon + 1.5 * hour
        const { signalId } = yield* fire
        const [listed] = (yield* store.list("by hand")).jobs
        assert.deepStrictEqual(
          [listed?.lastDue, listed?.lastSignalId, listed?.nextDue],
          [new Date(noon + 1.5 * hour), signalId, new Date(noon + 2 * hour)]
        )
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 stamps are trimmed with age; what was decided stays decided", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const lead = yield* leading("trimmed")
        yield* registered(lead, bell("trimmed"), noon)
        yield* store.decide(lead, decision("trimmed", 0, 1), noon + hour)
        yield* store.decide(lead, decision("trimmed", 1, 2), noon + 2 * hour)
        assert.strictEqual(yield* store.trim("trimmed", noon + 2 * hour), 1)
        assert.deepStrictEqual(yield* stamps("trimmed"), ["14:00"])
        assert.strictEqual(yield* store.decide(lead, decision("trimmed", 0, 1), noon + 3 * hour), "overtaken")
        assert.deepStrictEqual(yield* rung("trimmed"), ["13:00", "14:00"])
      }).pipe(Effect.scoped, Effect.provide(scheduled)))

    it.live("NF-10 the next takes over at once when the leader ends, and timetables do not know each other", () =>
      Effect.gen(function*() {
        const store = yield* ScheduleStore.ScheduleStore
        const other = yield* leading("other timetable")
        yield* registered(other, bell("same name"), noon)
        const first = yield* Effect.scoped(leading("ending"))
        const second = yield* leading("ending")
        assert.isTrue(second.epoch > first.epoch)
        yield* registered(second, bell("same name"), noon)
        yield* store.decide(second, decision("same name", 0, 1), noon + hour)
        assert.isUndefined((yield* store.list("other timetable")).jobs[0]?.lastDue)
        assert.deepStrictEqual(yield* store.list("nobody's"), { jobs: [] })
      }).pipe(Effect.scoped, Effect.provide(scheduled)))
  })
}
