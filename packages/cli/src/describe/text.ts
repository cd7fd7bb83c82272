/** A description of a system as text for a terminal. */
import type { Description } from "@kanau/core"
import { typeText } from "./typeText.ts"

/** The whole description, roles first, then contracts, then the fault table. */
export const text = (description: Description.Description): string =>
  [
    `${description.name} ${description.version}`,
    ...Object.entries(description.roles).map(([role, parts]) => section(role, partsOf(parts))),
    section("contracts of operations", Object.entries(description.operations).flatMap(operation)),
    section("contracts of messages", table(Object.entries(description.messages).map(message))),
    section(
      "faults, where nothing else is said",
      table([
        ["kind", "HTTP", "message"],
        ...Object.entries(description.faults).map(([kind, rule]) => [
          kind,
          String(rule.status),
          rule.maxAttempts === undefined
            ? rule.disposition
            : `${rule.disposition}, at most ${rule.maxAttempts} attempts`
        ])
      ])
    )
  ].join("\n\n")

type Lines = ReadonlyArray<string>
type Parts = ReadonlyArray<Description.PartDescription>
type PartOf<Kind extends Description.PartDescription["kind"]> = Extract<
  Description.PartDescription,
  { readonly kind: Kind }
>

const section = (title: string, lines: Lines): string =>
  [title, ...lines.length === 0 ? ["  (nothing)"] : lines.map((line) => `  ${line}`)].join("\n")

const partsOf = (parts: Parts): Lines => {
  const of = <Kind extends Description.PartDescription["kind"]>(kind: Kind) =>
    parts.filter((part): part is PartOf<Kind> => part.kind === kind)
  return [
    ...table(of("operation").map((part) => ["operation", part.operation, processor(part.processor)])),
    ...table(of("route").map((part) => ["route", part.method, part.path, part.operation, part.security])),
    ...table(of("page").map((part) => ["page", part.path, `view ${part.view}`, part.summary])),
    ...table(of("view").map((part) => ["view", part.view, `changed by ${part.events.join(", ")}`])),
    ...table(
      of("schedule").map((part) => [
        "job",
        part.job,
        part.calendar,
        part.zone ?? "",
        `sends ${part.signal}`,
        `catch up: ${part.catchUp}`,
        part.jitterMillis === 0 ? "" : `up to ${seconds(part.jitterMillis)} late`
      ])
    ),
    ...of("queue").flatMap(queue)
  ]
}

const queue = (part: PartOf<"queue">): Lines => [
  `queue  ${part.queue}  ${part.attempts} attempts, waits ${part.waitsMillis.map(seconds).join(", ")}`,
  ...indented(table(part.handlers.map(({ message, processor: made, dispositions }) => [
    message,
    processor(made),
    dispositions.map(({ error, disposition }) => `${error}: ${disposition}`).join(", ")
  ])))
]

/** `retry(times 3) > timeout(limitMillis 2000) > findNote` */
const processor = ({ name, layers, stages }: Description.ProcessorDescription): string =>
  [
    ...layers.map(({ layer, settings }) => {
      const list = Object.entries(settings).map(([setting, value]) => `${setting} ${value}`)
      return list.length === 0 ? layer : `${layer}(${list.join(", ")})`
    }),
    ...stages === undefined ? (name === "anonymous" ? [] : [name]) : [`chain(${stages.map(processor).join(" | ")})`]
  ].join(" > ")

const operation = ([name, contract]: readonly [string, Description.OperationDescription]): Lines => [
  `${name} v${contract.version}${contract.summary === name ? "" : `: ${contract.summary}`}`,
  `  takes ${typeText(contract.input)}`,
  `  gives ${typeText(contract.output)}`,
  ...contract.errors.map(({ error, kind, status }) => `  fails ${error} (${kind}, HTTP ${status})`)
]

const message = ([type, contract]: readonly [string, Description.MessageDescription]): Lines => [
  type,
  `v${contract.version}`,
  contract.kind,
  contract.format,
  typeText(contract.schema)
]

const seconds = (millis: number): string => `${millis / 1000} s`

const indented = (lines: Lines): Lines => lines.map((line) => `  ${line}`)

/** Rows with their columns one below the other. */
const table = (rows: ReadonlyArray<Lines>): Lines => {
  const widths: Array<number> = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
}
