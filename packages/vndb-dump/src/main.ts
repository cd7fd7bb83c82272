#!/usr/bin/env node
/** `npm run -s vndb:generate -- --scale 0.01 --out PATH`: writes a synthetic dump. Exits with 2 when called wrongly. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Clock, Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Generator from "./Generator.ts"

const exit = (code: number) => Effect.sync(() => void (process.exitCode = code))

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

Command.make("vndb-generate", {
  out: Flag.String("out").pipe(Flag.withDescription("A .tar.zst, or a folder that is empty or does not exist yet")),
  scale: Flag.Finite("scale").pipe(
    Flag.withDefault(0.01),
    Flag.withDescription("1 is VNDB in autumn 2026, 27 million rows; from 0.0001 to 10")
  ),
  seed: Flag.String("seed").pipe(Flag.withDefault("1"), Flag.withDescription("A whole number, modulo 2^64")),
  day: Flag.Int("day").pipe(
    Flag.withDefault(0),
    Flag.withDescription("How many days after the first dump of this seed: entries change and vanish")
  ),
  date: Flag.String("date").pipe(Flag.withDefault("2026-10-02"), Flag.withDescription("Of the first dump")),
  plain: Flag.Boolean("plain").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Without the rows that importers get wrong")
  )
}, ({ out, scale, seed, day, date, plain }) =>
  Effect.gen(function*() {
    if (!/^-?\d+$/.test(seed)) {
      yield* Console.error("seed: It is a whole number.")
      return yield* exit(2)
    }
    const started = yield* Clock.currentTimeMillis
    let total = 0
    yield* Generator.write(
      out,
      { seed: BigInt(seed), scale, day, date, torture: !plain },
      ({ table, bytes, done, of }) => {
        total += bytes
        return Console.error(`${done}/${of}\t${table}\t${megabytes(bytes)} MB`)
      }
    )
    const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000
    yield* Console.log(
      `${out}: ${megabytes(total)} MB of rows in ${seconds.toFixed(1)} s, ${megabytes(total / seconds)} MB/s`
    )
  })).pipe(
    Command.withDescription("Writes a synthetic dump in the layout of VNDB's"),
    Command.run({ version: "0.1.0" }),
    Effect.catchTags({
      InvalidInput: ({ message }) => Effect.andThen(Console.error(message), exit(2)),
      ShowHelp: ({ errors }) => exit(errors.length > 0 ? 2 : 0)
    }),
    Effect.provide(NodeServices.layer),
    NodeRuntime.runMain
  )
