/** `doctor`: whether everything works and arrives, and what to do where it does not. */
import { Clock, Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { names, reach } from "./checks.ts"
import { json, print, show } from "./console.ts"
import type { Connections, Deployment, Inspecting } from "./deployment.ts"
import { type Finding, look } from "./examination.ts"
import { Unwell } from "./usage.ts"

const hours = Flag.Int("hours").pipe(
  Flag.withDefault(24),
  Flag.withDescription("How far back events are looked at (24)")
)

export const doctor = (
  deployment: Effect.Effect<Deployment>,
  connections: Connections,
  missing: Inspecting = () => Effect.succeed([])
) =>
  Command.make("doctor", { hours, json }, (input) =>
    Effect.gen(function*() {
      const since = new Date((yield* Clock.currentTimeMillis) - input.hours * 3_600_000)
      const { balances, findings, reached } = yield* Effect.scoped(Effect.gen(function*() {
        const reached = yield* reach(connections)
        return { reached, ...(yield* look(yield* deployment, { reached, missing, since })) }
      }))
      const skipped = Object.entries(reached).flatMap(([name, one]) =>
        one._tag === "NotSet" ? [{ server: names[name as keyof Connections], setting: one.setting }] : []
      )
      if (input.json) yield* print({ balances, findings, skipped })
      else {
        const rows = balances.flatMap(({ broker, rows }) =>
          rows.map(({ oldestOpen, oldestPending, openIds, ...row }) => ({
            ...row,
            oldest: `${Math.round(Math.max(oldestOpen, oldestPending))} s`,
            inBroker: broker === undefined ? undefined : broker.ready + broker.delayed + broker.deadLetters
          }))
        )
        yield* show(false, rows, `No events in the last ${input.hours} hours.`)
        for (const { server, setting } of skipped) {
          yield* Console.log(`- ${server}: not looked at, ${setting} is not set`)
        }
        for (const finding of findings) yield* Console.log(sentence(finding))
        if (!findings.some(isWrong)) yield* Console.log("All is well. Every event is accounted for.")
      }
      if (findings.some(isWrong)) return yield* new Unwell()
    })).pipe(
      Command.withDescription(
        "Look at servers, queues, views, indexes and every event; name what is wrong and what to do"
      )
    )

const isWrong = ({ level }: Finding): boolean => level === "wrong"

const sentence = ({ level, todo, what }: Finding): string => `${level === "wrong" ? "!" : "-"} ${what}: ${todo}`
