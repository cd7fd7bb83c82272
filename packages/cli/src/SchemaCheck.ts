/**
 * Compares the contracts of the code with a snapshot of them.
 *
 * Guarantees: every difference is found by its rule (`Rules`) or by `schema-changed`; every stored sample of a part that
 * the code reads is decoded by the code, through upcasters where it is older; new samples of a part that others read are
 * held against the schema in the snapshot. A break is allowed when the version of its contract has grown, and, where the
 * code can no longer read what was written, when an upcaster starts from the older version. Every change needs a higher
 * version and a line in the changelog.
 *
 * Does not see changes of meaning, nor conditions that JSON Schema cannot say and no sample happens to meet.
 */
import { Effect } from "effect"
import { mentions } from "./internal/changelog.ts"
import { compare } from "./internal/compare.ts"
import { ofOldSchema } from "./internal/oldReader.ts"
import * as Samples from "./internal/samples.ts"
import { jsonSchema, working, type WorkingContract, type WorkingPart } from "./internal/working.ts"
import * as Rules from "./Rules.ts"
import type * as Snapshot from "./Snapshot.ts"

/** A change or a break of a rule. */
export interface Finding {
  readonly rule: Rules.RuleName
  readonly severity: Rules.Severity
  /** `operation FindNote`, `message notes.note.written`. */
  readonly contract: string
  /** The part and the path in it: `input.title`. */
  readonly path: string
  readonly detail: string
  /** An `ERROR` that a higher version makes good. */
  readonly allowed: boolean
}

/** What came of a check. */
export interface Report {
  /** In the order of contracts and rules. */
  readonly findings: ReadonlyArray<Finding>
  /** Samples that were decoded. */
  readonly decoded: number
  /** Whether anything that is not allowed was found. */
  readonly broken: boolean
  /** The version that the next snapshot gets: breaks raise the first number, other changes the second. */
  readonly nextVersion: string
}

/**
 * Checks contracts against a snapshot. `changelog` is the text of the changelog, empty when there is none.
 *
 * @example
 * ```ts
 * import { SchemaCheck, Snapshot } from "@kanau/cli"
 * import { Operation } from "@kanau/core"
 * import { Effect, Schema } from "effect"
 *
 * class Before extends Operation.define<Before>()("Ping", { input: {}, output: Schema.Literal("pong") }) {}
 * class After extends Operation.define<After>()("Ping", { input: { to: Schema.String }, output: Schema.Literal("pong") }) {}
 *
 * const system = (operation: typeof Before | typeof After) => ({ name: "ping", operations: [operation], messages: [] })
 * const report = Effect.runSync(
 *   Effect.flatMap(Snapshot.make(system(Before), { version: "1.0.0" }), (snapshot) =>
 *     SchemaCheck.check(system(After), snapshot, { changelog: "" }))
 * )
 *
 * report.findings[0]?.rule // => "required-field-added"
 * report.nextVersion // => "2.0.0"
 * ```
 */
export const check = (contracts: Snapshot.Contracts, snapshot: Snapshot.Snapshot, options: {
  readonly changelog: string
  readonly userSamples?: ReadonlyArray<Snapshot.UserSample>
}): Effect.Effect<Report> =>
  Effect.gen(function*() {
    const now = working(contracts)
    const found: Array<Finding> = []
    let decoded = 0
    for (const [key, before] of Object.entries(snapshot.contracts)) {
      if (now.some((contract) => contract.key === key)) continue
      const allowed = mentions(options.changelog, before.name, "removed")
      found.push({ ...finding("contract-removed", key, ["backward"]), allowed })
    }
    for (const contract of now) {
      const before = snapshot.contracts[contract.key]
      const findings = before === undefined
        ? [finding("contract-added", contract.key, ["backward"])]
        : structural(contract, before)
      const tried = before === undefined
        ? { findings: [], decoded: 0 }
        : yield* corpus(contract, before, findings, options.userSamples ?? [])
      decoded += tried.decoded
      found.push(...judge(contract, before, [...findings, ...tried.findings], options.changelog))
    }
    const position = (name: Rules.RuleName) => Object.keys(Rules.rules).indexOf(name)
    const findings = found.sort((a, b) =>
      a.contract === b.contract ? position(a.rule) - position(b.rule) : a.contract < b.contract ? -1 : 1
    )
    return {
      findings,
      decoded,
      broken: findings.some(({ allowed, severity }) => severity === "ERROR" && !allowed),
      nextVersion: raised(snapshot.version, findings)
    }
  })

const finding = (
  rule: Rules.RuleName,
  contract: string,
  directions: ReadonlyArray<Rules.Direction>,
  path = "",
  detail = ""
): Finding => ({ rule, severity: Rules.severity(rule, directions), contract, path, detail, allowed: false })

