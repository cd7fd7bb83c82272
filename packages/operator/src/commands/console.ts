/** How the commands of operators speak: tables or JSON on the standard output, progress and questions on the other. */
import { SingleBar } from "cli-progress"
import { Console, Effect } from "effect"
import { Flag } from "effect/cli"
import { Usage } from "./usage.ts"

export const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print JSON, without progress")
)
export const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Only say how many would be meant")
)
export const yes = Flag.Boolean("yes").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Do it; without this it only says what it would do")
)
export const limit = Flag.Int("limit").pipe(
  Flag.withDefault(50),
  Flag.withDescription("Most lines (50)")
)

/** Rows as a table of their members, or as JSON. */
export const show = (
  asJson: boolean,
  rows: ReadonlyArray<object>,
  empty: string
): Effect.Effect<void> => asJson ? print(rows) : rows.length === 0 ? Console.log(empty) : Console.log(table(rows))

/** A value as JSON. */
export const print = (value: unknown): Effect.Effect<void> => Console.log(JSON.stringify(value, undefined, 2))

/** One sentence, or its facts as JSON. */
export const say = (asJson: boolean, facts: object, sentence: string): Effect.Effect<void> =>
  asJson ? Console.log(JSON.stringify(facts)) : Console.log(sentence)

/** A bar on the error output where somebody watches it. */
export const progress = <A, E, R>(
  asJson: boolean,
  unit: string,
  work: (report: (done: number, total?: number) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const bar = new SingleBar({
    format: `{bar} {percentage} % | {value}/{total} ${unit} | {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: false,
    formatTime: duration
  })
  let started = false
  const report = (done: number, total = Math.max(done, 1)) =>
    Effect.sync(() => {
      if (asJson) return
      if (!started) bar.start(total, done)
      else bar.setTotal(total)
      bar.update(done)
      started = true
    })
  return Effect.ensuring(work(report), Effect.sync(() => started && bar.stop()))
}

/** Whole seconds as a person says them; what is not known yet comes as a text. */
const duration = (seconds: unknown): string => {
  if (typeof seconds !== "number") return "?"
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`
}

/** Refuses to go on without `--yes`, saying what it is about. */
export const confirmed = (given: boolean, what: string): Effect.Effect<void, Usage> =>
  given ? Effect.void : Effect.fail(new Usage({ message: `This would ${what}. Add --yes to do it.` }))

/** Only what was given. */
export const given = <A extends object>(values: A): { readonly [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof A]?: Exclude<A[K], undefined>
  }

const table = (rows: ReadonlyArray<object>): string => {
  const names = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => {
    const cells: Record<string, unknown> = { ...row }
    return names.map((name) => cell(cells[name]))
  })
  const widths = names.map((name, at) => Math.max(name.length, ...lines.map((line) => line[at]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    cells.map((text, at) => text.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  return [line(names), ...lines.map(line)].join("\n")
}

const cell = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : value === undefined || value === null
    ? ""
    : printable(typeof value === "string" ? value : JSON.stringify(value))

/** What came from outside must not steer the terminal. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\uFFFD").slice(0, 120)
