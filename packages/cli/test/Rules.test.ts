import { assert, describe, it } from "@effect/vitest"
import { Codec, Fault, Message, Operation } from "@kanau/core"
import { messagePack } from "@kanau/core/codecs/MessagePack"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { Rules, SchemaCheck, Snapshot } from "../src/index.ts"

type Fields = Schema.Struct.Fields
type Part = Pick<Snapshot.Contracts, "operations" | "messages">

const none: Part = { operations: [], messages: [] }

/** An operation with this input, output and errors. */
const operation = (input: Fields, options: {
  readonly output?: Schema.Codec<unknown, unknown>
  readonly errors?: ReadonlyArray<Fault.AnyClass>
  readonly version?: number
} = {}): Part => {
  class Declared extends Operation.define<Declared>()("Do", { input, output: Schema.Null, ...options }) {}
  return { ...none, operations: [Declared as unknown as Operation.Any] }
}

const output = (fields: Fields): Part =>
  operation({}, { output: Schema.Struct(fields) as unknown as Schema.Codec<unknown, unknown> })

const declare = { event: Message.event, command: Message.command, signal: Message.signal }

/** A message with these fields. */
const message = (fields: Fields, options: {
  readonly version?: number
  readonly format?: Codec.Format
  readonly kind?: Message.MessageKind
  readonly upcast?: ReadonlyArray<Message.Upcast>
} = {}): Part => {
  const { kind = "event", upcast = [], ...contract } = options
  class Declared extends declare[kind]<Declared>()("test.done", {
    fields,
    subject: () => "",
    // Fields of a table of cases have no types that a chain could be checked against.
    upcast: upcast as unknown as readonly [],
    ...contract
  }) {}
  return { ...none, messages: [Declared as unknown as Message.Any] }
}

const check = (before: Part, after: Part, changelog = "") =>
  Effect.flatMap(Snapshot.make({ name: "test", ...before }, { version: "1.2.3" }), (snapshot) =>
    // Through the text of the file, as in life.
    SchemaCheck.check({ name: "test", ...after }, Snapshot.parse(Snapshot.print(snapshot)), { changelog }))

const rulesOf = (report: SchemaCheck.Report) => report.findings.map(({ rule }) => rule)
const severityOf = (report: SchemaCheck.Report, rule: Rules.RuleName) =>
  report.findings.find((finding) => finding.rule === rule)?.severity

const { Finite, Int, Literals, NullOr, optionalKey, String } = Schema

const fault = (kind: Fault.Kind) => {
  class Declared extends Fault.define<Declared>()("Failed", kind, { why: String }, () => "It failed.") {}
  return Declared
}

const tagged = (...tags: ReadonlyArray<string>) =>
  Schema.Union(tags.map((tag) => Schema.TaggedStruct(tag, { size: Int }))) as Schema.Codec<unknown, unknown>

const filtered = (from: number) => Int.check(Schema.makeFilter<number>((value) => value >= from || "too small"))

