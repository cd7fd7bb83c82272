import { assert, beforeAll, describe, it } from "@effect/vitest"
import { ScheduleRunner, ScheduleStore } from "@kanau/messaging"
import { PgScheduleStore } from "@kanau/postgres"
import { Scheduler } from "@kanau/vndb"
import { Effect, Layer } from "effect"
import { database, eventually, type Role, rooms, start } from "./system.ts"

const environment = await rooms()
const schedule = Layer.provideMerge(PgScheduleStore.layer(), database(environment))

let hooks: Role
let schedulers: ReadonlyArray<Role>

const leader = async () => {
  const { leader } = await Effect.runPromise(Effect.provide(
    Effect.flatMap(ScheduleStore.ScheduleStore, ({ list }) => list(Scheduler.timetable.name)),
    schedule
  ))
  return schedulers.find(({ pid }) => leader?.process.includes(`/${pid} `) ?? false)
}

const leads = async (): Promise<Role> => {
  let found: Role | undefined
  await eventually("a scheduler leads", async () => (found = await leader()) !== undefined)
  return found ?? assert.fail("nobody leads")
}

beforeAll(async () => {
  // In an order in which nothing is there yet: migrations are run by the one that comes last.
  schedulers = await Promise.all([start("scheduler", environment), start("scheduler", environment)])
  hooks = await start("event-handler", environment)
  await start("user-request-handler", environment)
}, 120_000)

describe("The scheduler on real servers", () => {
  it("NV-11 a signal travels from the scheduler's outbox to the event-handler", async () => {
    await leads()
    const { signalId } = await Effect.runPromise(
      Effect.provide(ScheduleRunner.fire(Scheduler.timetable, "housekeeping"), schedule)
    )
    await eventually(
      "the housekeeping is done",
      async () =>
        hooks.log.some((line) => line.message === "vndb.housekeeping.due processed" && line["messageId"] === signalId)
    )
  }, 60_000)

  it("NF-10 museum 15: the leader is killed, and the other takes over within the lease and two seconds", async () => {
    const first = await leads()
    first.signal("SIGKILL")
    await first.ended
    const killed = performance.now()
    await eventually("the other leads", async () => {
      const now = await leader()
      return now !== undefined && now !== first
    })
    assert.isBelow(performance.now() - killed, 12_500)
  }, 60_000)

  it("NF-10 the leader ends in good order: the lease is free at once", async () => {
    const last = await leads()
    last.signal("SIGTERM")
    assert.strictEqual(await last.ended, 0)
    assert.isUndefined(await leader())
  }, 60_000)
})
