/** `npm run chaos -- garbage`: garbage for each kind of queue, one after the other. */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { busOf, type Kind, kinds, run } from "./garbage.ts"
import { chanceOf } from "./run.ts"
import { chosenOf, seed } from "./seed.ts"

const count = Flag.Int("count").pipe(
  Flag.withDefault(100_000),
  Flag.withDescription("Messages for each kind of queue (100000), every thousandth of them a fine one")
)
const kind = Flag.Literals("kind", ["all", ...kinds]).pipe(
  Flag.withDefault("all"),
  Flag.withDescription("The kind of queue (all)")
)

export const garbage = Command.make("garbage", { count, seed, kind }, (input) =>
  Effect.gen(function*() {
    const chosen = yield* chosenOf(input.seed)
    yield* Console.log(`seed ${chosen}, ${input.count} messages for each kind of queue`)
    for (const each of kinds.filter((one) => input.kind === "all" || input.kind === one)) {
      yield* single(each, input.count, chosen)
    }
  })).pipe(
    Command.withDescription("Send garbage to each kind of queue and see whether all of it ends as dead letters")
  )

const single = (kind: Kind, count: number, seed: number) =>
  Effect.scoped(Effect.gen(function*() {
    const bus = yield* busOf(kind)
    const { complaint, ...figures } = yield* run(count, chanceOf(seed), (line) =>
      void process.stderr.write(`\r${kind}: ${line}\u001b[K`)).pipe(Effect.scoped, Effect.provide(bus))
    process.stderr.write("\r\u001b[K")
    yield* Console.log(
      `${kind}: ${
        Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(", ")
      }` +
        (complaint === undefined ? "" : `\n  NOT AS IT SHOULD BE: ${complaint}`)
    )
    if (complaint !== undefined) process.exitCode = 1
  }))