/** A pair that trips the rule at a severity, and one that does not. */
const cases: Partial<Record<Rules.RuleName, ReadonlyArray<readonly [Part, Part, Rules.Severity, path?: string]>>> = {
  "contract-removed": [[operation({}), none, "ERROR"], [message({}), none, "ERROR"]],
  "contract-added": [[none, operation({}), "INFO"], [none, message({}), "INFO"]],
  "kind-changed": [[message({}), message({}, { kind: "command" }), "ERROR"]],
  "codec-changed": [[message({ a: Int }), message({ a: Int }, { format: messagePack }), "ERROR"]],
  "type-changed": [
    [operation({ a: Int }), operation({ a: String }), "ERROR", "input.a"],
    [
      output({ a: Schema.Struct({ b: Int }) }),
      output({ a: Schema.Struct({ b: Schema.Boolean }) }),
      "ERROR",
      "output.a.b"
    ],
    [message({ a: Schema.Array(Int) }), message({ a: Schema.Array(String) }), "ERROR", "fields.a[]"],
    [message({ a: Schema.Uint8Array }), message({ a: String }), "ERROR", "fields.a"],
    [
      message({ a: Schema.Record(String, Int) }),
      message({ a: Schema.Record(String, Schema.Boolean) }),
      "ERROR",
      "fields.a{}"
    ],
    [message({ a: Schema.Tuple([Int, Int]) }), message({ a: Schema.Tuple([Int, String]) }), "ERROR", "fields.a[1]"]
  ],
  "required-field-added": [
    [operation({}), operation({ a: Int }), "ERROR", "input.a"],
    [output({}), output({ a: Int }), "INFO", "output.a"],
    [message({}), message({ a: Int }), "ERROR", "fields.a"]
  ],
  "optional-to-required": [
    [operation({ a: optionalKey(Int) }), operation({ a: Int }), "ERROR", "input.a"],
    [output({ a: optionalKey(Int) }), output({ a: Int }), "INFO", "output.a"],
    [message({ a: optionalKey(Int) }), message({ a: Int }), "ERROR", "fields.a"]
  ],
  "required-field-removed": [
    [operation({ a: Int }), operation({}), "WARN", "input.a"],
    [output({ a: Int }), output({}), "ERROR", "output.a"],
    [message({ a: Int }), message({}), "ERROR", "fields.a"]
  ],
  "field-removed": [
    [operation({ a: optionalKey(Int) }), operation({}), "WARN", "input.a"],
    [output({ a: optionalKey(Int) }), output({}), "WARN", "output.a"],
    [message({ a: optionalKey(Int) }), message({}), "WARN", "fields.a"]
  ],
  "field-added": [
    [operation({}), operation({ a: optionalKey(Int) }), "INFO", "input.a"],
    [output({}), output({ a: optionalKey(Int) }), "INFO", "output.a"],
    [message({}), message({ a: optionalKey(Int) }), "INFO", "fields.a"]
  ],
  "required-to-optional": [
    [operation({ a: Int }), operation({ a: optionalKey(Int) }), "INFO", "input.a"],
    [output({ a: Int }), output({ a: optionalKey(Int) }), "WARN", "output.a"],
    [message({ a: Int }), message({ a: optionalKey(Int) }), "WARN", "fields.a"]
  ],
  "enum-value-removed": [
    [operation({ a: Literals(["x", "y"]) }), operation({ a: Literals(["x"]) }), "ERROR", "input.a"],
    [output({ a: Literals(["x", "y"]) }), output({ a: Literals(["x"]) }), "INFO", "output.a"],
    [message({ a: Literals(["x", "y"]) }), message({ a: Literals(["x"]) }), "ERROR", "fields.a"]
  ],
  "enum-value-added": [
    [operation({ a: Literals(["x"]) }), operation({ a: Literals(["x", "y"]) }), "INFO", "input.a"],
    [output({ a: Literals(["x"]) }), output({ a: Literals(["x", "y"]) }), "ERROR", "output.a"],
    [message({ a: Literals(["x"]) }), message({ a: Literals(["x", "y"]) }), "ERROR", "fields.a"]
  ],
  "variant-removed": [
    [operation({ a: NullOr(Int) }), operation({ a: Int }), "ERROR", "input.a"],
    [output({ a: NullOr(Int) }), output({ a: Int }), "INFO", "output.a"],
    [message({ a: tagged("A", "B") }), message({ a: tagged("A") }), "ERROR", "fields.a"]
  ],
  "variant-added": [
    [operation({ a: Int }), operation({ a: NullOr(Int) }), "INFO", "input.a"],
    [output({ a: Int }), output({ a: NullOr(Int) }), "ERROR", "output.a"],
    [message({ a: tagged("A", "B") }), message({ a: tagged("A", "B", "C") }), "ERROR", "fields.a"]
  ],
  "constraint-narrowed": [
    [operation({ a: String }), operation({ a: Schema.NonEmptyString }), "ERROR", "input.a"],
    [output({ a: Finite }), output({ a: Int }), "INFO", "output.a"],
    [
      message({ a: String.check(Schema.isMaxLength(9)) }),
      message({ a: String.check(Schema.isMaxLength(8)) }),
      "ERROR",
      "fields.a"
    ],
    [message({ a: String }), message({ a: Literals(["x"]) }), "ERROR", "fields.a"],
    [message({ a: Schema.Unknown }), message({ a: Int }), "ERROR", "fields.a"],
    [
      message({ a: Schema.Array(Int) }),
      message({ a: Schema.Array(Int).check(Schema.isMinLength(1)) }),
      "ERROR",
      "fields.a"
    ]
  ],
  "constraint-widened": [
    [operation({ a: Schema.NonEmptyString }), operation({ a: String }), "INFO", "input.a"],
    [output({ a: Int }), output({ a: Finite }), "WARN", "output.a"],
    [
      message({ a: String.check(Schema.isMaxLength(8)) }),
      message({ a: String.check(Schema.isMaxLength(9)) }),
      "WARN",
      "fields.a"
    ],
    [message({ a: Literals(["x"]) }), message({ a: String }), "WARN", "fields.a"],
    [message({ a: Int }), message({ a: Schema.Unknown }), "WARN", "fields.a"]
  ],
  "error-added": [[operation({}), operation({}, { errors: [fault("gone")] }), "WARN", "error Failed"]],
  "error-removed": [[operation({}, { errors: [fault("gone")] }), operation({}), "INFO", "error Failed"]],
  "error-kind-changed": [
    [
      operation({}, { errors: [fault("gone")] }),
      operation({}, { errors: [fault("conflict")] }),
      "ERROR",
      "error Failed"
    ]
  ],
  "sample-unreadable": [
    // JSON Schema cannot say what a filter of one's own asks for; the samples show it.
    [operation({ a: filtered(-1e9) }), operation({ a: filtered(1e9) }), "ERROR", "input"],
    [message({ a: filtered(-1e9) }), message({ a: filtered(1e9) }), "ERROR", "fields"]
  ]
}

