/** `npm run chaos`: rounds of faults, chosen by a seed. The same seed gives the same faults in the same order. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect, Option, References } from "effect"
import { Command, Flag } from "effect/cli"
import { type Fault, faultsOn } from "./faults.ts"
import { garbage } from "./garbageCommand.ts"
import { chanceOf, run } from "./run.ts"
import { chosenOf, seed } from "./seed.ts"
import { make } from "./world.ts"

const rounds = Flag.Int("rounds").pipe(Flag.withDefault(10), Flag.withDescription("Rounds (10), each of five faults"))
const broker = Flag.Literals("bus", ["rabbitmq", "nats", "postgres"]).pipe(
  Flag.withDefault("rabbitmq"),
  Flag.withDescription("The broker (rabbitmq)")
)
const only = Flag.String("fault").pipe(
  Flag.optional,
  Flag.withDescription("Only faults whose name has this in it, such as 'kill'")
)

const perRound = 5

Command.make("chaos", { rounds, seed, broker, only }, (input) =>
  Effect.scoped(Effect.gen(function*() {
    const chosen = yield* chosenOf(input.seed)
    const chance = chanceOf(chosen)
    const part = Option.getOrElse(input.only, () => "")
    const possible = faultsOn(input.broker).filter(({ name }) => name.includes(part))
    yield* Console.log(`seed ${chosen}, ${input.broker}, ${possible.length} kinds of faults`)
    const world = yield* make(input.broker)
    const asked = { committed: 0, unsure: 0, next: new Map<string, number>() }
    let broken = 0
    for (let round = 1; round <= input.rounds; round++) {
      const picked = Array.from({ length: perRound }, () => possible[Math.floor(chance() * possible.length)] as Fault)
      yield* Console.log(`round ${round}: ${picked.map(({ name }) => name).join("; ")}`)
      const { complaint, ...figures } = yield* run(world, asked, picked, chance)
      yield* Console.log(
        `  ${Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(", ")}` +
          (complaint === undefined ? "" : `\n  NOT BALANCED: ${complaint}`)
      )
      if (complaint !== undefined || figures.twice + figures.ticksTwice + figures.ticksMissing > 0) broken++
    }
    yield* Console.log(
      broken === 0 ? "every round balanced" : `${broken} rounds did not balance; repeat with --seed ${chosen}`
    )
    if (broken > 0) process.exitCode = 1
  }))).pipe(
    Command.withDescription("Break things under load and see whether every event still has its one effect"),
    Command.withSubcommands([garbage]),
    Command.run({ version: "0.1.0" }),
    Effect.provideService(References.MinimumLogLevel, "None"),
    Effect.provide(NodeServices.layer),
    NodeRuntime.runMain
  )
