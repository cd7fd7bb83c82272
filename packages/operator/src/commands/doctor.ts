/** `doctor`: whether everything arrives, and what to do where it does not. */
import { DeadLetters, Ledger, Parked } from "@kanau/postgres"
import { Clock, Console, Data, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { json, print, show } from "./console.ts"

/** Something is wrong; what it is has been printed. */
export class Unwell extends Data.TaggedError("Unwell") {}

const hours = Flag.Int("hours").pipe(
  Flag.withDefault(24),
  Flag.withDescription("How far back events are looked at (24)")
)

export const doctor = (accounts: ReadonlyArray<Ledger.Account>) =>
  Command.make("doctor", { hours, json }, (input) =>
    Effect.gen(function*() {
      const since = new Date((yield* Clock.currentTimeMillis) - input.hours * 3_600_000)
      const balances = yield* Ledger.balances(accounts, { since })
      const parked = yield* Parked.list({ limit: 10 })
      const letters = yield* DeadLetters.groups()
      const complaints = [
        ...balances.flatMap(({ complaint, queue }) => complaint === undefined ? [] : [`${queue}: ${complaint}`]),
        ...parked.filter(({ state }) => state === "dead").map(({ position, reason, subject }) =>
          `outbox: the event at ${position} was given up (${reason}) and holds ${subject} back: ` +
          "`outbox retry` or `outbox discard`"
        ),
        ...letters.map(({ fault, letters, queue, sample, type }) =>
          `dead letters: ${letters} ${type} on ${queue} failed with ${fault}: look at \`dlq show ${sample}\``
        )
      ]
      if (input.json) yield* print({ balances, complaints })
      else {
        const rows = balances.flatMap(({ broker, rows }) =>
          rows.map(({ oldestOpen, oldestPending, openIds, ...row }) => ({
            ...row,
            oldest: `${Math.round(Math.max(oldestOpen, oldestPending))} s`,
            inBroker: broker === undefined ? undefined : broker.ready + broker.delayed + broker.deadLetters
          }))
        )
        yield* show(false, rows, `No events in the last ${input.hours} hours.`)
        yield* Console.log(
          complaints.length === 0
            ? "Every event is accounted for."
            : complaints.map((complaint) => `! ${complaint}`).join("\n")
        )
      }
      if (complaints.length > 0) return yield* new Unwell()
    })).pipe(Command.withDescription("Keep account of every event, and name what does not balance"))