describe("Rules", () => {
  for (
    const [rule, pairs] of Object.entries(cases) as ReadonlyArray<
      [Rules.RuleName, NonNullable<typeof cases["type-changed"]>]
    >
  ) {
    for (const [index, [before, after, severity, path]] of pairs.entries()) {
      it.effect(`NB-21 ${rule} is ${severity}${path === undefined ? "" : ` at ${path}`} (${index + 1})`, () =>
        Effect.gen(function*() {
          const report = yield* check(before, after)
          const found = report.findings.find((finding) => finding.rule === rule)
          assert.strictEqual(found?.severity, severity)
          if (path !== undefined) assert.strictEqual(found?.path, path)
          for (const same of [before, after]) assert.notInclude(rulesOf(yield* check(same, same)), rule)
        }))
    }
  }

  it.effect("NB-21 a schema that differs in no known way is shown", () =>
    Effect.gen(function*() {
      const before = message({ a: Schema.Struct({ b: Int }) })
      const snapshot = yield* Snapshot.make({ name: "test", ...before }, { version: "1.0.0" })
      const text = Snapshot.print(snapshot).replace(`"type": "object"`, `"type": "object", "x-later": true`)
      const report = yield* SchemaCheck.check({ name: "test", ...before }, Snapshot.parse(text), { changelog: "" })
      assert.strictEqual(severityOf(report, "schema-changed"), "WARN")
    }))

  it.effect("NB-21 what new code writes is held against the old schema, whatever the rules see", () =>
    Effect.gen(function*() {
      const before = message({ a: Int })
      const snapshot = yield* Snapshot.make({ name: "test", ...before }, { version: "1.0.0" })
      const text = Snapshot.print(snapshot).replace(
        `"type": "integer"`,
        `"not": { "type": "integer" }, "type": "integer"`
      )
      const report = yield* SchemaCheck.check({ name: "test", ...before }, Snapshot.parse(text), { changelog: "" })
      const found = report.findings.find(({ rule }) => rule === "sample-unreadable-by-old")
      assert.strictEqual(found?.severity, "ERROR")
      assert.include(found?.detail, "/a must NOT be valid")
    }))

  it("NB-21 every rule is tried here", () => {
    const elsewhere = [
      "schema-changed",
      "sample-unreadable-by-old",
      "version-not-raised",
      "upcaster-missing",
      "changelog-entry-missing"
    ]
    assert.sameMembers([...Object.keys(cases), ...elsewhere], Object.keys(Rules.rules))
  })

  it.effect("NB-21 names of definitions, titles, descriptions and the order of members are no contract", () =>
    Effect.gen(function*() {
      const inner = Schema.Struct({ b: Int, c: String })
      const same = Schema.Struct({ c: String.annotate({ description: "words" }), b: Int }).annotate({
        identifier: "Renamed",
        title: "Title"
      })
      const report = yield* check(message({ a: inner, d: inner }), message({ d: same, a: same }))
      assert.deepStrictEqual(report.findings, [])
    }))

  it.effect("NB-21 contracts that hold themselves are compared, and changes inside them found", () =>
    Effect.gen(function*() {
      const tree = (leaf: Schema.Codec<unknown, unknown>): Schema.Codec<unknown, unknown> => {
        const self: Schema.Codec<unknown, unknown> = Schema.Struct({
          leaf,
          below: Schema.Array(Schema.suspend(() => self))
        }).annotate({ identifier: "Tree" }) as unknown as Schema.Codec<unknown, unknown>
        return self
      }
      assert.deepStrictEqual((yield* check(message({ tree: tree(Int) }), message({ tree: tree(Int) }))).findings, [])
      const report = yield* check(message({ tree: tree(Int) }), message({ tree: tree(String) }))
      assert.strictEqual(report.findings.find(({ rule }) => rule === "type-changed")?.path, "fields.tree.leaf")
    }))

  it("NB-21 the table in the reference lists exactly these rules, in this order", () => {
    const page = readFileSync(new URL("../../../docs/reference/contracts.md", import.meta.url), "utf8")
    const table = page.split("<!-- rules -->")[1]?.split("<!-- /rules -->")[0] ?? ""
    const rows = table.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
      line.split("|").slice(1, -1).map((cell) => cell.trim())
    )
    assert.deepStrictEqual(
      rows,
      Object.entries<Rules.Rule>(Rules.rules).map(([name, { backward, fix, forward, what }]) => [
        `\`${name}\``,
        backward,
        forward,
        what,
        fix
      ])
    )
  })
})

