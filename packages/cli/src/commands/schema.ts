/** `kanau schema`: snapshots of contracts, and the check that nothing in them breaks. */
import { Console, Data, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { loadSystem, readSamples, readSnapshot, readText, Usage } from "../internal/files.ts"
import * as ReportText from "../internal/report.ts"
import * as SchemaCheck from "../SchemaCheck.ts"
import * as Snapshot from "../Snapshot.ts"

/** A rule is broken; the report has been printed. */
class Broken extends Data.TaggedError("Broken") {}

const module = Argument.String("module").pipe(
  Argument.withDescription("Path of an ES module that exports `system`")
)
const file = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDefault("contracts.json"), Flag.withDescription(description))
const changelog = Flag.String("changelog").pipe(
  Flag.withDefault("CHANGELOG.md"),
  Flag.withDescription("The changelog that must name each changed contract with its new version (CHANGELOG.md)")
)
const samples = Flag.String("samples").pipe(
  Flag.optional,
  Flag.withDescription("A folder of samples of your own: <contract>/<part>/v<version>-<name>.json")
)

interface Input {
  readonly module: string
  readonly changelog: string
  readonly samples: Option.Option<string>
}

/** What both commands work on, and the check of it when there is a snapshot. */
const examine = (input: Input, path: string) =>
  Effect.gen(function*() {
    const system = yield* loadSystem(input.module)
    const previous = yield* readSnapshot(path)
    const userSamples = Option.isNone(input.samples) ? [] : yield* readSamples(input.samples.value)
    if (previous === undefined) return { system, userSamples }
    const text = (yield* readText(input.changelog)) ?? ""
    const report = yield* SchemaCheck.check(system, previous, { changelog: text, userSamples })
    return { system, userSamples, known: { previous, report } }
  })

const snapshot = Command.make(
  "snapshot",
  { module, changelog, samples, out: file("out", "Where the snapshot is written (contracts.json); commit it") },
  Effect.fnUntraced(function*(input) {
    const { known, system, userSamples } = yield* examine(input, input.out)
    if (known !== undefined && known.report.broken) {
      yield* Console.log(ReportText.text(known.report, known.previous.version))
      yield* Console.log(`\n${input.out} stays as it is.`)
      return yield* new Broken()
    }
    const version = known?.report.nextVersion ?? "1.0.0"
    const made = yield* Snapshot.make(system, {
      version,
      userSamples,
      ...(known === undefined ? {} : { previous: known.previous })
    })
    yield* Effect.tryPromise({
      try: async () => {
        await mkdir(dirname(input.out), { recursive: true })
        await writeFile(input.out, Snapshot.print(made))
      },
      catch: (error) => new Usage({ message: `${input.out} cannot be written: ${String(error)}` })
    })
    yield* Console.log(`${input.out}: ${Object.keys(made.contracts).length} contracts, version ${version}.`)
  })
).pipe(Command.withDescription("Write the contracts of a system to a file that is committed, at every release"))

const check = Command.make(
  "check",
  { module, changelog, samples, snapshot: file("snapshot", "The snapshot of the last release (contracts.json)") },
  Effect.fnUntraced(function*(input) {
    const { known } = yield* examine(input, input.snapshot)
    if (known === undefined) {
      return yield* new Usage({
        message: `There is no ${input.snapshot}; make it with \`kanau schema snapshot ${input.module}\`.`
      })
    }
    yield* Console.log(ReportText.text(known.report, known.previous.version))
    if (known.report.broken) return yield* new Broken()
  })
).pipe(
  Command.withDescription(
    "Compare the contracts of a system with the snapshot. Exits with 0 when all is well, 1 when a rule is broken, 2 when " +
      "it was called wrongly"
  )
)

/** The command with its two subcommands. */
export const schema = Command.make("schema").pipe(
  Command.withDescription("Keep contracts readable for old and new code"),
  Command.withSubcommands([snapshot, check])
)