/** What the snapshot and the code say differently. */
const structural = (contract: WorkingContract, before: Snapshot.Contract): ReadonlyArray<Finding> => {
  const found: Array<Finding> = []
  const both = ["backward", "forward"] as const
  if (contract.kind !== before.kind) {
    found.push(finding("kind-changed", contract.key, both, "", `${before.kind} became ${contract.kind}`))
  }
  if (contract.format !== before.format) {
    found.push(finding("codec-changed", contract.key, both, "", `${before.format} became ${contract.format}`))
  }
  for (const part of contract.parts) {
    const old = before.parts[part.name]
    if (old === undefined) {
      found.push(finding("error-added", contract.key, part.directions, part.name))
      continue
    }
    if (old.faultKind !== part.faultKind) {
      const detail = `${old.faultKind ?? "no kind"} became ${part.faultKind ?? "no kind"}`
      found.push(finding("error-kind-changed", contract.key, part.directions, part.name, detail))
    }
    for (const { detail, path, rule } of compare(old.schema, jsonSchema(part.schema))) {
      const at = path === "" ? part.name : `${part.name}.${path}`
      found.push(finding(rule, contract.key, part.directions, at, detail))
    }
  }
  for (const name of Object.keys(before.parts)) {
    if (!contract.parts.some((part) => part.name === name)) {
      found.push(finding("error-removed", contract.key, ["forward"], name))
    }
  }
  return found
}

/** Decodes what is stored, and holds what would be written against the snapshot. */
const corpus = (
  contract: WorkingContract,
  before: Snapshot.Contract,
  known: ReadonlyArray<Finding>,
  userSamples: ReadonlyArray<Snapshot.UserSample>
): Effect.Effect<{ readonly findings: ReadonlyArray<Finding>; readonly decoded: number }> =>
  Effect.gen(function*() {
    const findings: Array<Finding> = []
    let decoded = 0
    // A break that a rule has found needs no sample to prove it; but an upcaster that answers it must work.
    const explained = (part: WorkingPart, direction: Rules.Direction) =>
      known.some(({ path, rule }) =>
        rule !== "schema-changed" && isIn(part.name, path) && ["ERROR", "WARN"].includes(Rules.rules[rule][direction])
      )
    for (const part of contract.parts) {
      const old = before.parts[part.name]
      if (old === undefined) continue
      const upcast = contract.upcasts.some((version) => version >= before.version)
      if (part.directions.includes("backward") && (upcast || !explained(part, "backward"))) {
        const stored = [
          ...old.samples.map((sample) => ({ ...sample, data: Samples.toBytes(sample) })),
          ...userSamples.filter((each) => each.contract === contract.name && each.part === part.name)
            .map((each) => ({ ...each, contentType: before.format }))
        ]
        const failures = new Map<number, string>()
        for (const sample of stored) {
          const read = yield* Effect.result(part.decode(sample))
          if (read._tag === "Success") decoded++
          else if (!failures.has(sample.version)) failures.set(sample.version, read.failure.message)
        }
        for (const [version, message] of failures) {
          const detail = `of version ${version}: ${message.replaceAll("\n", " ")}`
          findings.push(finding("sample-unreadable", contract.key, ["backward"], part.name, detail))
        }
      }
      if (part.directions.includes("forward") && !explained(part, "forward")) {
        const refusal = ofOldSchema(old.schema, part.schema)
        for (const value of yield* Samples.values(part, `${contract.key} ${part.name}`, 16)) {
          const detail = yield* refusal(value)
          if (detail === undefined) continue
          findings.push(finding("sample-unreadable-by-old", contract.key, ["forward"], part.name, detail))
          break
        }
      }
    }
    return { findings, decoded }
  })

const isIn = (part: string, path: string): boolean => path === part || path.startsWith(`${part}.`)

/** Adds what every change asks for, and says which breaks are allowed. */
const judge = (
  contract: WorkingContract,
  before: Snapshot.Contract | undefined,
  findings: ReadonlyArray<Finding>,
  changelog: string
): ReadonlyArray<Finding> => {
  const judged: Array<Finding> = []
  const changed = findings.length > 0
  const grown = before === undefined || contract.version > before.version
  const breaksBackward = findings.some(({ rule, severity }) =>
    severity === "ERROR" && Rules.rules[rule].backward === "ERROR" && rule !== "sample-unreadable"
  )
  const upcast = before === undefined || contract.kind === "operation" ||
    contract.upcasts.some((version) => version >= before.version)
  for (const each of findings) {
    const answered = grown && each.rule !== "sample-unreadable" && each.rule !== "kind-changed" &&
      (upcast || Rules.rules[each.rule].backward !== "ERROR")
    judged.push({ ...each, allowed: each.severity === "ERROR" && answered })
  }
  if (before !== undefined && (contract.version < before.version || (changed && !grown))) {
    const detail = `${before.version} in the snapshot, ${contract.version} in the code`
    judged.push(finding("version-not-raised", contract.key, ["backward"], "", detail))
  }
  if (grown && breaksBackward && !upcast) {
    judged.push(finding("upcaster-missing", contract.key, ["backward"], "", `from version ${before?.version ?? 1}`))
  }
  if ((changed || contract.version !== before?.version) && !mentions(changelog, contract.name, contract.version)) {
    const detail = `${contract.name} ${contract.version}`
    judged.push(finding("changelog-entry-missing", contract.key, ["backward"], "", detail))
  }
  return judged
}

/** Rules about how a change is made, not about what changed. */
const formalities: ReadonlySet<Rules.RuleName> = new Set([
  "version-not-raised",
  "upcaster-missing",
  "changelog-entry-missing"
])

const raised = (version: string, findings: ReadonlyArray<Finding>): string => {
  const [major = 1, minor = 0] = version.split(".").map(Number)
  const changes = findings.filter(({ rule }) => !formalities.has(rule))
  if (changes.some(({ severity }) => severity === "ERROR")) return `${major + 1}.0.0`
  return changes.length > 0 ? `${major}.${minor + 1}.0` : version
}
