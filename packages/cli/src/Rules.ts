/**
 * The rules that contracts change by. A change is judged in the directions in which data crosses versions:
 *
 * - `backward`: new code reads what old code wrote (inputs of operations, payloads of messages);
 * - `forward`: old code reads what new code writes (outputs and errors of operations, payloads of messages).
 *
 * `ERROR` means that data will be refused, `WARN` that a reader may be surprised, `INFO` that nobody notices; `-` means
 * that the rule does not arise in that direction. The table in `docs/reference/contracts.md` is this one.
 */

/** How bad a change is. */
export type Severity = "ERROR" | "WARN" | "INFO"

/** Who reads whom: see the head of this module. */
export type Direction = "backward" | "forward"

/** A rule: how bad its change is in each direction, what has changed, and what to do about it. */
export interface Rule extends Readonly<Record<Direction, Severity | "-">> {
  readonly what: string
  readonly fix: string
}

const raise = "Raise the version of the contract; a message also needs an upcaster from the older one."
const order = "Raise the version of the contract, and deploy readers before writers."
const nothing = "Nothing."

/**
 * Every rule by its stable name, in the order in which findings are listed.
 *
 * @example
 * ```ts
 * import { Rules } from "@kanau/cli"
 *
 * Rules.rules["required-field-added"].backward // => "ERROR"
 * ```
 */
export const rules = {
  "contract-removed": {
    backward: "ERROR",
    forward: "ERROR",
    what: "An operation or message of the snapshot is gone.",
    fix: "Keep it until nobody uses it; then name it and the word “removed” in the changelog."
  },
  "kind-changed": {
    backward: "ERROR",
    forward: "ERROR",
    what: "A message became an event, command or signal that it was not.",
    fix: "Declare a new message under a new name."
  },
  "codec-changed": {
    backward: "ERROR",
    forward: "ERROR",
    what: "A message has another wire format.",
    fix: "Raise the version, and give the upcaster from the older one the older `format`; deploy readers first."
  },
  "type-changed": {
    backward: "ERROR",
    forward: "ERROR",
    what: "A value has another type.",
    fix: `Add a new member instead. ${raise}`
  },
  "required-field-added": {
    backward: "ERROR",
    forward: "INFO",
    what: "A member that must be there is new.",
    fix: `Make it optional. ${raise}`
  },
  "optional-to-required": {
    backward: "ERROR",
    forward: "INFO",
    what: "A member that could be missing must be there.",
    fix: `Leave it optional. ${raise}`
  },
  "required-field-removed": {
    backward: "WARN",
    forward: "ERROR",
    what: "A member that had to be there is gone.",
    fix: `Go on writing it. ${order}`
  },
  "field-removed": {
    backward: "WARN",
    forward: "WARN",
    what: "A member that could be missing is gone.",
    fix: "Check that nobody reads it any more, and never use its name for something else."
  },
  "required-to-optional": {
    backward: "INFO",
    forward: "WARN",
    what: "A member that had to be there may be missing.",
    fix: "Deploy readers before writers that leave it out."
  },
  "enum-value-removed": {
    backward: "ERROR",
    forward: "INFO",
    what: "A value of an enumeration is gone.",
    fix: `Go on reading it. ${raise}`
  },
  "enum-value-added": {
    backward: "INFO",
    forward: "ERROR",
    what: "An enumeration has a new value, which old readers refuse.",
    fix: order
  },
  "variant-removed": {
    backward: "ERROR",
    forward: "INFO",
    what: "A member of a union is gone.",
    fix: `Go on reading it. ${raise}`
  },
  "variant-added": {
    backward: "INFO",
    forward: "ERROR",
    what: "A union has a new member (or a value may now be null), which old readers refuse.",
    fix: order
  },
  "constraint-narrowed": {
    backward: "ERROR",
    forward: "INFO",
    what: "A limit is tighter, or new.",
    fix: `Check the tighter limit where the value is used, not where it is read. ${raise}`
  },
  "constraint-widened": {
    backward: "INFO",
    forward: "WARN",
    what: "A limit is looser, or gone; old readers still have it.",
    fix: "Deploy readers before writers that use the new room."
  },
  "error-kind-changed": {
    backward: "-",
    forward: "ERROR",
    what: "An error of an operation has another fault kind, and with it another HTTP status.",
    fix: "Declare a new error under a new name."
  },
  "error-added": {
    backward: "-",
    forward: "WARN",
    what: "An operation may fail with an error that its callers do not know.",
    fix: "Check that callers treat errors they do not know by their status."
  },
  "error-removed": {
    backward: "-",
    forward: "INFO",
    what: "An operation no longer fails with an error.",
    fix: nothing
  },
  "schema-changed": {
    backward: "WARN",
    forward: "WARN",
    what: "A schema differs in a way that no other rule describes.",
    fix: "Compare the two by hand."
  },
  "sample-unreadable": {
    backward: "ERROR",
    forward: "-",
    what: "Stored bytes of an older version are refused by the new code.",
    fix: "Correct the upcaster, or the schema where its constraint is not one that JSON Schema shows."
  },
  "sample-unreadable-by-old": {
    backward: "-",
    forward: "ERROR",
    what: "A sample of the new code is refused by the schema in the snapshot.",
    fix: order
  },
  "field-added": { backward: "INFO", forward: "INFO", what: "A member that may be missing is new.", fix: nothing },
  "contract-added": { backward: "INFO", forward: "INFO", what: "An operation or message is new.", fix: nothing },
  "version-not-raised": {
    backward: "ERROR",
    forward: "ERROR",
    what: "A contract changed, and its version did not grow.",
    fix: "Raise `version` in the contract."
  },
  "upcaster-missing": {
    backward: "ERROR",
    forward: "-",
    what: "A message broke with its older version, and nothing brings older messages up.",
    fix: "Add `Message.from(olderVersion, olderFields, up)` to `upcast` in the contract."
  },
  "changelog-entry-missing": {
    backward: "ERROR",
    forward: "ERROR",
    what: "A contract changed, and the changelog does not say so.",
    fix: "Add a line with the name of the contract and its new version."
  }
} as const satisfies Record<string, Rule>

/** The stable name of a rule. */
export type RuleName = keyof typeof rules

/**
 * How bad a change is where data crosses versions in these directions.
 *
 * @example
 * ```ts
 * import { Rules } from "@kanau/cli"
 *
 * Rules.severity("required-field-added", ["forward"]) // => "INFO"
 * Rules.severity("required-field-added", ["backward", "forward"]) // => "ERROR"
 * ```
 */
export const severity = (name: RuleName, directions: ReadonlyArray<Direction>): Severity => {
  const found = directions.map((direction) => rules[name][direction])
  return found.includes("ERROR") ? "ERROR" : found.includes("WARN") ? "WARN" : "INFO"
}