describe("SchemaCheck", () => {
  const changelog = "- `test.done` 2: it has a size.\n- Do 2: likewise"
  const sized = (version: number, upcast: ReadonlyArray<Message.Upcast> = []) =>
    message({ size: Int }, { version, upcast })
  const older = Message.from(1, {}, () => ({ size: 0 }))

  it.effect("NB-21 a change without a higher version breaks version-not-raised; with one it does not", () =>
    Effect.gen(function*() {
      const fields = { a: optionalKey(Int) }
      assert.include(rulesOf(yield* check(message({}), message(fields), changelog)), "version-not-raised")
      const raised = yield* check(message({}), message(fields, { version: 2 }), changelog)
      assert.deepStrictEqual(rulesOf(raised), ["field-added"])
      assert.isFalse(raised.broken)
      const lowered = yield* check(message({}, { version: 2 }), message({}), "test.done 1")
      assert.deepStrictEqual(rulesOf(lowered), ["version-not-raised"])
    }))

  it.effect("NB-21 a message that breaks needs an upcaster that starts from the older version", () =>
    Effect.gen(function*() {
      const without = yield* check(message({}), sized(2), changelog)
      assert.includeMembers(rulesOf(without), ["required-field-added", "upcaster-missing"])
      assert.isFalse(without.findings.some(({ allowed }) => allowed))
      assert.isTrue(without.broken)
      const report = yield* check(message({}), sized(2, [older]), changelog)
      assert.deepStrictEqual(rulesOf(report), ["required-field-added"])
      assert.isTrue(report.findings[0]?.allowed)
      assert.isFalse(report.broken)
      assert.isAbove(report.decoded, 0)
    }))

  it.effect("NB-21 an upcaster that makes nonsense of stored samples breaks sample-unreadable", () =>
    Effect.gen(function*() {
      const report = yield* check(message({}), sized(2, [Message.from(1, {}, () => ({ size: "big" }))]), changelog)
      assert.strictEqual(severityOf(report, "sample-unreadable"), "ERROR")
      assert.isTrue(report.broken)
      assert.include(report.findings.find(({ rule }) => rule === "sample-unreadable")?.detail, "of version 1: ")
    }))

  it.effect("NB-21 samples of every older version stay and are decoded", () =>
    Effect.gen(function*() {
      const first = yield* Snapshot.make({ name: "test", ...message({}) }, { version: "1.0.0" })
      const second = yield* Snapshot.make({ name: "test", ...sized(2, [older]) }, { version: "2.0.0", previous: first })
      const versions = second.contracts["message test.done"]?.parts["fields"]?.samples.map(({ version }) => version)
      assert.includeMembers([...versions ?? []], [1, 2])
      const broken = { ...older, up: () => ({ size: 0.5 }) }
      const report = yield* SchemaCheck.check({ name: "test", ...sized(2, [broken]) }, second, { changelog })
      assert.deepStrictEqual(
        rulesOf(report),
        ["sample-unreadable", "version-not-raised"].slice(0, report.findings.length)
      )
      assert.isTrue(report.broken)
    }))

  it.effect("NB-21 a break that only old readers feel is allowed with a higher version and no upcaster", () =>
    Effect.gen(function*() {
      const grown = message({ a: Literals(["x", "y"]) }, { version: 2 })
      const report = yield* check(message({ a: Literals(["x"]) }), grown, changelog)
      assert.deepStrictEqual(rulesOf(report), ["enum-value-added"])
      assert.isFalse(report.broken)
      const wired = message({ a: Int }, {
        version: 2,
        format: messagePack,
        upcast: [Message.from(1, { a: Int }, (old) => old, { format: Codec.json })]
      })
      assert.isFalse((yield* check(message({ a: Int }), wired, changelog)).broken)
    }))

  it.effect("NB-21 an operation that breaks is allowed with a higher version", () =>
    Effect.gen(function*() {
      const report = yield* check(operation({}), operation({ a: Int }, { version: 2 }), changelog)
      assert.deepStrictEqual(rulesOf(report), ["required-field-added"])
      assert.isFalse(report.broken)
    }))

  it.effect("NB-21 every change needs a line in the changelog with name and new version", () =>
    Effect.gen(function*() {
      const after = message({ a: optionalKey(Int) }, { version: 2 })
      for (const good of ["test.done 2", "* **test.done** is now v2.", "`test.done`: version 2, more"]) {
        assert.notInclude(rulesOf(yield* check(message({}), after, good)), "changelog-entry-missing", good)
      }
      const wrong = [
        "",
        "test.done",
        "test.done 1",
        "test.done 20",
        "test.done.more 2",
        "my-test.done 2",
        "testxdone 2"
      ]
      for (const text of [...wrong, "test.done 2.1", "test.done\n2"]) {
        assert.include(rulesOf(yield* check(message({}), after, text)), "changelog-entry-missing", text)
      }
      assert.isFalse((yield* check(message({}), none, "test.done was removed")).broken)
      assert.isTrue((yield* check(message({}), none, "test.done 2")).broken)
    }))

  it.effect("NB-21 breaks raise the first number of the snapshot, other changes the second", () =>
    Effect.gen(function*() {
      const next = (before: Part, after: Part) => Effect.map(check(before, after), ({ nextVersion }) => nextVersion)
      assert.strictEqual(yield* next(message({}), message({})), "1.2.3")
      assert.strictEqual(yield* next(message({}), message({ a: optionalKey(Int) })), "1.3.0")
      assert.strictEqual(yield* next(message({}), message({ a: Int })), "2.0.0")
    }))

  it.effect("NB-21 the same contracts give the same snapshot, and a snapshot finds nothing in itself", () =>
    Effect.gen(function*() {
      const all = Object.values(cases).flat().flatMap(([before, after]) => [before, after])
      for (const part of all) {
        const [one, two] = yield* Effect.all(
          [1, 2].map(() => Snapshot.make({ name: "t", ...part }, { version: "1.0.0" }))
        )
        assert.deepStrictEqual(one, two)
        assert.deepStrictEqual((yield* check(part, part)).findings, [])
      }
    }))
})
