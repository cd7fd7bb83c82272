/** `schedule`: what is due when, and firing a job by hand. */
import { ScheduleRunner, ScheduleStore } from "@kanau/messaging"
import { Outbox, PgScheduleStore } from "@kanau/postgres"
import { Effect, Layer } from "effect"
import { Argument, Command } from "effect/cli"
import { json, print, say, show } from "./console.ts"
import type { Connections, Deployment } from "./deployment.ts"

export const schedule = (deployment: Effect.Effect<Deployment>, postgres: Connections["postgres"]) => {
  const list = Command.make("list", { json }, (input) =>
    Effect.gen(function*() {
      const store = yield* ScheduleStore.ScheduleStore
      const { timetable } = yield* deployment
      const { jobs, leader } = yield* store.list(timetable.name)
      if (input.json) return yield* print({ leader: leader && { ...leader, epoch: String(leader.epoch) }, jobs })
      yield* show(false, jobs, "The scheduler has not run yet: it notes its jobs when it starts.")
      yield* say(
        false,
        {},
        leader === undefined
          ? "\nNobody leads; start the scheduler."
          : `\n${leader.process} leads until ${leader.until.toISOString()}.`
      )
    })).pipe(Command.withDescription("Jobs with their last and next run, and who leads"))

  const fire = Command.make(
    "fire",
    { job: Argument.String("job").pipe(Argument.withDescription("Name of the job")), json },
    (input) =>
      Effect.flatMap(
        Effect.flatMap(deployment, ({ timetable }) => ScheduleRunner.fire(timetable, input.job)),
        ({ signalId }) =>
          say(
            input.json,
            { job: input.job, signalId },
            `${input.job} is fired, beside its calendar, as message ${signalId}.`
          )
      )
  ).pipe(Command.withDescription("Fire a job now, beside its calendar"))

  return Command.make("schedule").pipe(
    Command.withDescription("Jobs and when they are due"),
    Command.withSubcommands([list, fire]),
    Command.provide(
      PgScheduleStore.layer().pipe(Layer.provide(Outbox.layer({ source: "/operator" })), Layer.provide(postgres))
    )
  )
}
