/** One process of the system under chaos: `relay`, `consumer` or `scheduler`. A line on its input sets its clock. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Bus, Consumer, ScheduleRunner } from "@kanau/messaging"
import { PgScheduleStore, Relay } from "@kanau/postgres"
import { Clock, Effect, Layer, References, Schedule } from "effect"
import { flushCompileCache } from "node:module"
import { createInterface } from "node:readline"
import { busAt, databaseAt } from "./connections.ts"
import { consumer, ladder, timetable } from "./work.ts"

const [role = ""] = process.argv.slice(2)
const database = process.env["DATABASE_URL"] ?? ""
const bus = process.env["BUS_URL"] ?? ""
const leaseSeconds = 1

/** Trouble at the start ends as it would under an orchestrator: it is tried again. */
const patiently = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.orDie(Effect.retry(work, Schedule.spaced("200 millis")))

const roles: Readonly<Record<string, Effect.Effect<unknown>>> = {
  relay: patiently(
    Effect.gen(function*() {
      yield* Effect.flatMap(Bus.Bus, (bus) => bus.declare(consumer.queue))
      yield* Relay.make({ leaseSeconds, retry: ladder })
    }).pipe(Effect.provide(Layer.merge(databaseAt(database, "relay"), busAt(bus))))
  ),
  consumer: patiently(
    Effect.andThen(Consumer.run(consumer, { prefetch: 64 }), Effect.never).pipe(
      Effect.scoped,
      Effect.provide(Layer.merge(databaseAt(database, "consumer"), busAt(bus)))
    )
  ),
  scheduler: patiently(
    ScheduleRunner.run(timetable).pipe(Effect.provide(
      Layer.provideMerge(PgScheduleStore.layer({ leaseSeconds }), databaseAt(database, "scheduler"))
    ))
  )
}

/** The wall clock, moved by what is written to the input. */
const movable = Effect.map(Clock.Clock, (clock): Clock.Clock => {
  let offset = 0
  createInterface({ input: process.stdin }).on("line", (line) => {
    offset = Number(line)
  })
  return Object.assign(Object.create(clock) as Clock.Clock, {
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + offset,
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + offset)
  })
})

const work = roles[role]
if (work === undefined) throw new Error(`There is no role ${role}`)
// Killed, it has no other time to write it.
flushCompileCache()
process.stdout.write("started\n")
work.pipe(
  Effect.provideServiceEffect(Clock.Clock, movable),
  Effect.provideService(References.MinimumLogLevel, process.env["CHAOS_LOG"] === undefined ? "None" : "Info"),
  NodeRuntime.runMain
)
